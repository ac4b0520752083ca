// Frames: X, Y = X/a and Z = Y/sqrt(r0 + r) describe one density. Checked on a Gaussian, whose law is known in each
// frame.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>

#include "kernels/schedule/frames.hpp"
#include "tests/support/schedule_cases.hpp"

namespace scorepath::test {
namespace {

/// log N(x; mean 1, variance I) [nat] where all `dim` coordinates of x and of the mean are alike, and the score.
double gaussian_log_density(double x, double mean, double variance, double dim) {
  return -0.5 * dim * (std::log(2.0 * std::numbers::pi * variance) + (x - mean) * (x - mean) / variance);
}
double gaussian_score(double x, double mean, double variance) { return (mean - x) / variance; }

struct Frames : testing::TestWithParam<ScheduleCase> {
  // X_0 ~ N(m, v I): X_t ~ N(a m, (a^2 v + sigma^2) I), Y_r ~ N(m, (v + r) I), Z ~ N(m/c, (v + r)/c^2 I).
  static constexpr double mean = 1.7, variance = 0.09, dim = 5.0, r0 = 0.03, distance = 1.3;

  struct State {
    double a, sigma2, r, scale, x, y, z;
  };
  State at(double t) const {
    const kernels::NoiseSchedule& s = GetParam().schedule;
    const double r = s.noise_ratio(t), scale = std::sqrt(r0 + r);
    const double y = mean + distance * std::sqrt(variance + r);
    return {s.a(t), s.sigma2(t), r, scale, s.a(t) * y, y, y / scale};
  }
};
INSTANTIATE_TEST_SUITE_P(Kinds, Frames, testing::ValuesIn(schedule_cases()),
                         [](const auto& info) { return info.param.name; });

TEST_P(Frames, PointsGoBackAndForth) {
  for (double t : inner_times(GetParam().schedule)) {
    const State s = at(t);
    EXPECT_DOUBLE_EQ(kernels::canonical_from_schedule(s.x, s.a), s.y);
    EXPECT_DOUBLE_EQ(kernels::schedule_from_canonical(s.y, s.a), s.x);
    EXPECT_DOUBLE_EQ(kernels::stationary_scale(s.r, r0), s.scale);
    EXPECT_DOUBLE_EQ(kernels::stationary_from_canonical(s.y, s.scale), s.z);
    EXPECT_DOUBLE_EQ(kernels::canonical_from_stationary(s.z, s.scale), s.y);
  }
}

// The point lies within a factor 6 of its own size from the mean: little cancels, scores agree to 1e-14.
TEST_P(Frames, GaussianScoresTransform) {
  for (double t : inner_times(GetParam().schedule)) {
    const State s = at(t);
    const double score_x = gaussian_score(s.x, s.a * mean, s.a * s.a * variance + s.sigma2);
    const double score_y = gaussian_score(s.y, mean, variance + s.r);
    const double score_z = gaussian_score(s.z, mean / s.scale, (variance + s.r) / (s.scale * s.scale));
    EXPECT_NEAR(kernels::canonical_score(score_x, s.a) / score_y, 1.0, 1e-14);
    EXPECT_NEAR(kernels::schedule_score(score_y, s.a) / score_x, 1.0, 1e-14);
    EXPECT_NEAR(kernels::stationary_score(score_y, s.scale) / score_z, 1.0, 1e-14);
    EXPECT_NEAR(kernels::canonical_score_from_stationary(score_z, s.scale) / score_y, 1.0, 1e-14);
  }
}

TEST_P(Frames, GaussianLogDensitiesTransform) {
  for (double t : inner_times(GetParam().schedule)) {
    const State s = at(t);
    const double log_x = gaussian_log_density(s.x, s.a * mean, s.a * s.a * variance + s.sigma2, dim);
    const double log_y = gaussian_log_density(s.y, mean, variance + s.r, dim);
    const double log_z = gaussian_log_density(s.z, mean / s.scale, (variance + s.r) / (s.scale * s.scale), dim);
    EXPECT_NEAR(kernels::canonical_log_density(log_x, dim, s.a), log_y, 1e-13);
    EXPECT_NEAR(kernels::schedule_log_density(log_y, dim, s.a), log_x, 1e-13);
    EXPECT_NEAR(kernels::stationary_log_density(log_y, dim, s.r, r0), log_z, 1e-13);
    EXPECT_NEAR(kernels::canonical_log_density_from_stationary(log_z, dim, s.r, r0), log_y, 1e-13);
  }
}

TEST(StationaryFrame, TimeAndNoiseRatioAreInverse) {
  for (double r0 : {1e-6, 0.03, 2.0}) {
    for (double r = 1e-20; r < 1e12; r *= 1.7) {
      const double u = kernels::stationary_time(r, r0);
      const double condition = u * (r0 + r) / r;  // d ln r/d ln u
      EXPECT_NEAR(kernels::noise_ratio_of_stationary_time(u, r0), r, 4e-16 * (2.0 + condition) * r) << r0;
      EXPECT_NEAR(r0 * std::exp(u), r0 + r, 1e-15 * (2.0 + u) * (r0 + r));
    }
  }
  EXPECT_EQ(kernels::stationary_time(0.0, 0.5), 0.0);
  EXPECT_EQ(kernels::noise_ratio_of_stationary_time(0.0, 0.5), 0.0);
}

// In Z the reference N(0, I) does not move: a Gaussian of variance r0 about 0 has score -z and the same law at every r.
TEST(StationaryFrame, LeavesTheReferenceInvariant) {
  const double r0 = 0.25, z = 1.25, dim = 3.0, reference = gaussian_log_density(z, 0.0, 1.0, dim);
  for (double r : {0.0, 1e-9, 0.1, 3.0, 1e6}) {
    const double scale = kernels::stationary_scale(r, r0), y = kernels::canonical_from_stationary(z, scale);
    EXPECT_NEAR(kernels::stationary_score(gaussian_score(y, 0.0, r0 + r), scale), -z, 1e-14);
    EXPECT_NEAR(kernels::stationary_log_density(gaussian_log_density(y, 0.0, r0 + r, dim), dim, r, r0), reference,
                1e-13);
  }
}

}  // namespace
}  // namespace scorepath::test
