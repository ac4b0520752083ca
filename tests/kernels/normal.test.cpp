// Words to uniforms and normals: intervals, extreme words, tails, and the float lane against the double lane.
#include "kernels/random/normal.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <utility>

#include "tests/support/philox_reference.hpp"
#include "tests/support/seed.hpp"
#include "tests/support/statistics.hpp"

namespace scorepath::test {
namespace {

using Pair = std::pair<double, double>;
constexpr std::uint32_t extremes[] = {0,           1,           2,           0x3fffffffu, 0x40000000u,
                                      0x7ffffffeu, 0x7fffffffu, 0x80000000u, 0x80000001u, 0xbfffffffu,
                                      0xc0000000u, 0xfffffffeu, 0xffffffffu};

template <class F>
Pair normals_of(std::uint32_t w_radius, std::uint32_t w_angle) {
  const std::uint32_t radius[1] = {w_radius}, angle[1] = {w_angle};
  F z0[1], z1[1];
  kernels::box_muller<F, 1>(radius, angle, z0, z1);
  return {static_cast<double>(z0[0]), static_cast<double>(z1[0])};
}

template <class F>
double uniform_of(std::uint32_t w) {
  return static_cast<double>(kernels::uniform_from_magnitude<F>(w));
}

template <class F>
class Normal : public testing::Test {};
using Lanes = testing::Types<float, double>;
TYPED_TEST_SUITE(Normal, Lanes);

TYPED_TEST(Normal, UniformLiesInTheHalfOpenInterval) {
  for (const std::uint32_t w : extremes) {
    EXPECT_GE(uniform_of<TypeParam>(w), 0x1p-32) << w;
    EXPECT_LE(uniform_of<TypeParam>(w), 1.0) << w;
  }
  for (std::uint32_t i = 0; i < 100000; ++i) {
    const double u = uniform_of<TypeParam>(philox_reference({i, 0, 0, 0}, test_seed())[0]);
    ASSERT_GT(u, 0.0);
    ASSERT_LE(u, 1.0);
  }
  EXPECT_EQ(uniform_of<TypeParam>(0), 0x1p-32);  // the smallest
}

TYPED_TEST(Normal, ExtremeWordsGiveFiniteNormals) {
  for (const std::uint32_t radius : extremes) {
    for (const std::uint32_t angle : extremes) {
      const Pair z = normals_of<TypeParam>(radius, angle);
      EXPECT_TRUE(std::isfinite(z.first) && std::isfinite(z.second)) << std::hex << radius << ' ' << angle;
      EXPECT_LE(std::hypot(z.first, z.second), 6.6605) << std::hex << radius << ' ' << angle;
    }
  }
}

TYPED_TEST(Normal, SignsAreTheSpareBits) {
  for (const std::uint32_t radius : extremes) {
    for (const std::uint32_t angle : extremes) {
      const Pair z = normals_of<TypeParam>(radius, angle);
      const bool first_negative = radius >> 31 != 0;
      const bool second_negative = (angle & 1u) != 0;
      // At the ends of the quarter turn a normal is 0 up to rounding, of either sign.
      EXPECT_TRUE((z.first < 0.0) == first_negative || std::abs(z.first) < 1e-6) << std::hex << radius << ' ' << angle;
      EXPECT_TRUE((z.second < 0.0) == second_negative || std::abs(z.second) < 1e-6)
          << std::hex << radius << ' ' << angle;
    }
  }
}

TYPED_TEST(Normal, TailsReachBeyondSixAndAHalf) {
  const double longest = std::sqrt(2.0 * 32.0 * std::log(2.0));  // u = 2^-32: 6.66
  const Pair first = normals_of<TypeParam>(0, 0x7ffffffeu);
  EXPECT_NEAR(first.first, longest, 1e-5);
  EXPECT_NEAR(first.second, 0.0, 1e-5);
  const Pair second = normals_of<TypeParam>(0, 0x80000001u);
  EXPECT_NEAR(second.first, 0.0, 1e-5);
  EXPECT_NEAR(second.second, -longest, 1e-5);
  // The next word: u = 3 2^-32.
  EXPECT_NEAR(normals_of<TypeParam>(1, 0x7ffffffeu).first, std::sqrt(2.0 * (32.0 * std::log(2.0) - std::log(3.0))),
              1e-5);
}

/// Box and Muller in plain double: radius sqrt(-2 ln u), angle uniform in a quarter turn, signs apart.
Pair oracle(std::uint32_t w_radius, std::uint32_t w_angle) {
  const double r = std::sqrt(-2.0 * std::log(uniform_of<double>(w_radius)));
  const double turns = static_cast<double>(static_cast<std::int32_t>(w_angle)) * 0x1p-34 + 0.125;  // in [0, 1/4]
  const double theta = 2.0 * pi * turns;
  return {(w_radius >> 31 ? -r : r) * std::sin(theta), (w_angle & 1u ? -r : r) * std::cos(theta)};
}

TEST(NormalDouble, EqualsBoxAndMuller) {
  for (std::uint32_t i = 0; i < 200000; ++i) {
    const Counter w = philox_reference({i, 0, 0, 0}, test_seed());
    const Pair z = normals_of<double>(w[0], w[1]);
    const Pair expected = oracle(w[0], w[1]);
    ASSERT_NEAR(z.first, expected.first, 1e-14) << std::hex << w[0] << ' ' << w[1];
    ASSERT_NEAR(z.second, expected.second, 1e-14) << std::hex << w[0] << ' ' << w[1];
  }
}

/// Float against double: the sines, the logarithm and the products cost 2e-7 of the radius r each. Where u is next to
/// 1, rounding it to float (2^-25) moves r by 2^-25 / r as well: 2e-6 at r = 0.015, at most 2.5e-4 at r = 0, where the
/// normals themselves are as small.
double float_bound(Pair z) {
  const double r = std::hypot(z.first, z.second);
  return 5e-7 * r + std::min(0x1p-25 / r, 2.5e-4);
}

TEST(NormalFloat, EqualsTheDoubleLane) {
  double largest = 0.0;
  const auto compare = [&](std::uint32_t w_radius, std::uint32_t w_angle) {
    const Pair exact = normals_of<double>(w_radius, w_angle);
    const Pair rounded = normals_of<float>(w_radius, w_angle);
    const double error = std::max(std::abs(exact.first - rounded.first), std::abs(exact.second - rounded.second));
    ASSERT_LE(error, float_bound(exact)) << std::hex << w_radius << ' ' << w_angle;
    if (std::hypot(exact.first, exact.second) > 0.02) largest = std::max(largest, error);
  };
  for (const std::uint32_t radius : extremes) {
    for (const std::uint32_t angle : extremes) compare(radius, angle);
  }
  for (std::uint32_t i = 0; i < 1000000; ++i) {
    const Counter w = philox_reference({i, 0, 0, 0}, test_seed());
    compare(w[0], w[1]);
    compare(w[2] >> (i % 32), w[3]);  // long radii: small magnitudes
  }
  EXPECT_LE(largest, 2e-6);
}

TEST(NormalFloat, LogarithmKeepsItsStatedError) {
  double largest = 0.0;
  for (std::uint32_t bits = 0x2f800000u; bits < 0x3f800000u; bits += 97) {  // u from 2^-32 to 1
    const float u = kernels::as_real(bits);
    const double exact = -std::log(static_cast<double>(u));
    largest = std::max(largest, std::abs(static_cast<double>(kernels::negative_log_unit(u)) - exact) / exact);
  }
  EXPECT_LE(largest, 4e-7);
  EXPECT_EQ(kernels::negative_log_unit(1.0f), 0.0f);
}

}  // namespace
}  // namespace scorepath::test
