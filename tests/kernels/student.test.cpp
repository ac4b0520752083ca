// Quantiles for error bars against published tables.
#include "kernels/reduce/student.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace scorepath::test {
namespace {

struct Row {
  std::uint64_t degrees;
  double quantile;
};

/// 97.5% quantiles of Student's t (any printed table of the two-sided 5% points, to seven digits).
constexpr Row student_table[] = {{1, 12.706205},   {2, 4.3026527},    {3, 3.1824463},      {5, 2.5705818},
                                 {10, 2.2281389},  {30, 2.0422725},   {100, 1.9839715},    {200, 1.9718962},
                                 {201, 1.9718365}, {1000, 1.9623391}, {1000000, 1.9599664}};

TEST(Student, QuantilesAreThoseOfTheTable) {
  for (const Row& row : student_table)
    EXPECT_NEAR(kernels::student_975(row.degrees), row.quantile, 1e-6) << row.degrees;
}

TEST(Student, QuantilesFallWithTheDegreesTowardsTheNormals) {
  for (std::uint64_t df = 1; df < 400; ++df) EXPECT_GT(kernels::student_975(df), kernels::student_975(df + 1)) << df;
  EXPECT_NEAR(kernels::student_975(std::uint64_t{1} << 50), 1.9599640, 1e-7);
}

TEST(Student, TwoSidedProbabilityAgreesWithClosedForms) {
  for (const double t : {0.0, 0.3, 1.0, 2.5, 40.0}) {
    EXPECT_NEAR(kernels::student_two_sided(t, 1), 2.0 / 3.14159265358979323846 * std::atan(t), 1e-14);
    EXPECT_NEAR(kernels::student_two_sided(t, 2), t / std::sqrt(2.0 + t * t), 1e-14);
    const double theta = std::atan(t / std::sqrt(3.0));
    EXPECT_NEAR(kernels::student_two_sided(t, 3),
                2.0 / 3.14159265358979323846 * (theta + std::sin(theta) * std::cos(theta)), 1e-14);
  }
}

/// By Simpson's rule on the density: any number of degrees, odd and even.
TEST(Student, TwoSidedProbabilityIsTheIntegralOfTheDensity) {
  for (const int df : {4, 7, 12, 33, 200}) {
    const double n = df;
    const double log_scale = std::lgamma((n + 1) / 2) - std::lgamma(n / 2) - 0.5 * std::log(n * 3.14159265358979323846);
    for (const double t : {0.5, 2.0, 6.0}) {
      constexpr int panels = 2000;
      double sum = 0.0;
      for (int i = 0; i <= panels; ++i) {
        const double x = t * i / panels;
        const double density = std::exp(log_scale - (n + 1) / 2 * std::log1p(x * x / n));
        sum += density * (i == 0 || i == panels ? 1.0 : i % 2 == 1 ? 4.0 : 2.0);
      }
      EXPECT_NEAR(kernels::student_two_sided(t, df), 2.0 * sum * t / panels / 3.0, 1e-9) << df << ", " << t;
    }
  }
}

/// df over the 1% quantile of chi-square: what the true variance may be, in units of the sample's. Wilson and
/// Hilferty's approximation errs on the safe side here, by 2% at 10 degrees of freedom, 0.8% at 15 and less beyond.
TEST(VarianceSafety, IsTheDegreesOverTheChiSquareQuantile) {
  constexpr Row chi_square_1_percent[] = {{10, 2.55821},  {15, 5.22935},   {20, 8.26040},
                                          {31, 15.6555},  {63, 39.8551},   {127, 92.8866},
                                          {255, 205.421}, {1000, 898.912}, {4095, 3887.42}};
  for (const Row& row : chi_square_1_percent) {
    const double want = static_cast<double>(row.degrees) / row.quantile;
    EXPECT_GE(kernels::variance_safety(row.degrees), 0.99999 * want) << row.degrees;
    EXPECT_LE(kernels::variance_safety(row.degrees), want * (1.0 + 0.2 / static_cast<double>(row.degrees)))
        << row.degrees;
  }
}

TEST(VarianceSafety, IsFiniteAndFallsTowardsOne) {
  for (std::uint64_t df = 1; df < 2000; ++df) {
    const double now = kernels::variance_safety(df);
    EXPECT_TRUE(std::isfinite(now) && now > 1.0) << df;
    EXPECT_GE(now, kernels::variance_safety(df + 1)) << df;
  }
}

TEST(SkewedReach, IsTheTQuantileWithoutSkewness) {
  const kernels::SkewedReach reach = kernels::skewed_reach(0.0, 64, 2.0);
  EXPECT_EQ(reach.below, 2.0);
  EXPECT_EQ(reach.above, 2.0);
  EXPECT_NEAR(kernels::skewed_reach(1e-5, 64, 2.0).below, 2.0, 1e-5);
}

/// Both ends solve g(T) = +-t/sqrt(n) for Hall's g(T) = T + G T^2/3 + G^2 T^3/27 + G/(6 n).
TEST(SkewedReach, InvertsHallsTransformation) {
  for (const double skewness : {-7.0, -1.0, -0.01, 0.3, 2.0, 7.0}) {
    for (const std::uint64_t n : {16u, 64u, 8192u}) {
      const double root = std::sqrt(static_cast<double>(n));
      const auto g = [&](double x) {
        return x + skewness * x * x / 3.0 + skewness * skewness * x * x * x / 27.0 + skewness / (6.0 * root * root);
      };
      const kernels::SkewedReach reach = kernels::skewed_reach(skewness, n, 2.0);
      EXPECT_NEAR(g(reach.below / root), 2.0 / root, 1e-12) << skewness << ", " << n;
      EXPECT_NEAR(g(-reach.above / root), -2.0 / root, 1e-12) << skewness << ", " << n;
      EXPECT_EQ(skewness > 0.0, reach.above > reach.below) << "rare large samples: the mean may lie far above";
      const kernels::SkewedReach mirrored = kernels::skewed_reach(-skewness, n, 2.0);
      EXPECT_NEAR(mirrored.above, reach.below, 1e-12 * root);
    }
  }
}

}  // namespace
}  // namespace scorepath::test
