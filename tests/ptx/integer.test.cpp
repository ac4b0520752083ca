// Integer instructions against arithmetic in 128 bits.
#include <gtest/gtest.h>

#include "tests/ptx/operands.hpp"

namespace scorepath::ptx::test {
namespace {

__extension__ using Exact = __int128;

/// The low bits of an exact result.
template <class T>
T low(Exact exact) {
  return static_cast<T>(static_cast<BitsOf<T>>(exact));
}
/// The high half of the exact product of 64-bit numbers, from four products of halves.
std::uint64_t high_product(std::uint64_t a, std::uint64_t b) {
  const std::uint64_t a0 = a & 0xffffffffu, a1 = a >> 32, b0 = b & 0xffffffffu, b1 = b >> 32;
  const std::uint64_t middle = a1 * b0 + (a0 * b0 >> 32);
  const std::uint64_t other = a0 * b1 + (middle & 0xffffffffu);
  return a1 * b1 + (middle >> 32) + (other >> 32);
}
template <class T>
T high(T a, T b) {
  if constexpr (sizeof(T) < 8) {
    return low<T>((Exact{a} * Exact{b}) >> (8 * sizeof(T)));
  } else {
    std::uint64_t result = high_product(static_cast<std::uint64_t>(a), static_cast<std::uint64_t>(b));
    if (std::is_signed_v<T> && a < T{0}) result -= static_cast<std::uint64_t>(b);
    if (std::is_signed_v<T> && b < T{0}) result -= static_cast<std::uint64_t>(a);
    return static_cast<T>(result);
  }
}
template <class T>
Exact quotient(T a, T b) {
  return b == T{0} ? Exact{-1} : Exact{a} / Exact{b};
}

template <class T>
void check_type(const std::string& t) {
  check_binary<T, T, T>("add." + t + " %x, %a, %b;", [](T a, T b) { return low<T>(Exact{a} + b); });
  check_binary<T, T, T>("sub." + t + " %x, %a, %b;", [](T a, T b) { return low<T>(Exact{a} - b); });
  // A product of 64-bit numbers does not fit 128 bits with a sign, but its low half does not know the sign.
  check_binary<T, T, T>("mul.lo." + t + " %x, %a, %b;", [](T a, T b) {
    return static_cast<T>(static_cast<std::uint64_t>(a) * static_cast<std::uint64_t>(b));
  });
  check_binary<T, T, T>("mul.hi." + t + " %x, %a, %b;", [](T a, T b) { return high(a, b); });
  check_ternary<T, T, T, T>("mad.lo." + t + " %x, %a, %b, %c;", [](T a, T b, T c) {
    return static_cast<T>(static_cast<std::uint64_t>(a) * static_cast<std::uint64_t>(b) +
                          static_cast<std::uint64_t>(c));
  });
  check_ternary<T, T, T, T>("mad.hi." + t + " %x, %a, %b, %c;",
                            [](T a, T b, T c) { return low<T>(Exact{high(a, b)} + c); });
  check_binary<T, T, T>("div." + t + " %x, %a, %b;", [](T a, T b) { return low<T>(quotient(a, b)); });
  check_binary<T, T, T>("rem." + t + " %x, %a, %b;",
                        [](T a, T b) { return b == T{0} ? a : low<T>(Exact{a} - quotient(a, b) * b); });
  check_binary<T, T, T>("min." + t + " %x, %a, %b;", [](T a, T b) { return Exact{a} <= Exact{b} ? a : b; });
  check_binary<T, T, T>("max." + t + " %x, %a, %b;", [](T a, T b) { return Exact{a} >= Exact{b} ? a : b; });
  if constexpr (std::is_signed_v<T>) {
    check_unary<T, T>("neg." + t + " %x, %a;", [](T a) { return low<T>(-Exact{a}); });
    check_unary<T, T>("abs." + t + " %x, %a;", [](T a) { return low<T>(a < 0 ? -Exact{a} : Exact{a}); });
  }
}

template <class T, class Wide>
void check_widening(const std::string& t) {
  check_binary<Wide, T, T>("mul.wide." + t + " %x, %a, %b;", [](T a, T b) { return low<Wide>(Exact{a} * b); });
  check_ternary<Wide, T, T, Wide>("mad.wide." + t + " %x, %a, %b, %c;",
                                  [](T a, T b, Wide c) { return low<Wide>(Exact{a} * b + c); });
}

TEST(PtxIntegers, Of16Bits) {
  check_type<std::uint16_t>("u16");
  check_type<std::int16_t>("s16");
}
TEST(PtxIntegers, Of32Bits) {
  check_type<std::uint32_t>("u32");
  check_type<std::int32_t>("s32");
}
TEST(PtxIntegers, Of64Bits) {
  check_type<std::uint64_t>("u64");
  check_type<std::int64_t>("s64");
}
TEST(PtxIntegers, WideProducts) {
  check_widening<std::uint16_t, std::uint32_t>("u16");
  check_widening<std::int16_t, std::int32_t>("s16");
  check_widening<std::uint32_t, std::uint64_t>("u32");
  check_widening<std::int32_t, std::int64_t>("s32");
}

/// The instructions say what they do to zero and to the least integer; C++ does not.
TEST(PtxIntegers, DivisionsThatCppLeavesOpen) {
  const std::vector<std::int32_t> a = {5, -5, 0, std::numeric_limits<std::int32_t>::min()}, b = {0, 0, 0, -1};
  EXPECT_EQ(evaluate<std::int32_t>("div.s32 %x, %a, %b;", a, b),
            (std::vector<std::int32_t>{-1, -1, -1, std::numeric_limits<std::int32_t>::min()}));
  EXPECT_EQ(evaluate<std::int32_t>("rem.s32 %x, %a, %b;", a, b), (std::vector<std::int32_t>{5, -5, 0, 0}));
}

/// Three words of 32 bits added and subtracted as one number.
TEST(PtxIntegers, Carries) {
  const auto with = binary_operands<std::uint64_t, std::uint64_t>();
  const std::string split =
      ".reg .b32 %l, %h, %m, %n, %t, %zero, %r0, %r1, %r2; mov.b64 {%l, %h}, %a; mov.b64 {%m, %n}, %b; mov.b32 %zero, "
      "0;";
  // a + b + (a + b's carry into a third word), and a - b with the borrow.
  const auto [sum, carry] = evaluate_all<std::uint64_t, std::uint32_t>(
      split + "add.cc.u32 %r0, %l, %m; addc.cc.u32 %r1, %h, %n; addc.u32 %y, %zero, 0; mov.b64 %x, {%r0, %r1};", with.a,
      with.b);
  const auto [difference, borrow] = evaluate_all<std::uint64_t, std::uint32_t>(
      split + "sub.cc.u32 %r0, %l, %m; subc.cc.s32 %r1, %h, %n; subc.u32 %y, %zero, 0; mov.b64 %x, {%r0, %r1};", with.a,
      with.b);
  const auto [sum64, carry64] =
      evaluate_all<std::uint64_t, std::uint64_t>("add.cc.u64 %x, %a, %b; addc.u64 %y, 0, 0;", with.a, with.b);
  const auto [difference64, borrow64] = evaluate_all<std::uint64_t, std::uint64_t>(
      "sub.cc.s64 %x, %a, %b; subc.cc.u64 %y, 0, 0; subc.u64 %y, %y, 0;", with.a, with.b);
  for (std::size_t k = 0; k < with.a.size(); ++k) {
    const std::uint64_t a = with.a[k], b = with.b[k];
    __extension__ using Wide = unsigned __int128;
    const Wide total = Wide{a} + b;
    ASSERT_EQ(sum[k], static_cast<std::uint64_t>(total));
    ASSERT_EQ(carry[k], static_cast<std::uint32_t>(total >> 64));
    ASSERT_EQ(difference[k], a - b);
    ASSERT_EQ(borrow[k], a < b ? ~0u : 0u);
    ASSERT_EQ(sum64[k], sum[k]);
    ASSERT_EQ(carry64[k], carry[k]);
    ASSERT_EQ(difference64[k], a - b);
    // The borrow goes through the second word and out of it again.
    ASSERT_EQ(borrow64[k], a < b ? ~std::uint64_t{1} : 0u);
  }
}

}  // namespace
}  // namespace scorepath::ptx::test
