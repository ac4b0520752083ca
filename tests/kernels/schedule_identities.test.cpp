// The differential equations behind every schedule, by eighth-order numerical differentiation, and how a(t),
// sigma^2(t), r(t) and the range fit together (docs/theory.md, section 1).
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>

#include "tests/support/schedule_cases.hpp"

namespace scorepath::test {
namespace {

class ScheduleIdentities : public testing::TestWithParam<ScheduleCase> {
 protected:
  const kernels::NoiseSchedule& schedule() const { return GetParam().schedule; }
};
INSTANTIATE_TEST_SUITE_P(Kinds, ScheduleIdentities, testing::ValuesIn(schedule_cases()),
                         [](const auto& info) { return info.param.name; });

/// A central difference of order 8 with its error bounds: truncation (h below 2% of the distance to the next
/// singularity or jump, and 2e-3 where beta' = 20 sets the scale) below 1e-10 of the derivative, rounding `noise`.
struct Derivative {
  double value;
  double noise;
};
template <class Function>
Derivative derivative(const Function& function, double t, double distance) {
  constexpr std::array<double, 4> weight = {4.0 / 5.0, -1.0 / 5.0, 4.0 / 105.0, -1.0 / 280.0};
  const double wanted = 0.02 * std::min(distance, 0.1);
  const double h = (t + wanted) - t;  // the step that t can carry
  double sum = 0.0;
  for (std::size_t i = 0; i < weight.size(); ++i) {
    const double reach = static_cast<double>(i + 1) * h;
    sum += weight[i] * (function(t + reach) - function(t - reach));
  }
  // 32 ulp of the function's value, and half an ulp of each t + i h, which moves the value by that times the slope.
  return {sum / h, epsilon * (32.0 * std::fabs(function(t)) / h + 2.0 * std::fabs(t * sum / h) / h)};
}

TEST_P(ScheduleIdentities, ScaleSolvesDriftEquation) {  // a' = f a
  for (double t : inner_times(schedule())) {
    const Derivative d = derivative([&](double x) { return schedule().a(x); }, t, smooth_distance(schedule(), t));
    const double expected = schedule().drift(t) * schedule().a(t);
    EXPECT_NEAR(d.value, expected, 1e-10 * std::fabs(expected) + d.noise) << "t = " << t;
  }
}

TEST_P(ScheduleIdentities, VarianceSolvesDiffusionEquation) {  // (sigma^2)' = 2 f sigma^2 + g^2
  for (double t : inner_times(schedule())) {
    const Derivative d = derivative([&](double x) { return schedule().sigma2(x); }, t, smooth_distance(schedule(), t));
    const double shrinking = 2.0 * schedule().drift(t) * schedule().sigma2(t), growing = schedule().diffusion(t);
    EXPECT_NEAR(d.value, shrinking + growing, 1e-10 * (std::fabs(shrinking) + growing) + d.noise) << "t = " << t;
  }
}

TEST_P(ScheduleIdentities, RateIsDerivativeOfNoiseRatio) {  // dr/dt
  for (double t : inner_times(schedule())) {
    const Derivative d =
        derivative([&](double x) { return schedule().noise_ratio(x); }, t, smooth_distance(schedule(), t));
    const double expected = schedule().noise_ratio_rate(t);
    EXPECT_NEAR(d.value, expected, 1e-9 * expected + d.noise) << "t = " << t;
  }
}

// The three tests above must be able to fail: away from the ends their rounding allowance is small.
TEST_P(ScheduleIdentities, DifferencesAreSharpAwayFromTheEnds) {
  int sharp = 0;
  for (double t : inner_times(schedule())) {
    const double distance = smooth_distance(schedule(), t);
    const Derivative a = derivative([&](double x) { return schedule().a(x); }, t, distance);
    const Derivative variance = derivative([&](double x) { return schedule().sigma2(x); }, t, distance);
    const double drift = schedule().drift(t), sigma2 = schedule().sigma2(t);
    const bool drift_shows = drift == 0.0 || a.noise < 1e-5 * std::fabs(drift) * schedule().a(t);
    const bool diffusion_shows = variance.noise < 1e-5 * (schedule().diffusion(t) + std::fabs(drift) * sigma2);
    if (drift_shows && diffusion_shows) ++sharp;
  }
  EXPECT_GE(sharp, 5);
}

TEST_P(ScheduleIdentities, NoiseRatioIsVarianceOverSquaredScale) {
  for (double t : inner_times(schedule())) {
    const double a2 = schedule().a(t) * schedule().a(t), r = schedule().noise_ratio(t);
    EXPECT_NEAR(schedule().sigma2(t) / a2, r, 1e-14 * r) << "t = " << t;
    EXPECT_NEAR(schedule().diffusion(t) / a2, schedule().noise_ratio_rate(t), 1e-14 * schedule().noise_ratio_rate(t))
        << "t = " << t;
    const double lambda = -std::log(r);
    EXPECT_NEAR(schedule().log_snr(t), lambda, 4.0 * epsilon * (1.0 + std::fabs(lambda))) << "t = " << t;
  }
}

TEST_P(ScheduleIdentities, NoiseRatioRises) {
  double last = schedule().noise_ratio(schedule().t_lo());
  const double lo = schedule().t_lo(), length = schedule().t_hi() - lo;
  std::vector<double> times;
  for (double x = 1e-12; x < 0.05; x *= 1.05) times.push_back(lo + length * x);
  for (int i = 100; i < 1900; ++i) times.push_back(lo + length * i / 2000.0);
  for (double x = 0.05; x > 1e-12; x /= 1.05) times.push_back(schedule().t_hi() - length * x);
  for (double t : times) {
    const double r = schedule().noise_ratio(t);
    EXPECT_GT(r, last) << "t = " << t;
    EXPECT_GT(schedule().noise_ratio_rate(t), 0.0) << "t = " << t;
    last = r;
  }
}

TEST_P(ScheduleIdentities, LowerEnd) {
  const double t = schedule().t_lo();
  EXPECT_EQ(schedule().a(t), 1.0);
  EXPECT_EQ(schedule().noise_ratio(t), schedule().sigma2(t));
  EXPECT_EQ(schedule().time_of_noise_ratio(schedule().noise_ratio(t)), t);
  EXPECT_EQ(schedule().starts_at_zero_noise(), schedule().noise_ratio(t) == 0.0);
  const bool starts_noisy =
      schedule().kind == kernels::ScheduleKind::ve || schedule().kind == kernels::ScheduleKind::edm;
  EXPECT_EQ(schedule().starts_at_zero_noise(), !starts_noisy);
  if (schedule().starts_at_zero_noise()) {
    EXPECT_EQ(schedule().log_snr(t), std::numeric_limits<double>::infinity());
  }
}

TEST_P(ScheduleIdentities, UpperEnd) {
  const double t_hi = schedule().t_hi(), t_max = schedule().default_t_max();
  EXPECT_EQ(schedule().ends_at_zero_signal(), schedule().a(t_hi) == 0.0);
  if (schedule().ends_at_zero_signal()) {
    EXPECT_LT(t_max, t_hi);
    const double condition = t_max * schedule().noise_ratio_rate(t_max) / 1e8;  // t_max itself is rounded
    EXPECT_NEAR(schedule().noise_ratio(t_max), 1e8, 1e8 * epsilon * (8.0 + condition));
  } else {
    EXPECT_EQ(t_max, t_hi);
    EXPECT_TRUE(std::isfinite(schedule().noise_ratio(t_hi)));
    EXPECT_NEAR(schedule().time_of_noise_ratio(schedule().noise_ratio(t_hi)), t_hi, 1e-14 * t_hi);
  }
}

TEST(Schedule, EndsOfVeAndEdmAreTheirSigmas) {
  const kernels::NoiseSchedule ve = kernels::VeSchedule{0.01, 50.0}, edm = kernels::EdmSchedule{0.002, 80.0};
  EXPECT_DOUBLE_EQ(ve.sigma2(0.0), 1e-4);
  EXPECT_NEAR(ve.sigma2(1.0), 2500.0, 2500.0 * 1e-14);
  EXPECT_DOUBLE_EQ(edm.sigma2(edm.t_lo()), 4e-6);
  EXPECT_DOUBLE_EQ(edm.sigma2(edm.t_hi()), 6400.0);
}

}  // namespace
}  // namespace scorepath::test
