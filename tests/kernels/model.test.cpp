// The mixture model in double: log-density, score, moments, scales, tables' choices; against long double and two-pass
// sums.
#include "kernels/score/model.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "kernels/score/jacobian.hpp"
#include "tests/kernels/mixture_oracle.hpp"
#include "tests/support/seed.hpp"

namespace scorepath::test {
namespace {

using kernels::VarianceLayout;

constexpr VarianceLayout layouts[] = {VarianceLayout::shared, VarianceLayout::isotropic, VarianceLayout::diagonal,
                                      VarianceLayout::factored};

std::vector<Real> wide(const std::vector<double>& y) { return {y.begin(), y.end()}; }

void expect_log_density(const Oracle& o, const std::vector<double>& y, double r) {
  std::vector<double> terms(o.components);
  const double want = static_cast<double>(o.log_density(wide(y), r));
  const double got = kernels::log_density(o.model(), y.data(), r, terms.data());
  EXPECT_NEAR(got, want, 1e-13 * (std::fabs(want) + static_cast<double>(o.dim))) << "r " << r;
  const std::vector<Real> posterior = o.posterior(wide(y), r);
  for (std::size_t k = 0; k < o.components; ++k) {
    // The library drops posteriors below e^-700; a term's own rounding is relative to its size.
    EXPECT_NEAR(terms[k], static_cast<double>(posterior[k]), 1e-12 * (1.0 + std::fabs(want)));
  }
}

TEST(MixtureModel, LogDensityAndPosteriorAgreeWithLongDouble) {
  std::mt19937_64 words(test_seed());
  std::normal_distribution<double> normal;
  for (const VarianceLayout layout : layouts) {
    for (const std::size_t dim : {1, 2, 5, 64}) {
      for (const std::size_t components : {1, 2, 9, 130}) {
        if (layout == VarianceLayout::factored && dim * components > 600) continue;  // the oracle's own cost
        const Oracle o = random_oracle(layout, components, dim, 1.5, words);
        for (const double r : {0.0, 1e-4, 1.0, 1e8}) {
          std::vector<double> y(dim);
          for (double& x : y) x = 2.0 * std::sqrt(1.0 + r) * normal(words);
          expect_log_density(o, y, r);
        }
      }
    }
  }
}

TEST(MixtureModel, LogDensityIsStableFarApartFarOutAndForTinyWeights) {
  for (const VarianceLayout layout : layouts) {
    Oracle o{layout, 3, 1, {std::log(1e-30), 0.0, std::log(1e-310)}, {-1000.0, 0.0, 5000.0}, {1.0}};
    if (layout != VarianceLayout::shared) o.variances = {1.0, 0.01, 2.0};
    for (const double y : {-1000.0, -500.0, 0.0, 2500.0, 5000.0, 5003.0, 1e9}) {
      for (const double r : {0.0, 1.0, 1e8}) expect_log_density(o, {y}, r);
    }
  }
}

TEST(MixtureModel, ScoreAndDivergenceAgreeWithTheOracle) {
  std::mt19937_64 words(test_seed());
  std::normal_distribution<double> normal;
  for (const VarianceLayout layout : layouts) {
    for (const std::size_t components : {1, 2, 40}) {
      const Oracle o = random_oracle(layout, components, 6, 1.5, words);
      for (const double r : {0.0, 0.3, 1e4}) {
        std::vector<double> y(o.dim), terms(o.components), s(o.dim);
        for (double& x : y) x = 2.0 * std::sqrt(1.0 + r) * normal(words);
        const double divergence = kernels::score_and_divergence(o.model(), y.data(), r, terms.data(), s.data());
        const std::vector<Real> want = o.score(wide(y), r);
        for (std::size_t j = 0; j < o.dim; ++j) {
          EXPECT_NEAR(s[j], static_cast<double>(want[j]), 1e-12 / std::sqrt(0.3 + r));
        }
        EXPECT_NEAR(divergence, static_cast<double>(o.divergence(wide(y), r)), 1e-11 / (0.3 + r));
      }
    }
  }
}

/// Products with the Jacobian along every coordinate add up to the divergence; along one, to the second difference of
/// log p (error O(h^2), h = 1e-4).
TEST(MixtureModel, JacobianOfFactoredComponentsAgreesWithDivergenceAndDifferences) {
  std::mt19937_64 words(test_seed());
  for (const std::size_t components : {1, 2, 5}) {
    const Oracle o = random_oracle(VarianceLayout::factored, components, 4, 1.0, words);
    std::vector<double> y = {0.3, -0.2, 0.5, 0.1}, terms(components), scratch(components), s(4);
    const double divergence = kernels::score_and_divergence(o.model(), y.data(), 0.1, terms.data(), s.data());
    double trace = 0.0;
    for (std::size_t j = 0; j < 4; ++j) {
      std::vector<double> unit(4, 0.0), up = y, down = y;
      unit[j] = 1.0;
      up[j] += 1e-4;
      down[j] -= 1e-4;
      const auto log_density = [&](const std::vector<double>& at) {
        return kernels::log_density(o.model(), at.data(), 0.1, scratch.data());
      };
      const double along = kernels::jacobian_quadratic(o.model(), y.data(), 0.1, terms.data(), s.data(), unit.data());
      EXPECT_NEAR(along, (log_density(up) - 2.0 * log_density(y) + log_density(down)) * 1e8, 1e-5);
      trace += along;
    }
    EXPECT_NEAR(trace, divergence, 1e-12);
  }
}

/// Rounding in double grows with the ratio of variances: 1e8 here, seen along the wide axis.
TEST(MixtureModel, FactoredLogDensityHoldsWhereVariancesDifferByEightDecades) {
  Oracle o{VarianceLayout::factored, 1, 2, {0.0}, {0.0, 0.0}, {1e-8}, 1, {0.6, 0.8}, {1.0}};
  for (const double along : {0.0, 0.7, -3.0}) {
    for (const double across : {0.0, 1e-4, -3e-4}) {
      const std::vector<double> y = {0.6 * along - 0.8 * across, 0.8 * along + 0.6 * across};
      double term;
      EXPECT_NEAR(kernels::log_density(o.model(), y.data(), 0.0, &term), static_cast<double>(o.log_density(wide(y), 0)),
                  1e-6);
    }
  }
}

/// A component that the posterior drops (below e^-700) must not poison the sums, however far it lies.
TEST(MixtureModel, ScoreIgnoresComponentsWithoutPosterior) {
  const Oracle o{VarianceLayout::shared, 2, 1, {std::log(0.5), std::log(0.5)}, {0.0, 1e9}, {1.0}};
  double terms[2], s[1];
  const double y[1] = {0.5};
  EXPECT_EQ(kernels::score_and_divergence(o.model(), y, 0.0, terms, s), -1.0);
  EXPECT_EQ(s[0], -0.5);
}

/// Two passes, as read: mean, then variance about it plus the components' own.
TEST(MixtureModel, MomentsAgreeWithTwoPasses) {
  std::mt19937_64 words(test_seed());
  for (const VarianceLayout layout : layouts) {
    const Oracle o = random_oracle(layout, 12, 3, 1.5, words);
    std::vector<double> weights(o.components), mean(o.dim), variance(o.dim);
    for (std::size_t k = 0; k < o.components; ++k) weights[k] = std::exp(o.log_weights[k]);
    weights[3] = 0.0;
    double total = 0.0;
    for (const double w : weights) total += w;
    for (double& w : weights) w /= total;
    kernels::moments(o.model(), weights.data(), mean.data(), variance.data());
    for (std::size_t j = 0; j < o.dim; ++j) {
      Real m = 0, v = 0;
      for (std::size_t k = 0; k < o.components; ++k) m += weights[k] * static_cast<Real>(o.means[k * o.dim + j]);
      for (std::size_t k = 0; k < o.components; ++k) {
        const Real distance = o.means[k * o.dim + j] - m;
        v += weights[k] * (distance * distance + o.variance(k, j));
      }
      EXPECT_NEAR(mean[j], static_cast<double>(m), 1e-14);
      EXPECT_NEAR(variance[j], static_cast<double>(v), 1e-13);
    }
  }
}

TEST(MixtureModel, FinestVarianceIsTheSmallestHarmonicMean) {
  const double log_weights[2] = {0.0, 0.0}, means[4] = {}, variances[4] = {1.0, 0.5, 4.0, 0.25};
  const kernels::MixtureModel model{2, 2, VarianceLayout::diagonal, log_weights, means, variances};
  const double even[2] = {0.5, 0.5}, first[2] = {1.0, 0.0};
  EXPECT_DOUBLE_EQ(kernels::finest_variance(model, even, 0.0),
                   1.0 / 3.0);  // 1/(0.5/0.5 + 0.5/0.25); the other one is 1.6
  EXPECT_DOUBLE_EQ(kernels::finest_variance(model, first, 0.0), 0.5);
  const double across[2] = {0.5, 0.25}, axes[4] = {1.0, 0.0, 0.6, 0.8}, along[2] = {1.0, 4.0};
  const kernels::MixtureModel factored{2, 2, VarianceLayout::factored, log_weights, means, across, 1, axes, along};
  EXPECT_DOUBLE_EQ(kernels::finest_variance(factored, even, 0.0), 1.0 / 3.0);
  EXPECT_DOUBLE_EQ(factored.variance(1, 0), 0.25 + 3.75 * 0.36);
  EXPECT_EQ(factored.narrowest(), 0.25);
}

TEST(MixtureModel, FinestVarianceOnTheWayIsThatOfWhatNoiseBringsIn) {
  // At the mean of N(0, 1), a component of deviation 1e-6 at distance 1e-3: it has e^-500000 of the point itself, and
  // rules once the noise variance r is near 1e-6/(2 ln(1/sqrt r)), where what is seen is r itself.
  const double log_weights[2] = {std::log(0.5), std::log(0.5)}, means[2] = {0.0, 1e-3}, variances[2] = {1.0, 1e-12};
  const kernels::MixtureModel model{2, 1, VarianceLayout::isotropic, log_weights, means, variances};
  const double at = 0.0;
  double posterior[2];
  const auto finest = [&](double end, int& levels) {
    kernels::posterior_weights(model, &at, 0.0, posterior);
    return kernels::finest_variance_on_the_way(model, &at, 0.0, end, posterior, levels);
  };
  int levels = 0;
  const double found = finest(1e4, levels);
  EXPECT_GT(found, 2e-8);
  EXPECT_LT(found, 4e-7);
  EXPECT_GT(levels, 10);
  EXPECT_LT(levels, 30);
  EXPECT_NEAR(finest(1e-9, levels), 1.0, 1e-3);  // it is not reached
  const double alike[2] = {0.25, 0.25};
  const kernels::MixtureModel shared{2, 1, VarianceLayout::shared, log_weights, means, alike};
  kernels::posterior_weights(shared, &at, 0.0, posterior);
  EXPECT_DOUBLE_EQ(kernels::finest_variance_on_the_way(shared, &at, 0.0, 1e4, posterior, levels), 0.25);
  EXPECT_EQ(levels, 0);
}

TEST(MixtureModel, NearestComponentIsThatOfTheSmallestDistance) {
  std::mt19937_64 words(test_seed());
  std::normal_distribution<double> normal;
  for (int trial = 0; trial < 50; ++trial) {
    const Oracle o = random_oracle(VarianceLayout::shared, 20, 3, 1.5, words);
    const double point[3] = {normal(words), normal(words), normal(words)};
    std::vector<double> distance(o.components, 0.0);
    for (std::size_t i = 0; i < o.means.size(); ++i) distance[i / 3] += std::pow(o.means[i] - point[i % 3], 2);
    EXPECT_EQ(kernels::nearest_component(o.model(), point),
              std::min_element(distance.begin(), distance.end()) - distance.begin());
  }
}

TEST(MixtureModel, KindFollowsLayoutAndCount) {
  const double zeros[4] = {}, ones[4] = {1.0, 1.0, 1.0, 1.0};
  const auto kind = [&](int components, VarianceLayout layout) {
    return kernels::kind_of({components, 2, layout, zeros, zeros, ones});
  };
  for (const VarianceLayout layout : {VarianceLayout::shared, VarianceLayout::isotropic, VarianceLayout::diagonal})
    EXPECT_EQ(kind(1, layout), kernels::ScoreKind::gaussian);
  EXPECT_EQ(kind(2, VarianceLayout::shared), kernels::ScoreKind::mixture_shared);
  EXPECT_EQ(kind(2, VarianceLayout::isotropic), kernels::ScoreKind::mixture_isotropic);
  EXPECT_EQ(kind(2, VarianceLayout::diagonal), kernels::ScoreKind::mixture_diagonal);
  for (const int components : {1, 2}) {
    EXPECT_EQ(kind(components, VarianceLayout::factored), kernels::ScoreKind::mixture_factored);
  }
}

}  // namespace
}  // namespace scorepath::test
