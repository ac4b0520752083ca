// From weights to numbers: the logarithm of a mean, its bias and its error, tails, and combinations of chains.
#include "host/path_weights.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "tests/support/problems.hpp"
#include "tests/support/seed.hpp"
#include "tests/support/statistics.hpp"

namespace scorepath::test {
namespace {

/// n samples whose chains have log-weights N(-spread^2/2, spread^2), of mean weight one, c times as wide in chain c.
std::vector<Chains> lognormal(std::size_t n, double spread, Draws& draws) {
  std::vector<Chains> chains(n);
  for (Chains& sample : chains) {
    const double z = draws.normal();
    for (int c = 0; c < kernels::weight_chains; ++c) {
      const double s = spread * (c + 1);
      sample.chain[c] = static_cast<float>(0.5 * s * s - s * z);
    }
  }
  return chains;
}

/// Of few weights the logarithm of the mean is low by C^2/2n; corrected, its mean is right, and its own standard error
/// is that of its spread.
TEST(WeightMoments, AreFreeOfTheBiasOfTheLogarithm) {
  Draws draws(test_seed());
  constexpr double spread = 0.25;
  constexpr std::size_t n = 16, runs = 40000;
  std::vector<double> values, variances, naive;
  for (std::size_t i = 0; i < runs; ++i) {
    const std::vector<Chains> chains = lognormal(n, spread, draws);
    const kernels::Moments m = weight_moments(chains, WeightTarget::chain);
    EXPECT_EQ(m.count, n);
    values.push_back(m.mean);
    variances.push_back(m.variance_of_mean());
    double sum = 0.0;
    for (const Chains& sample : chains) sum += std::exp(-static_cast<double>(sample.chain[0])) / n;
    naive.push_back(-std::log(sum));
  }
  const Sample corrected = summarise(values), raw = summarise(naive);
  // What is left is of second order in C^2/n.
  const double first_order = std::expm1(spread * spread) / (2.0 * n);
  EXPECT_LE(std::abs(corrected.mean), 5.0 * corrected.standard_error() + 0.2 * first_order);
  EXPECT_GT(raw.z(0.0), 5.0);
  EXPECT_NEAR(summarise(variances).mean, corrected.variance, 0.05 * corrected.variance);
}

TEST(WeightMoments, CombineTheChains) {
  Draws draws(test_seed());
  const std::vector<Chains> chains = lognormal(1000, 0.1, draws);
  std::vector<Chains> second = chains;
  for (Chains& sample : second) sample.chain[0] = sample.chain[1];
  std::vector<Chains> third = chains;
  for (Chains& sample : third) sample.chain[0] = sample.chain[2];
  const double all = weight_moments(chains, WeightTarget::chain).mean;
  const double half = weight_moments(second, WeightTarget::chain).mean;
  const double quarter = weight_moments(third, WeightTarget::chain).mean;
  EXPECT_NEAR(weight_moments(chains, WeightTarget::extrapolated).mean, 2.0 * all - half, 1e-12);
  // (E_{N/2} - E_N)/3 in values, which are minus logarithms.
  EXPECT_NEAR(extrapolation_error(chains).mean, ((2.0 * half - quarter) - (2.0 * all - half)) / 3.0, 1e-12);
}

/// A constant in all log-weights moves the mean, and nothing else; magnitudes far beyond exp's range do no harm.
TEST(WeightMoments, MoveWithAConstant) {
  Draws draws(test_seed());
  const std::vector<Chains> chains = lognormal(500, 0.5, draws);
  std::vector<Chains> moved = chains;
  for (Chains& sample : moved)
    for (float& value : sample.chain) value += 4096.0f;
  const kernels::Moments a = weight_moments(chains, WeightTarget::extrapolated);
  const kernels::Moments b = weight_moments(moved, WeightTarget::extrapolated);
  EXPECT_NEAR(b.mean - a.mean, 4096.0, 1e-3);
  EXPECT_NEAR(b.variance(), a.variance(), 1e-2 * a.variance());
  EXPECT_NEAR(b.skewness(), a.skewness(), 2e-2 * std::abs(a.skewness()));
}

TEST(WeightAccount, CountsWhatWeightsAreWorth) {
  std::vector<Chains> chains(64);
  for (Chains& sample : chains) sample.chain[0] = sample.chain[1] = sample.chain[2] = 1.5f;
  const PathWeights equal = weight_account(chains, 10.0, 1);
  EXPECT_DOUBLE_EQ(*equal.chain_log_density, 8.5);
  EXPECT_DOUBLE_EQ(*equal.chain_std_error, 0.0);
  EXPECT_DOUBLE_EQ(*equal.log_weight_variance, 0.0);
  ASSERT_EQ(equal.importance_bounds.size(), 2u);
  EXPECT_EQ(equal.importance_bounds[1].weights, 4u);
  EXPECT_DOUBLE_EQ(equal.importance_bounds[1].value, 8.5);
  const PathWeights pairs = weight_account(chains, 10.0, 2);
  EXPECT_EQ(pairs.importance_bounds[1].weights, 8u);
  EXPECT_FALSE(pairs.log_weight_variance.has_value());

  EXPECT_DOUBLE_EQ(soundness_of(chains, 3).effective_sample_size, 64.0);
  EXPECT_FALSE(soundness_of(chains, 3).pareto_k.has_value());  // nothing to fit
  // The worst of the chains that count: one weight holds everything.
  chains[7].chain[2] = -30.0f;
  EXPECT_DOUBLE_EQ(soundness_of(chains, 1).effective_sample_size, 64.0);
  EXPECT_NEAR(soundness_of(chains, 3).effective_sample_size, 1.0, 1e-9);
  chains[7].chain[0] = -30.0f;
  EXPECT_NEAR(soundness_of(chains, 1).effective_sample_size, 1.0, 1e-9);
}

/// A bound is the mean of the logarithms, whatever their spread.
TEST(WeightMoments, OfABoundAreThoseOfTheLogarithms) {
  Draws draws(test_seed());
  const std::vector<Chains> chains = lognormal(400, 1.0, draws);
  double mean = 0.0;
  for (const Chains& sample : chains) mean += static_cast<double>(sample.chain[0]) / 400.0;
  EXPECT_NEAR(weight_moments(chains, WeightTarget::bound).mean, mean, 1e-12);
  EXPECT_NEAR(weight_account(chains, 0.0, 1).importance_bounds.front().value, -mean, 1e-12);
  // 2 L_N - L_{N/2} = L_N + (L_N - L_{N/2}), in values.
  const double chain = weight_moments(chains, WeightTarget::chain).mean;
  EXPECT_NEAR(last_doubling(chains), chain - weight_moments(chains, WeightTarget::extrapolated).mean, 1e-12);
}

TEST(ParetoShape, IsThatOfParetoTails) {
  for (const double shape : {0.25, 0.5, 0.8, 1.2}) {
    Draws draws(test_seed());
    std::vector<double> fits;
    for (int run = 0; run < 40; ++run) {
      std::vector<double> weights;
      for (int i = 0; i < 10000; ++i) weights.push_back(std::pow(draws.uniform(), -shape));
      fits.push_back(pareto_shape(weights).value());
    }
    // Ten samples of one half among three hundred draw it there a little.
    const double drawn = (300.0 * shape + 5.0) / 310.0;
    EXPECT_NEAR(summarise(fits).mean, drawn, 0.03) << shape;
  }
}

TEST(ParetoShape, OfLightTailsIsSmall) {
  Draws draws(test_seed());
  std::vector<double> weights;
  for (int i = 0; i < 4000; ++i) weights.push_back(std::exp(0.1 * draws.normal()));
  EXPECT_LT(pareto_shape(weights).value(), 0.3);
  EXPECT_FALSE(pareto_shape(std::vector<double>(24, 1.0)).has_value());
}

}  // namespace
}  // namespace scorepath::test
