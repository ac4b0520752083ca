// cvt between all types, in all roundings.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/ptx/exact.hpp"

namespace scorepath::ptx::test {
namespace {

template <class Visit>
void visit_integers(const Visit& visit) {
  visit("u8", std::uint8_t{});
  visit("s8", std::int8_t{});
  visit("u16", std::uint16_t{});
  visit("s16", std::int16_t{});
  visit("u32", std::uint32_t{});
  visit("s32", std::int32_t{});
  visit("u64", std::uint64_t{});
  visit("s64", std::int64_t{});
}
template <class Visit>
void visit_floats(const Visit& visit) {
  visit("f32", float{});
  visit("f64", double{});
}

TEST(PtxConversions, IntegersToIntegers) {
  visit_integers([](const std::string& from, auto source) {
    visit_integers([&](const std::string& to, auto result) {
      using S = decltype(source);
      using D = decltype(result);
      // 2^bits is subtracted or added until the number fits.
      check_unary<D, S>("cvt." + to + "." + from + " %x, %a;", [](S a) {
        __extension__ using Exact = __int128;
        const Exact period = Exact{1} << (8 * sizeof(D));
        Exact value = (Exact{a} % period + period) % period;
        if (std::is_signed_v<D> && value >= period / 2) value -= period;
        return static_cast<D>(value);
      });
    });
  });
}

TEST(PtxConversions, IntegersToFloats) {
  visit_integers([](const std::string& from, auto source) {
    visit_floats([&](const std::string& to, auto result) {
      for (const auto& [name, mode] : modes) {
        check_unary<decltype(result), decltype(source)>(
            "cvt.r" + std::string(name) + "." + to + "." + from + " %x, %a;",
            [mode = mode](auto a) { return rounded<decltype(result)>(static_cast<Quad>(a), mode); });
      }
    });
  });
}

/// The integer that an exact number rounds to, as a whole number in 113 bits; |a| < 2^70.
Quad whole(Quad a, Mode mode) {
  __extension__ using Exact = __int128;
  const Quad floor = static_cast<Quad>(static_cast<Exact>(a)) > a ? static_cast<Quad>(static_cast<Exact>(a)) - 1
                                                                  : static_cast<Quad>(static_cast<Exact>(a));
  const Quad rest = a - floor;
  const bool odd = static_cast<Exact>(floor) % 2 != 0;
  const bool up = mode == Mode::up     ? rest > 0
                  : mode == Mode::down ? false
                  : mode == Mode::zero ? rest > 0 && a < 0
                                       : rest > 0.5 || (rest == 0.5 && odd);
  return up ? floor + 1 : floor;
}

template <class D, class S>
D saturated(S a, Mode mode) {
  if (is_nan(a)) {
    const bool zero = sizeof(S) == 4 && sizeof(D) < 8;
    return zero ? D{0} : static_cast<D>(D{1} << (8 * sizeof(D) - 1));
  }
  const Quad least = static_cast<Quad>(std::numeric_limits<D>::min()),
             most = static_cast<Quad>(std::numeric_limits<D>::max());
  if (std::fabs(a) >= S(1e21)) return a > 0 ? std::numeric_limits<D>::max() : std::numeric_limits<D>::min();
  const Quad value = std::clamp(whole(a, mode), least, most);
  return static_cast<D>(value);
}

TEST(PtxConversions, FloatsToIntegers) {
  visit_floats([](const std::string& from, auto source) {
    visit_integers([&](const std::string& to, auto result) {
      using S = decltype(source);
      using D = decltype(result);
      for (const auto& [name, mode] : modes) {
        const std::string text = "cvt.r" + std::string(name) + "i." + to + "." + from + " %x, %a;";
        check_unary<D, S>(text, [mode = mode](S a) { return saturated<D>(a, mode); });
        // Numbers that the type holds, with fractions.
        std::vector<S> a;
        std::mt19937_64 words(scorepath::test::test_seed());
        for (int k = 0; k < 500; ++k) {
          const S size = std::ldexp(S{1}, static_cast<int>(words() % (8 * sizeof(D) + 2)));
          a.push_back(std::round(static_cast<S>(static_cast<std::int32_t>(words())) / S(0x1p29) * size) / 4);
        }
        const std::vector<D> x = evaluate<D>(text, a);
        for (std::size_t k = 0; k < a.size(); ++k) {
          ASSERT_EQ(+x[k], +(saturated<D>(a[k], mode))) << text << " " << a[k];
        }
      }
    });
  });
}

TEST(PtxConversions, FloatsToWholeFloats) {
  visit_floats([](const std::string& t, auto example) {
    using T = decltype(example);
    for (const auto& [name, mode] : modes) {
      check_unary<T, T>("cvt.r" + std::string(name) + "i." + t + "." + t + " %x, %a;", [mode = mode](T a) {
        if (is_nan(a)) return nan_of(a);
        if (std::fabs(a) >= T(1e18)) return a;
        const T value = static_cast<T>(whole(a, mode));
        return std::signbit(a) ? -std::fabs(value) : value;
      });
    }
  });
}

TEST(PtxConversions, BetweenFloats) {
  check_unary<double, float>("cvt.f64.f32 %x, %a;", [](float a) {
    if (!is_nan(a)) return static_cast<double>(static_cast<Quad>(a));
    const std::uint64_t payload = std::uint64_t{bits_of(a) & 0x7fffffu} << 29, sign = bits_of(a) >> 31;
    return std::bit_cast<double>(sign << 63 | 0x7ff8000000000000u | payload);
  });
  for (const auto& [name, mode] : modes) {
    check_unary<float, double>("cvt.r" + std::string(name) + ".f32.f64 %x, %a;", [mode = mode](double a) {
      if (is_nan(a)) return nan_of(0.0f);
      if (std::isinf(a) || a == 0) return static_cast<float>(a);
      const float value = rounded<float>(a, mode);
      return std::signbit(a) ? -std::fabs(value) : value;
    });
    // Where floats are, and next to them.
    std::vector<double> a;
    std::vector<float> want;
    for (const float f : random_values<float>(3000, 9)) {
      if (!std::isfinite(f)) continue;
      for (const double d : {static_cast<double>(f), std::nextafter(static_cast<double>(f), 1e300),
                             (static_cast<double>(f) + static_cast<double>(std::nextafter(f, 1e38f))) / 2}) {
        a.push_back(d);
        const float value = rounded<float>(d, mode);
        want.push_back(std::signbit(d) ? -std::fabs(value) : value);
      }
    }
    const std::vector<float> x = evaluate<float>("cvt.r" + std::string(name) + ".f32.f64 %x, %a;", a);
    for (std::size_t k = 0; k < a.size(); ++k) ASSERT_EQ(bits_of(x[k]), bits_of(want[k])) << name << a[k];
  }
}

/// A register may be wider than the type: low bits are read, results are extended.
TEST(PtxConversions, WiderRegisters) {
  const std::vector<std::uint32_t> a = {0x12345678u, 0xffffff80u, 0x8000ff7fu};
  EXPECT_EQ(evaluate<std::uint64_t>("cvt.s8.s32 %x, %a;", a),
            (std::vector<std::uint64_t>{0x78, 0xffffffffffffff80u, 0x7f}));
  EXPECT_EQ(evaluate<std::uint64_t>("cvt.u8.u32 %x, %a;", a), (std::vector<std::uint64_t>{0x78, 0x80, 0x7f}));
  EXPECT_EQ(evaluate<std::uint32_t>("cvt.s32.s8 %x, %a;", a), (std::vector<std::uint32_t>{0x78, 0xffffff80u, 0x7f}));
  EXPECT_EQ(evaluate<float>("cvt.rn.f32.s16 %x, %a;", a), (std::vector<float>{0x5678, -128, -129}));
  EXPECT_EQ(evaluate<std::uint64_t>("cvt.rzi.s16.f32 %x, 0fC2000000;", a),
            (std::vector<std::uint64_t>(3, static_cast<std::uint64_t>(-32))));
}

}  // namespace
}  // namespace scorepath::ptx::test
