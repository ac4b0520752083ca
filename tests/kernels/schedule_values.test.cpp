// Every schedule against independent high-precision values, near both ends of its range too.
#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <variant>

#include "tests/support/schedule_cases.hpp"
#include "tests/support/schedule_literals.hpp"

namespace scorepath::test {
namespace {

class ScheduleValues : public testing::TestWithParam<ScheduleLiteral> {};
INSTANTIATE_TEST_SUITE_P(Literals, ScheduleValues, testing::ValuesIn(schedule_literals));

// Relative 4e-15; e^I and (sigma_max/sigma_min)^{2t} carry the rounding of an exponent of up to 17.
TEST_P(ScheduleValues, EqualHighPrecisionValues) {
  const ScheduleLiteral& expected = GetParam();
  const kernels::NoiseSchedule& schedule = expected.schedule;
  const double t = expected.t;
  constexpr double tolerance = 4e-15;
  EXPECT_NEAR(schedule.a(t), expected.a, tolerance * expected.a);
  EXPECT_NEAR(schedule.sigma2(t), expected.sigma2, tolerance * expected.sigma2);
  EXPECT_NEAR(schedule.noise_ratio(t), expected.noise_ratio, tolerance * expected.noise_ratio);
  EXPECT_NEAR(schedule.drift(t), expected.drift, tolerance * std::fabs(expected.drift));
  EXPECT_NEAR(schedule.diffusion(t), expected.diffusion, tolerance * expected.diffusion);
  const double rate = expected.diffusion / (expected.a * expected.a);
  EXPECT_NEAR(schedule.noise_ratio_rate(t), rate, 2.0 * tolerance * rate);
}

TEST(Schedule, LiteralsCoverEveryKindWithoutTable) {
  std::set<kernels::ScheduleKind> kinds;
  for (const ScheduleLiteral& literal : schedule_literals) kinds.insert(literal.schedule.kind);
  std::set<kernels::ScheduleKind> all;
  for (const ScheduleCase& c : schedule_cases()) all.insert(c.schedule.kind);
  EXPECT_EQ(all.size(), std::variant_size_v<scorepath::ScheduleKind>) << "a kind has no row in schedule_cases.hpp";
  all.erase(kernels::ScheduleKind::ddpm);  // has its own test
  EXPECT_EQ(kinds, all) << "a kind has no row in schedule_literals.hpp";
}

}  // namespace
}  // namespace scorepath::test
