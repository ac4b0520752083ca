// The flag of what no draw met: an estimate far from the exact value, beyond every error it reports.
#include <scorepath/scorepath.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "tests/support/small_jobs.hpp"

namespace scorepath::testing {
namespace {

/// A component of weight 0.01 forty standard deviations away, which the control variate (the other one's Gaussian) does
/// not know: without draws that meet it the estimate is 0.01 too low or high, with an error bar of 1e-4.
Problem rare_component() {
  return {Schedule{}, GaussianMixture{{0.99, 0.01}, Matrix(2, 2, {0, 0, 30, 30}), Matrix(2, 1, {1, 1})}};
}

/// The definition, written out again.
bool lies_too_far(const PointResult& p) {
  const double difference = *p.log_density - *p.exact_log_density;
  const double systematic = *p.discretization_error + *p.truncation_error + *p.arithmetic_error;
  const double side = difference > 0 ? *p.log_density - *p.ci95_lower : *p.ci95_upper - *p.log_density;
  return std::abs(difference) - systematic > std::max({side, 6.0 * *p.std_error, 1e-4});
}

TEST(ExactMismatch, FlagsWhatNoDrawMet) {
  int far = 0, runs = 0;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    Options o;
    o.paths = 4096;
    o.seed = seed;
    for (const PointResult& p : estimate_log_density(rare_component(), points(), o).points) {
      ++runs;
      far += lies_too_far(p) ? 1 : 0;
      EXPECT_EQ(has_flag(p, "exact-mismatch"), lies_too_far(p)) << "seed " << seed << ", point " << p.index;
    }
  }
  EXPECT_GT(far, 0) << "no longer shows what it is for";
  EXPECT_LT(far, runs / 2);
}

/// Sound estimates do not carry it: 640 runs of 64 independent samples or more, six standard errors away less than once
/// in 1e6 of them.
TEST(ExactMismatch, SparesSoundEstimates) {
  for (const Sampler sampler : {Sampler::slices, Sampler::paths}) {
    for (std::uint64_t seed = 0; seed < 80; ++seed) {
      Options o = small(sampler);
      o.steps = 64;
      o.seed = seed;
      for (const PointResult& p : estimate_log_density(problem(), points(), o).points)
        EXPECT_FALSE(has_flag(p, "exact-mismatch")) << "seed " << seed << ", point " << p.index;
    }
  }
}

/// A Gaussian is its own control variate: the error bar is rounding, and so is the distance to the exact value.
TEST(ExactMismatch, SparesTheRoundingOfGaussians) {
  for (const std::size_t dim : {1, 2, 64, 784}) {
    Options o;
    o.paths = 256;
    Matrix points(4, dim);
    for (std::size_t i = 0; i < points.values.size(); ++i) points.values[i] = std::sin(3.0 * static_cast<double>(i));
    const Problem gaussian{Schedule{}, Gaussian{std::vector<double>(dim, 0.25), {0.75}}};
    for (const PointResult& p : estimate_log_density(gaussian, points, o).points) {
      EXPECT_LT(*p.std_error, 1e-6);
      EXPECT_TRUE(p.flags.empty()) << p.flags[0] << ", dim " << dim;
    }
  }
}

/// Two samples have no error bar to speak of: their interval is what counts.
TEST(ExactMismatch, MindsTheIntervalOfFewSamples) {
  int far = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Options o = small(Sampler::paths);
    o.paths = 4;
    o.seed = seed;
    for (const PointResult& p : estimate_log_density(problem(), points(), o).points) {
      ASSERT_EQ(p.independent_samples, 2u);
      far += std::abs(*p.log_density - *p.exact_log_density) > 6.0 * *p.std_error ? 1 : 0;
      EXPECT_EQ(has_flag(p, "exact-mismatch"), lies_too_far(p));
      if (has_flag(p, "exact-mismatch")) {
        EXPECT_TRUE(*p.exact_log_density < *p.ci95_lower || *p.exact_log_density > *p.ci95_upper);
      }
    }
  }
  EXPECT_GT(far, 10) << "no longer shows what it is for";
}

/// The lower bound of a model that starts from the prior is not the exact value's estimate.
TEST(ExactMismatch, IsNotAskedOfABound) {
  Options o = small();
  o.end = End::prior;
  Problem short_run = problem();
  short_run.schedule.t_max = 0.05;
  for (const PointResult& p : estimate_log_density(short_run, points(), o).points) {
    EXPECT_GT(std::abs(*p.log_density - *p.exact_log_density), 6.0 * *p.std_error);
    EXPECT_FALSE(has_flag(p, "exact-mismatch"));
  }
}

}  // namespace
}  // namespace scorepath::testing
