// The Gaussian of the control variate and the far end: closed forms against naive sums and exact cubature.
#include "kernels/score/reference.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "kernels/estimator/far_end.hpp"
#include "tests/kernels/mixture_oracle.hpp"
#include "tests/support/seed.hpp"

namespace scorepath::test {
namespace {

struct Drawn {
  std::vector<double> mean, variance, y;
  explicit Drawn(std::size_t dim) {
    std::mt19937_64 words(test_seed());
    std::normal_distribution<double> normal;
    std::uniform_real_distribution<double> uniform(0.1, 2.0);
    for (std::size_t j = 0; j < dim; ++j) {
      mean.push_back(normal(words));
      variance.push_back(uniform(words));
      y.push_back(3.0 * normal(words));
    }
  }
  kernels::ReferenceGaussian gaussian() const { return {static_cast<int>(mean.size()), mean.data(), variance.data()}; }
  Oracle oracle() const { return {kernels::VarianceLayout::diagonal, 1, mean.size(), {0.0}, mean, variance}; }
};

/// E f(y + sqrt(rho) z) of a function that is a sum over coordinates of quadratics: the points +-1 integrate it
/// exactly.
template <class Function>
double expectation(const std::vector<double>& y, double rho, const Function& f) {
  std::vector<double> up = y, down = y;
  for (std::size_t j = 0; j < y.size(); ++j) {
    up[j] += std::sqrt(rho);
    down[j] -= std::sqrt(rho);
  }
  return 0.5 * (f(up) + f(down));
}

TEST(ReferenceGaussian, LogDensityScoreAndDivergenceAreThoseOfAOneComponentMixture) {
  const Drawn drawn(5);
  for (const double r : {0.0, 0.7, 1e5}) {
    const std::vector<Real> y(drawn.y.begin(), drawn.y.end());
    std::vector<double> s(5);
    const double divergence = kernels::score_and_divergence(drawn.gaussian(), drawn.y.data(), r, s.data());
    EXPECT_NEAR(kernels::log_density(drawn.gaussian(), drawn.y.data(), r),
                static_cast<double>(drawn.oracle().log_density(y, r)), 1e-12);
    EXPECT_NEAR(divergence, static_cast<double>(drawn.oracle().divergence(y, r)), 1e-13);
    for (std::size_t j = 0; j < 5; ++j) EXPECT_NEAR(s[j], static_cast<double>(drawn.oracle().score(y, r)[j]), 1e-13);
  }
}

TEST(ReferenceGaussian, ExpectedLogDensityIsTheExpectation) {
  const Drawn drawn(5);
  for (const double rho : {0.0, 0.5, 40.0}) {
    for (const double r : {0.1, 40.0}) {
      const double want = expectation(drawn.y, rho, [&](const std::vector<double>& y) {
        return kernels::log_density(drawn.gaussian(), y.data(), r);
      });
      EXPECT_NEAR(kernels::expected_log_density(drawn.gaussian(), drawn.y.data(), rho, r), want, 1e-11)
          << rho << ", " << r;
    }
  }
}

/// log N(a Y; 0, v I) + d ln a, Y ~ N(y, rho I).
TEST(FarEnd, ExpectedLogPriorIsTheExpectation) {
  const Drawn drawn(4);
  for (const double signal : {1.0, 6e-3}) {
    for (const double prior_variance : {1.0, 2500.0}) {
      const double want = expectation(drawn.y, 9.0, [&](const std::vector<double>& y) {
        double sum = 0.0;
        for (const double x : y) {
          sum += std::log(signal) - 0.5 * (std::log(2.0 * 3.14159265358979323846 * prior_variance) +
                                           signal * signal * x * x / prior_variance);
        }
        return sum;
      });
      EXPECT_NEAR(kernels::expected_log_prior(4, drawn.y.data(), 9.0, prior_variance / (signal * signal)), want, 1e-11);
    }
  }
}

/// A mixture that is its own Gaussian differs from it by nothing; one that is not, by little under much noise: second
/// moments agree, so what is left is of the third order in (data's spread)/sqrt(r).
TEST(FarEnd, DifferenceFromTheGaussianOfEqualMomentsVanishesUnderNoise) {
  std::mt19937_64 words(test_seed());
  const kernels::Stream stream = kernels::make_stream(test_seed(), 3, kernels::Purpose::prior, false);
  std::vector<double> scratch(16), terms(8);
  const Drawn drawn(5);
  const Oracle same = drawn.oracle();
  const kernels::Moments none = kernels::far_end_difference(same.model(), drawn.gaussian(), drawn.y.data(), 100.0,
                                                            100.0, stream, scratch.data(), terms.data());
  EXPECT_EQ(none.count, static_cast<std::uint64_t>(kernels::far_end_pairs));
  EXPECT_NEAR(none.mean, 0.0, 1e-13);

  const Oracle o = random_oracle(kernels::VarianceLayout::isotropic, 8, 5, 1.5, words);
  std::vector<double> weights(8), mean(5), variance(5);
  for (std::size_t k = 0; k < 8; ++k) weights[k] = std::exp(o.log_weights[k]);
  kernels::moments(o.model(), weights.data(), mean.data(), variance.data());
  const kernels::ReferenceGaussian g{5, mean.data(), variance.data()};
  double before = HUGE_VAL;
  for (const double r : {1e2, 1e4, 1e6}) {
    const kernels::Moments d =
        kernels::far_end_difference(o.model(), g, drawn.y.data(), r, r, stream, scratch.data(), terms.data());
    EXPECT_LT(std::fabs(d.mean), 0.2 * before) << r;
    before = std::fabs(d.mean);
  }
  EXPECT_LT(before, 1e-5);
}

}  // namespace
}  // namespace scorepath::test
