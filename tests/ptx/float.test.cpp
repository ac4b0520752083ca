// Floating-point instructions against arithmetic in 113 bits, rounded once.
#include <gtest/gtest.h>

#include "tests/ptx/exact.hpp"

namespace scorepath::ptx::test {
namespace {

template <class T>
constexpr T infinity_of = std::numeric_limits<T>::infinity();
template <class T>
T signed_value(T magnitude, bool negative) {
  return negative ? -magnitude : magnitude;
}

template <class T>
T exact_sum(T a, T b) {
  if (is_nan(a) || is_nan(b)) return nan_of(a, b);
  if (std::isinf(a) && std::isinf(b) && std::signbit(a) != std::signbit(b)) return nan_of(T{0});
  if (std::isinf(a)) return a;
  if (std::isinf(b)) return b;
  if (a == 0 && b == 0) return signed_value(T{0}, std::signbit(a) && std::signbit(b));
  const Quad exact = odd_sum(a, b);
  return exact == 0 ? T{0} : rounded<T>(exact);
}
template <class T>
T exact_product(T a, T b) {
  if (is_nan(a) || is_nan(b)) return nan_of(a, b);
  const bool negative = std::signbit(a) != std::signbit(b);
  if ((std::isinf(a) && b == 0) || (std::isinf(b) && a == 0)) return nan_of(T{0});
  if (std::isinf(a) || std::isinf(b)) return signed_value(infinity_of<T>, negative);
  if (a == 0 || b == 0) return signed_value(T{0}, negative);
  return rounded<T>(Quad{a} * Quad{b});
}
template <class T>
T exact_quotient(T a, T b) {
  if (is_nan(a) || is_nan(b)) return nan_of(a, b);
  const bool negative = std::signbit(a) != std::signbit(b);
  if ((std::isinf(a) && std::isinf(b)) || (a == 0 && b == 0)) return nan_of(T{0});
  if (std::isinf(a) || b == 0) return signed_value(infinity_of<T>, negative);
  if (std::isinf(b) || a == 0) return signed_value(T{0}, negative);
  return rounded<T>(Quad{a} / Quad{b});
}
template <class T>
T exact_fma(T a, T b, T c) {
  if (is_nan(a) || is_nan(b) || is_nan(c)) return nan_of(T{0});
  const bool negative = std::signbit(a) != std::signbit(b);
  if ((std::isinf(a) && b == 0) || (std::isinf(b) && a == 0)) return nan_of(T{0});
  if (std::isinf(a) || std::isinf(b)) {
    return std::isinf(c) && std::signbit(c) != negative ? nan_of(T{0}) : signed_value(infinity_of<T>, negative);
  }
  if (std::isinf(c)) return c;
  const Quad product = Quad{a} * Quad{b};
  if (product == 0 && c == 0) return signed_value(T{0}, negative && std::signbit(c));
  const Quad exact = odd_sum(product, c);
  return exact == 0 ? T{0} : rounded<T>(exact);
}

template <class T>
T exact_min(T a, T b) {
  if (is_nan(a) && is_nan(b)) return nan_of(a, b);
  if (is_nan(a) || is_nan(b)) return is_nan(a) ? b : a;
  if (order_of(a) == order_of(b)) return std::signbit(a) ? a : b;
  return order_of(a) < order_of(b) ? a : b;
}
template <class T>
T exact_max(T a, T b) {
  if (is_nan(a) && is_nan(b)) return nan_of(a, b);
  if (is_nan(a) || is_nan(b)) return is_nan(a) ? b : a;
  if (order_of(a) == order_of(b)) return std::signbit(a) ? b : a;
  return order_of(a) > order_of(b) ? a : b;
}

template <class T>
void check_arithmetic(const std::string& t) {
  check_binary<T, T, T>("add.rn." + t + " %x, %a, %b;", exact_sum<T>);
  check_binary<T, T, T>("sub.rn." + t + " %x, %a, %b;",
                        [](T a, T b) { return is_nan(a) || is_nan(b) ? nan_of(a, b) : exact_sum(a, -b); });
  check_binary<T, T, T>("mul.rn." + t + " %x, %a, %b;", exact_product<T>);
  check_binary<T, T, T>("div.rn." + t + " %x, %a, %b;", exact_quotient<T>);
  check_unary<T, T>("rcp.rn." + t + " %x, %a;", [](T a) { return exact_quotient(T{1}, a); });
  check_ternary<T, T, T, T>("fma.rn." + t + " %x, %a, %b, %c;", exact_fma<T>);
  check_binary<T, T, T>("min." + t + " %x, %a, %b;", exact_min<T>);
  check_binary<T, T, T>("max." + t + " %x, %a, %b;", exact_max<T>);
}

TEST(PtxFloats, Arithmetic) { check_arithmetic<float>("f32"); }
TEST(PtxDoubles, Arithmetic) { check_arithmetic<double>("f64"); }

TEST(PtxFloats, MinAndMaxThatKeepNan) {
  check_binary<float, float, float>(
      "min.NaN.f32 %x, %a, %b;", [](float a, float b) { return is_nan(a) || is_nan(b) ? nan_of(a) : exact_min(a, b); });
  check_binary<float, float, float>(
      "max.NaN.f32 %x, %a, %b;", [](float a, float b) { return is_nan(a) || is_nan(b) ? nan_of(a) : exact_max(a, b); });
}

/// Sums that lie almost half-way between two floats: a second rounding would send them the wrong way.
TEST(PtxFloats, FusedSumsAreRoundedOnce) {
  std::vector<float> a, b, c;
  std::mt19937_64 words(scorepath::test::test_seed());
  for (int k = 0; k < 5000; ++k) {
    // An odd product between 2^24 and 2^25 lies half-way between two floats, and c decides which way.
    a.push_back(static_cast<float>(1024 + words() % 1024 / 2 * 2 + 1));
    b.push_back(static_cast<float>(16384 + words() % 16384 / 2 * 2 + 1));
    c.push_back(std::ldexp(words() & 1 ? 1.0f : -1.0f, -1 - static_cast<int>(words() % 120)));
  }
  const std::vector<float> x = evaluate<float>("fma.rn.f32 %x, %a, %b, %c;", a, b, c);
  int differ = 0;
  for (std::size_t k = 0; k < x.size(); ++k) {
    ASSERT_EQ(bits_of(x[k]), bits_of(exact_fma(a[k], b[k], c[k]))) << a[k] << " " << b[k] << " " << c[k];
    differ += x[k] != a[k] * b[k] + c[k] ? 1 : 0;
  }
  EXPECT_GT(differ, 500);
}

/// The root of a is the float r whose neighbourhood, squared, holds a.
template <class T>
void check_root(const std::string& t) {
  const std::vector<T> a = unary_operands<T>(), x = evaluate<T>("sqrt.rn." + t + " %x, %a;", a);
  for (std::size_t k = 0; k < x.size(); ++k) {
    if (is_nan(a[k]) || a[k] < 0) {
      ASSERT_EQ(bits_of(x[k]), bits_of(nan_of(is_nan(a[k]) ? a[k] : T{0}))) << a[k];
    } else if (a[k] == 0 || std::isinf(a[k])) {
      ASSERT_EQ(bits_of(x[k]), bits_of(a[k]));
    } else {
      const Quad below = (Quad{x[k]} + std::nextafter(x[k], T{0})) / 2;
      const Quad above = (Quad{x[k]} + std::nextafter(x[k], infinity_of<T>)) / 2;
      ASSERT_TRUE(below * below <= a[k] && a[k] <= above * above) << a[k];
    }
  }
}
TEST(PtxFloats, SquareRoots) { check_root<float>("f32"); }
TEST(PtxDoubles, SquareRoots) { check_root<double>("f64"); }

template <class T>
void check_signs(const std::string& t) {
  constexpr BitsOf<T> sign = BitsOf<T>{1} << (8 * sizeof(T) - 1);
  const auto settled = [](T a) { return is_nan(a) && sizeof(T) == 4 ? nan_of(a) : a; };
  check_unary<T, T>("neg." + t + " %x, %a;", [&](T a) { return settled(std::bit_cast<T>(bits_of(a) ^ sign)); });
  check_unary<T, T>("abs." + t + " %x, %a;", [&](T a) { return settled(std::bit_cast<T>(bits_of(a) & ~sign)); });
  check_binary<T, T, T>("copysign." + t + " %x, %a, %b;",
                        [&](T a, T b) { return std::bit_cast<T>((bits_of(a) & sign) | (bits_of(b) & ~sign)); });
}
TEST(PtxFloats, Signs) { check_signs<float>("f32"); }
TEST(PtxDoubles, Signs) { check_signs<double>("f64"); }

template <class T>
void check_classes(const std::string& t) {
  const auto ask = [&](const std::string& what, const auto& want) {
    check_unary<Flag, T>("testp." + what + "." + t + " %x, %a;", [&](T a) { return flag(want(a)); });
  };
  const auto size = [](T a) { return order_of(a) < 0 ? -order_of(a) : order_of(a); };
  const std::int64_t infinite = order_of(infinity_of<T>), normal = order_of(std::numeric_limits<T>::min());
  ask("finite", [&](T a) { return size(a) < infinite; });
  ask("infinite", [&](T a) { return size(a) == infinite; });
  ask("number", [&](T a) { return size(a) <= infinite; });
  ask("notanumber", [&](T a) { return size(a) > infinite; });
  ask("normal", [&](T a) { return size(a) == 0 || (size(a) >= normal && size(a) < infinite); });
  ask("subnormal", [&](T a) { return size(a) > 0 && size(a) < normal; });
}
TEST(PtxFloats, Classes) { check_classes<float>("f32"); }
TEST(PtxDoubles, Classes) { check_classes<double>("f64"); }

/// Immediates in bits, as nvcc writes them.
TEST(PtxFloats, Immediates) {
  const std::vector<float> a = {1.0f, -3.5f};
  EXPECT_EQ(evaluate<float>("fma.rn.f32 %x, %a, 0f40000000, 0fBF800000;", a), (std::vector<float>{1.0f, -8.0f}));
  EXPECT_EQ(evaluate<double>("cvt.f64.f32 %x, %a; add.rn.f64 %x, %x, 0d3FE0000000000000;", a),
            (std::vector<double>{1.5, -3.0}));
}

}  // namespace
}  // namespace scorepath::ptx::test
