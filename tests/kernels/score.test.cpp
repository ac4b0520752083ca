// Mixture scores and divergences of the scalar float and double lanes against the naive oracle in long double.
// Tolerances are in units of the score's scale, 1/sqrt(v + r) (divergence: dim/(v + r)), v the finest variance, and
// stated per case.
#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "tests/kernels/mixture_oracle.hpp"
#include "tests/support/seed.hpp"

namespace scorepath::test {
namespace {

using kernels::VarianceLayout;

constexpr VarianceLayout layouts[] = {VarianceLayout::shared, VarianceLayout::isotropic, VarianceLayout::diagonal,
                                      VarianceLayout::factored};
constexpr double levels[] = {0.0, 1e-6, 0.04, 1.0, 300.0, 1e8};

std::vector<double> zeros(const Oracle& o) { return std::vector<double>(o.dim, 0.0); }

/// A draw of the mixture's noisy law, as a displacement from `point`.
template <class T>
std::vector<T> draw(const Oracle& o, const std::vector<double>& point, double r, std::mt19937_64& words) {
  std::normal_distribution<double> normal;
  const std::size_t k = words() % o.components;
  std::vector<double> y(o.dim);
  for (std::size_t j = 0; j < o.dim; ++j) {
    const double variance = o.factored() ? o.variances[k] : o.variance(k, j);
    y[j] = o.means[k * o.dim + j] + std::sqrt(variance + r) * normal(words);
  }
  for (std::size_t i = 0; i < o.rank; ++i) {  // what an axis has more than what is across it
    const double more = std::sqrt(o.axis_variances[k * o.rank + i] - o.variances[k]) * normal(words);
    for (std::size_t j = 0; j < o.dim; ++j) y[j] += more * o.axes[(k * o.rank + i) * o.dim + j];
  }
  std::vector<T> delta(o.dim);
  for (std::size_t j = 0; j < o.dim; ++j) delta[j] = static_cast<T>(y[j] - point[j]);
  return delta;
}

template <class T>
ScoreError worst_error(const Oracle& o, const std::vector<double>& point, int draws, std::mt19937_64& words) {
  ScoreError worst;
  for (const double r : levels) {
    for (int i = 0; i < draws; ++i) {
      worst.include(score_error<T>(o, point, draw<T>(o, point, r, words), static_cast<T>(r)));
    }
  }
  return worst;
}

template <class T>
struct Precision;
template <>
struct Precision<float> {
  static constexpr double unit = 0x1p-24;
};
template <>
struct Precision<double> {
  static constexpr double unit = 0x1p-53;
};

template <class T>
class Score : public testing::Test {};
using Lanes = testing::Types<float, double>;
TYPED_TEST_SUITE(Score, Lanes);

/// Draws of mixtures spread over a few standard deviations: 200 units of rounding for the score; logits of size 50 d or
/// so carry their rounding into the weights, hence the dimension.
TYPED_TEST(Score, AgreesWithTheOracleForEveryLayoutDimensionAndCount) {
  std::mt19937_64 words(test_seed());
  for (const VarianceLayout layout : layouts) {
    for (const std::size_t dim : {1, 2, 3, 4, 7, 16, 33}) {
      for (const std::size_t components : {1, 2, 7, 8, 9, 64, 65, 130}) {
        if (layout == VarianceLayout::factored && dim * components > 600) continue;  // the oracle's own cost
        const Oracle o = random_oracle(layout, components, dim, 1.5, words);
        const ScoreError worst = worst_error<TypeParam>(o, zeros(o), 4, words);
        const double tolerance = (200.0 + 40.0 * static_cast<double>(dim)) * Precision<TypeParam>::unit;
        EXPECT_LE(worst.score, tolerance) << components << " components, dim " << dim;
        EXPECT_LE(worst.divergence, 4.0 * tolerance) << components << " components, dim " << dim;
      }
    }
  }
}

/// Thousands of components, and a thousand coordinates: 2000 units of rounding.
TYPED_TEST(Score, AgreesWithTheOracleForManyComponentsAndManyCoordinates) {
  std::mt19937_64 words(test_seed());
  for (const VarianceLayout layout : layouts) {
    const std::size_t most = layout == VarianceLayout::factored ? 70 : 1024;  // the oracle's own cost
    for (const auto& [components, dim] : {std::pair<std::size_t, std::size_t>{2000, 8}, {most / 51, most}}) {
      const Oracle o = random_oracle(layout, components, dim, dim == 8 ? 1.5 : 0.1, words);
      const ScoreError worst = worst_error<TypeParam>(o, zeros(o), 1, words);
      EXPECT_LE(worst.score, 2000.0 * Precision<TypeParam>::unit) << components << " components, dim " << dim;
      EXPECT_LE(worst.divergence, 4000.0 * Precision<TypeParam>::unit) << components << " components, dim " << dim;
    }
  }
}

/// A mean 1000 standard deviations from the other, seen from each and from between: |score| itself is 500 in units of
/// its scale there, so 3000 units of rounding.
TYPED_TEST(Score, IsStableWhereComponentsAreAThousandStandardDeviationsApart) {
  for (const VarianceLayout layout : layouts) {
    Oracle o{layout, 2, 2, {std::log(0.5), std::log(0.5)}, {0.0, 0.0, 1000.0, 0.0}, {1.0}};
    if (layout != VarianceLayout::shared) o.variances = {1.0, 1.5};
    if (layout == VarianceLayout::diagonal) o.variances = {1.0, 1.25, 1.5, 2.0};
    const std::vector<double> point = {0.25, -0.5};
    for (const double x : {0.0, 1.0, 499.0, 501.0, 999.0, 1000.0, 1002.0, -300.0}) {
      for (const double r : {0.0, 0.5, 100.0, 1e6}) {
        const ScoreError error =
            score_error<TypeParam>(o, point, {static_cast<TypeParam>(x), TypeParam(0.5)}, static_cast<TypeParam>(r));
        const bool split = std::fabs(x - 500.0) < 2.0 && r >= 100.0;
        EXPECT_LE(error.score, (split ? 60000.0 : 3000.0) * Precision<TypeParam>::unit) << x << ", r " << r;
        EXPECT_LE(error.divergence, 3e6 * Precision<TypeParam>::unit) << x << ", r " << r;
      }
    }
  }
}

/// A cluster 5000 standard deviations from the origin, seen from a point inside it: tables hold displacements from the
/// point, so nothing is lost (400 units of rounding, as near the origin).
TYPED_TEST(Score, LosesNothingFarFromTheOrigin) {
  std::mt19937_64 words(test_seed());
  for (const VarianceLayout layout : layouts) {
    Oracle o = random_oracle(layout, 9, 3, 1.5, words);
    for (double& m : o.means) m += 5000.0;
    const std::vector<double> point = {5000.3, 4999.1, 5000.7};
    for (const double r : {0.0, 0.04, 1.0}) {
      for (int i = 0; i < 20; ++i) {
        const ScoreError error =
            score_error<TypeParam>(o, point, draw<TypeParam>(o, point, r, words), static_cast<TypeParam>(r));
        EXPECT_LE(error.score, 400.0 * Precision<TypeParam>::unit) << "r " << r;
        EXPECT_LE(error.divergence, 1600.0 * Precision<TypeParam>::unit) << "r " << r;
      }
    }
  }
}

/// Weights of 1e-30 and below the smallest normal double still rule where their component alone is near (200 units),
/// and are as good as absent elsewhere. At r = 100 the components overlap and the light one loses.
TYPED_TEST(Score, HoldsForTinyAndSubnormalWeights) {
  for (const double log_weight : {std::log(1e-30), std::log(1e-310), std::log(4.94e-324)}) {
    for (const VarianceLayout layout : layouts) {
      Oracle o{layout, 2, 1, {0.0, log_weight}, {0.0, 60.0}, {1.0}};
      if (layout != VarianceLayout::shared) o.variances = {1.0, 0.7};
      for (const double x : {-1.0, 0.0, 20.0, 40.0, 59.5, 60.0, 62.0}) {
        for (const double r : {0.0, 0.3, 100.0}) {
          const ScoreError error =
              score_error<TypeParam>(o, {0.0}, {static_cast<TypeParam>(x)}, static_cast<TypeParam>(r));
          // Where the posterior is split, logits of a thousand carry 1000 units of rounding into a jump of size 60.
          EXPECT_LE(error.score, 4000.0 * Precision<TypeParam>::unit) << x << ", r " << r;
        }
      }
      const Evaluated<TypeParam> near = evaluate<TypeParam>(o, {0.0}, {TypeParam(60.0)}, TypeParam(0.0));
      EXPECT_NEAR(near.score[0], 0.0, 200.0 * 60.0 * Precision<TypeParam>::unit);
    }
  }
}

/// At r = 1e8 the mixture is one Gaussian: the score is (mean - y)/r up to the spread of the means.
TYPED_TEST(Score, BecomesThatOfOneGaussianUnderNoise) {
  std::mt19937_64 words(test_seed());
  const Oracle o = random_oracle(VarianceLayout::isotropic, 12, 2, 1.5, words);
  const TypeParam y = TypeParam(2e4);
  const Evaluated<TypeParam> got = evaluate<TypeParam>(o, {0.0, 0.0}, {y, -y}, TypeParam(1e8));
  EXPECT_NEAR(static_cast<double>(got.score[0]) * 1e4, -2.0, 1e-3);
  EXPECT_NEAR(static_cast<double>(got.score[1]) * 1e4, 2.0, 1e-3);
  EXPECT_NEAR(static_cast<double>(got.divergence) * 1e8, -2.0, 1e-5);
}

/// The oracle itself: score = grad log p and divergence = div score by central differences (error O(h^2), h = 1e-4:
/// 1e-7).
TEST(ScoreOracle, IsTheGradientOfItsLogDensity) {
  std::mt19937_64 words(test_seed());
  constexpr Real h = 1e-4L;
  for (const VarianceLayout layout : layouts) {
    const Oracle o = random_oracle(layout, 5, 3, 1.5, words);
    for (const double r : {0.0, 0.3, 10.0}) {
      const std::vector<double> start = draw<double>(o, zeros(o), r, words);
      std::vector<Real> y(start.begin(), start.end());
      const std::vector<Real> s = o.score(y, r);
      Real divergence = 0;
      for (std::size_t j = 0; j < o.dim; ++j) {
        std::vector<Real> up = y, down = y;
        up[j] += h;
        down[j] -= h;
        EXPECT_NEAR(static_cast<double>((o.log_density(up, r) - o.log_density(down, r)) / (2 * h)),
                    static_cast<double>(s[j]), 1e-6);
        divergence += (o.score(up, r)[j] - o.score(down, r)[j]) / (2 * h);
      }
      EXPECT_NEAR(static_cast<double>(divergence), static_cast<double>(o.divergence(y, r)), 1e-6);
    }
  }
}

/// The lanes' own divergence by central differences of the lanes' own score, in double.
TEST(ScoreInDouble, DivergenceIsTheTraceOfTheScoresJacobian) {
  std::mt19937_64 words(test_seed());
  constexpr double h = 1e-4;
  for (const VarianceLayout layout : layouts) {
    for (const std::size_t components : {1, 6, 70}) {
      const Oracle o = random_oracle(layout, components, 4, 1.5, words);
      const std::vector<double> at = draw<double>(o, zeros(o), 0.2, words);
      double trace = 0.0;
      for (std::size_t j = 0; j < o.dim; ++j) {
        std::vector<double> up = at, down = at;
        up[j] += h;
        down[j] -= h;
        trace += (evaluate<double>(o, zeros(o), up, 0.2).score[j] - evaluate<double>(o, zeros(o), down, 0.2).score[j]) /
                 (2 * h);
      }
      EXPECT_NEAR(evaluate<double>(o, zeros(o), at, 0.2).divergence, trace, 1e-5);
    }
  }
}

}  // namespace
}  // namespace scorepath::test
