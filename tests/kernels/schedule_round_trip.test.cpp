// Inverses: t -> r -> t, r -> t -> r and t -> log-SNR -> t to double precision, up to both ends of every schedule.
//
// How much of r survives in t is set by the condition number kappa = d ln r/d ln t = t r'/r. A rounding of t (relative
// eps) shows in r as kappa eps, so r -> t -> r cannot be better than that (kappa = 1e8 where li-yan has r = 1e8); a
// rounding of r shows in t as eps r/r' = eps t/kappa. Where the noise starts at zero kappa >= 1 (a test below; a ddpm
// table whose noise pauses is the exception), so t always comes back to a few eps, at 1e-12 as at 1 - 1e-12.
// Logarithms and exponentials add |ln r| eps to r.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "tests/support/schedule_cases.hpp"

namespace scorepath::test {
namespace {

/// kappa.
double condition(const kernels::NoiseSchedule& schedule, double t) {
  return t * schedule.noise_ratio_rate(t) / schedule.noise_ratio(t);
}

class ScheduleRoundTrip : public testing::TestWithParam<ScheduleCase> {
 protected:
  const kernels::NoiseSchedule& schedule() const { return GetParam().schedule; }
  /// max(t, t/kappa): what the relative tolerances of t refer to.
  double time_scale(double t) const { return t * std::max(1.0, 1.0 / condition(schedule(), t)); }
};
INSTANTIATE_TEST_SUITE_P(Kinds, ScheduleRoundTrip, testing::ValuesIn(schedule_cases()),
                         [](const auto& info) { return info.param.name; });

TEST_P(ScheduleRoundTrip, TimeThroughNoiseRatio) {
  for (double t : inner_times(schedule())) {
    EXPECT_NEAR(schedule().time_of_noise_ratio(schedule().noise_ratio(t)), t, 4e-15 * time_scale(t));
  }
}

TEST_P(ScheduleRoundTrip, TimeThroughLogSnr) {
  for (double t : inner_times(schedule())) {  // |ln r| reaches 60 at t = 1e-12, and 60 eps/2 is 7e-15
    EXPECT_NEAR(schedule().time_of_log_snr(schedule().log_snr(t)), t, 1e-14 * time_scale(t));
  }
}

TEST_P(ScheduleRoundTrip, NoiseRatioThroughTime) {
  const double first = std::max(schedule().noise_ratio(schedule().t_lo()), 1e-24);
  const double last = schedule().noise_ratio(schedule().default_t_max());
  constexpr int count = 300;
  for (int i = 0; i <= count; ++i) {
    const double r = i == count ? last : first * std::pow(last / first, i / static_cast<double>(count));
    const double t = schedule().time_of_noise_ratio(r);
    const double relative = 2.0 * epsilon * (2.0 + std::fabs(std::log(r)) + condition(schedule(), t));
    EXPECT_NEAR(schedule().noise_ratio(t), r, relative * r) << "t = " << t;
  }
}

TEST(Schedule, ConditionIsAtLeastOneWhereNoiseStartsAtZero) {
  int checked = 0;
  for (const ScheduleCase& c : schedule_cases()) {
    if (!c.schedule.starts_at_zero_noise() || c.schedule.kind == kernels::ScheduleKind::ddpm) continue;
    for (double t : inner_times(c.schedule)) EXPECT_GE(condition(c.schedule, t), 1.0 - 1e-14) << c.name << ", " << t;
    ++checked;
  }
  EXPECT_EQ(checked, 12);
}

}  // namespace
}  // namespace scorepath::test
