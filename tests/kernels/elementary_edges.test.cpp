// The elementary functions where errors in ULP say little: NaN, zeros, infinities, clamps, exact values, symmetry,
// order.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "kernels/lane/elementary.hpp"
#include "tests/support/seed.hpp"
#include "tests/support/ulp.hpp"

namespace scorepath::kernels {
namespace {

template <class F>
F sine_of(F x) {
  F s = 0;
  F c = 0;
  sincospi(x, s, c);
  return s;
}
template <class F>
F cosine_of(F x) {
  F s = 0;
  F c = 0;
  sincospi(x, s, c);
  return c;
}

template <class F>
struct Named {
  const char* name;
  F (*function)(F);
};

/// All functions of one argument that promise something for every argument.
template <class F>
std::vector<Named<F>> all_functions() {
  return {{"exp2", exp2<F>},
          {"exp2_nonpositive", exp2_nonpositive<F>},
          {"exp", exp<F>},
          {"expm1", expm1<F>},
          {"log", log<F>},
          {"log2", log2<F>},
          {"log1p", log1p<F>},
          {"tanh", tanh<F>},
          {"atan", atan<F>},
          {"sigmoid", sigmoid<F>},
          {"sinpi", sine_of<F>},
          {"cospi", cosine_of<F>},
          {"normal_quantile", normal_quantile<F>}};
}

template <class F>
class ElementaryEdges : public ::testing::Test {
 protected:
  static constexpr bool is_double = sizeof(F) == 8;
  static constexpr F inf = std::numeric_limits<F>::infinity();
  static constexpr F tiniest = std::numeric_limits<F>::denorm_min();
  static constexpr F smallest = std::numeric_limits<F>::min();
  static constexpr F largest = std::numeric_limits<F>::max();
  static F power_of_two(int exponent) { return std::ldexp(F(1), exponent); }
  static F above(F x) { return std::nextafter(x, inf); }
  static F below(F x) { return std::nextafter(x, -inf); }
};
using Precisions = ::testing::Types<float, double>;
TYPED_TEST_SUITE(ElementaryEdges, Precisions);

TYPED_TEST(ElementaryEdges, NanOfAnyPayloadAndSignStaysNan) {
  using F = TypeParam;
  std::vector<F> nans;
  if constexpr (std::is_same_v<F, double>) {
    for (const std::uint64_t bits : {0x7ff8000000000000u, 0xfff8000000000000u, 0x7fffffffffffffffu, 0xffffffffffffffffu,
                                     0x7ff8000000000001u, 0x7ff0000000000001u, 0xfffd555555555555u}) {
      nans.push_back(test::double_of_bits(bits));
    }
  } else {
    for (const std::uint32_t bits :
         {0x7fc00000u, 0xffc00000u, 0x7fffffffu, 0xffffffffu, 0x7fc00001u, 0x7f800001u, 0xffd55555u}) {
      nans.push_back(test::float_of_bits(bits));
    }
  }
  for (const auto& [name, function] : all_functions<F>()) {
    for (const F x : nans) {
      ASSERT_TRUE(std::isnan(x));
      EXPECT_TRUE(std::isnan(function(x))) << name << " of " << std::hex << as_bits(x);
    }
  }
}

TYPED_TEST(ElementaryEdges, PowersOfTwoAreExact) {
  using F = TypeParam;
  const int lowest = TestFixture::is_double ? -1022 : -126;
  const int highest = TestFixture::is_double ? 1023 : 127;
  for (int n = lowest; n <= highest; ++n) {
    EXPECT_EQ(exp2(static_cast<F>(n)), TestFixture::power_of_two(n));
    EXPECT_EQ(log2(TestFixture::power_of_two(n)), static_cast<F>(n));
  }
  for (int n = TestFixture::is_double ? -1000 : -120; n <= 0; ++n) {
    EXPECT_EQ(exp2_nonpositive(static_cast<F>(n)), TestFixture::power_of_two(n));
  }
  EXPECT_EQ(log2(TestFixture::tiniest), TestFixture::is_double ? -1074 : -149);
  EXPECT_EQ(exp(F(0)), 1);
  EXPECT_EQ(exp(F(-0.0)), 1);
  EXPECT_EQ(sigmoid(F(0)), F(0.5));
  EXPECT_EQ(normal_quantile(F(0.5)), 0);
}

TYPED_TEST(ElementaryEdges, ExponentialsAreClampedAsDocumented) {
  using F = TypeParam;
  const F floor2 = TestFixture::is_double ? -1022 : -126;
  const F floor_nonpositive = TestFixture::is_double ? -1000 : -120;
  const auto floor_e = static_cast<F>(TestFixture::is_double ? -707.7 : -86.64);
  for (const F x : {-TestFixture::inf, -TestFixture::largest, F(2) * floor2, TestFixture::below(floor2), floor2}) {
    EXPECT_EQ(exp2(x), TestFixture::smallest) << x;
    EXPECT_EQ(exp2_nonpositive(x), exp2_nonpositive(floor_nonpositive)) << x;
    EXPECT_EQ(exp(x), exp(floor_e)) << x;
    EXPECT_EQ(sigmoid(x), sigmoid(floor_e)) << x;
    EXPECT_EQ(expm1(x), -1) << x;
  }
  EXPECT_GT(exp2(TestFixture::above(floor2)), TestFixture::smallest);
  EXPECT_EQ(exp2_nonpositive(floor_nonpositive), std::exp2(floor_nonpositive));
  EXPECT_GE(exp(floor_e), TestFixture::smallest);
  EXPECT_GE(sigmoid(-TestFixture::inf), TestFixture::smallest);
  const F top = TestFixture::is_double ? 1024 : 128;
  EXPECT_LT(exp2(TestFixture::below(top)), TestFixture::inf);
  EXPECT_GT(exp2(TestFixture::below(top)), TestFixture::largest / F(1.0001));
  for (const F x : {top, TestFixture::above(top), TestFixture::largest, TestFixture::inf}) {
    EXPECT_EQ(exp2(x), TestFixture::inf) << x;
    EXPECT_EQ(exp(x), TestFixture::inf) << x;
    EXPECT_EQ(expm1(x), TestFixture::inf) << x;
    EXPECT_EQ(sigmoid(x), 1) << x;
  }
}

TYPED_TEST(ElementaryEdges, ZerosKeepTheirSign) {
  using F = TypeParam;
  const std::vector<Named<F>> odd_at_zero = {
      {"expm1", expm1<F>}, {"log1p", log1p<F>}, {"tanh", tanh<F>}, {"atan", atan<F>}, {"sinpi", sine_of<F>}};
  for (const auto& [name, function] : odd_at_zero) {
    EXPECT_EQ(as_bits(function(F(0.0))), as_bits(F(0.0))) << name;
    EXPECT_EQ(as_bits(function(F(-0.0))), as_bits(F(-0.0))) << name;
    if (function == &sine_of<F>) continue;
    for (const F x : {TestFixture::tiniest, TestFixture::smallest, TestFixture::power_of_two(-70)}) {
      EXPECT_EQ(function(x), x) << name;
      EXPECT_EQ(function(-x), -x) << name;
    }
  }
  EXPECT_EQ(as_bits(log(F(1))), as_bits(F(0.0)));
  EXPECT_EQ(as_bits(log2(F(1))), as_bits(F(0.0)));
  EXPECT_EQ(as_bits(normal_quantile(F(0.5))), as_bits(F(0.0)));
}

TYPED_TEST(ElementaryEdges, LogarithmsAtTheirEnds) {
  using F = TypeParam;
  for (const auto function : {log<F>, log2<F>}) {
    EXPECT_EQ(function(F(0.0)), -TestFixture::inf);
    EXPECT_EQ(function(F(-0.0)), -TestFixture::inf);
    EXPECT_EQ(function(TestFixture::inf), TestFixture::inf);
    for (const F x : {-TestFixture::tiniest, -TestFixture::smallest, F(-1), -TestFixture::inf}) {
      EXPECT_TRUE(std::isnan(function(x))) << x;
    }
  }
  EXPECT_EQ(log1p(F(-1)), -TestFixture::inf);
  EXPECT_EQ(log1p(TestFixture::inf), TestFixture::inf);
  EXPECT_TRUE(std::isnan(log1p(TestFixture::below(F(-1)))));
  EXPECT_TRUE(std::isnan(log1p(-TestFixture::inf)));
}

TYPED_TEST(ElementaryEdges, FunctionsForInnerLoopsHaveTheSameBits) {
  using F = TypeParam;
  std::mt19937_64 words(test::test_seed());
  const int lowest = TestFixture::is_double ? -1022 : -126;
  for (int i = 0; i < 20000; ++i) {
    const F fraction = F(1) + static_cast<F>(words() >> 12) * static_cast<F>(0x1p-53);
    const F x = std::ldexp(fraction, lowest + static_cast<int>(words() % static_cast<unsigned>(-2 * lowest)));
    ASSERT_EQ(log_positive_normal(x), log(x)) << x;
    ASSERT_EQ(log2_positive_normal(x), log2(x)) << x;
  }
}

TYPED_TEST(ElementaryEdges, TurnsAreExactAtQuarters) {
  using F = TypeParam;
  const F reach = TestFixture::power_of_two(TestFixture::is_double ? 50 : 20);
  for (F base : {F(0), F(2), F(4098), reach - 8}) {
    for (int quarter = 0; quarter < 4; ++quarter) {
      const F x = base + static_cast<F>(quarter) / 2;
      const F sine[4] = {0, 1, 0, -1};
      EXPECT_EQ(sine_of(x), sine[quarter]) << x;
      EXPECT_EQ(cosine_of(x), sine[(quarter + 1) % 4]) << x;
      EXPECT_EQ(sine_of(-x), -sine[quarter]) << x;
      EXPECT_EQ(cosine_of(-x), sine[(quarter + 1) % 4]) << x;
    }
  }
  EXPECT_TRUE(std::isnan(sine_of(TestFixture::inf)));
  EXPECT_TRUE(std::isnan(cosine_of(-TestFixture::inf)));
}

TYPED_TEST(ElementaryEdges, OddFunctionsAreOddAndSaturate) {
  using F = TypeParam;
  std::mt19937_64 words(test::test_seed());
  std::uniform_real_distribution<F> wide(-30, 30);
  for (int i = 0; i < 20000; ++i) {
    const F x = wide(words);
    ASSERT_EQ(tanh(-x), -tanh(x)) << x;
    ASSERT_EQ(atan(-x), -atan(x)) << x;
    ASSERT_LE(std::fabs(tanh(x)), 1) << x;
  }
  EXPECT_EQ(tanh(TestFixture::inf), 1);
  EXPECT_EQ(tanh(F(23)), 1);
  EXPECT_EQ(atan(TestFixture::inf), static_cast<F>(1.57079632679489662));
  EXPECT_EQ(atan(-TestFixture::largest), -static_cast<F>(1.57079632679489662));
}

/// Where a formula changes (a seam), a jump of 2 ULP either way could break the order by at most that: order holds
/// there.
TYPED_TEST(ElementaryEdges, OrderHoldsAcrossSeams) {
  using F = TypeParam;
  const auto expect_order = [](const Named<F>& named, double seam) {
    F x = static_cast<F>(seam);
    for (int i = 0; i < 20; ++i) x = TestFixture::below(x);
    for (int i = 0; i < 40; ++i, x = TestFixture::above(x)) {
      const F here = named.function(x);
      const F next = named.function(TestFixture::above(x));
      const F slack = 2 * (TestFixture::above(std::fabs(here)) - std::fabs(here));
      EXPECT_GE(next, here - slack) << named.name << " at " << x;
      EXPECT_NEAR(next, here, 8 * slack) << named.name << " at " << x;
    }
  };
  for (const double half : {-2.5, -0.5, 0.5, 7.5}) {
    expect_order({"exp2", exp2<F>}, half);
    expect_order({"exp2_nonpositive", exp2_nonpositive<F>}, half);
    expect_order({"exp", exp<F>}, half * 0.6931471805599453);
    expect_order({"expm1", expm1<F>}, half * 0.6931471805599453);
  }
  for (const double scale : {1.0, 0.25, 16.0}) {
    expect_order({"log", log<F>}, 0.7071067811865476 * scale);
    expect_order({"log2", log2<F>}, 0.7071067811865476 * scale);
  }
  for (const double seam : {0.41421356237309503, 2.414213562373095}) expect_order({"atan", atan<F>}, seam);
  expect_order({"tanh", tanh<F>}, 0.55);
  expect_order({"normal_quantile", normal_quantile<F>}, 0.075);
  expect_order({"normal_quantile", normal_quantile<F>}, 0.925);
}

}  // namespace
}  // namespace scorepath::kernels
