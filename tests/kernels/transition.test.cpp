// Step tables of the path sampler: the marginal variance identities, against the recursion in the schedule's own frame.
#include "kernels/step/transition.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "tests/kernels/law_cases.hpp"

namespace scorepath::test {
namespace {

struct Table {
  std::vector<double> rho, weight;
  std::vector<kernels::TransitionStep> steps;
};

enum class Kind { exact, euler_maruyama };

Table uniform_time_table(const RangeCase& c, int steps, Kind kind) {
  const auto size = static_cast<std::size_t>(steps) + 1;
  Table t{std::vector<double>(size), std::vector<double>(size), std::vector<kernels::TransitionStep>(size - 1)};
  kernels::uniform_time_grid(c.schedule, c.range, steps, {t.rho.data(), t.weight.data()});
  if (kind == Kind::exact) {
    kernels::exact_transitions(t.rho.data(), steps, t.steps.data());
  } else {
    kernels::euler_maruyama_transitions(c.schedule, c.range, t.rho.data(), steps, t.steps.data());
  }
  return t;
}

/// tau^2' = A^2 tau^2 + C^2 and 1 + b' = A (1 + b), from the coefficients that lanes use.
void expect_recursions(const Table& t, const std::string& name) {
  double variance = 0.0, scale = 1.0;
  for (std::size_t k = 0; k < t.steps.size(); ++k) {
    const kernels::TransitionStep& step = t.steps[k];
    variance = step.state * step.state * variance + step.noise * step.noise;
    scale *= step.state;
    ASSERT_NEAR(step.variance, variance, 1e-12 * variance) << name << ", step " << k;
    ASSERT_NEAR(step.shift, scale - 1.0, 1e-12 * std::fabs(scale)) << name << ", step " << k;
  }
}

TEST(ExactTransition, MarginalVarianceIsRhoAtEveryNode) {
  for (const RangeCase& c : range_cases()) {
    const Table t = uniform_time_table(c, 40, Kind::exact);
    expect_recursions(t, c.name);
    for (std::size_t k = 0; k < t.steps.size(); ++k) {
      EXPECT_EQ(t.steps[k].state, 1.0);
      EXPECT_EQ(t.steps[k].shift, 0.0);
      ASSERT_DOUBLE_EQ(t.steps[k].variance, t.rho[k + 1]) << c.name;
      ASSERT_NEAR(t.steps[k].noise * t.steps[k].noise, t.rho[k + 1] - t.rho[k], 1e-14 * t.rho[k + 1]) << c.name;
    }
  }
}

/// X' = (1 + f dt) X + g sqrt(dt) z [Maruyama 1955]: mean factor and variance of X by their own recursion from t_min
/// on, where X has what the exact start left; then Y = X/a in units.
TEST(EulerMaruyama, IsTheRecursionInTheSchedulesOwnFrame) {
  constexpr int steps = 128;
  for (const RangeCase& c : range_cases()) {
    const Table t = uniform_time_table(c, steps, Kind::euler_maruyama);
    expect_recursions(t, c.name);
    const kernels::StepShare share = kernels::share_steps(c.range, steps);
    const double dt = (c.range.t_max - c.range.t_min) / share.body;
    const double first = std::max(c.range.body_begin, 0.0);
    double mean = c.schedule.a(c.range.t_min);
    double variance = first / c.range.scale * mean * mean;
    for (int k = 0; k < share.body; ++k) {
      const double now = c.range.t_min + k * dt;
      const double next = k + 1 == share.body ? c.range.t_max : c.range.t_min + (k + 1) * dt;
      const double factor = 1.0 + c.schedule.drift(now) * dt;
      mean *= factor;
      variance = factor * factor * variance + c.schedule.diffusion(now) * dt;
      const double a = c.schedule.a(next);
      const kernels::TransitionStep& step = t.steps[static_cast<std::size_t>(share.head + k)];
      // Times come back from rho by the inverse of the schedule; a near 0 multiplies their error.
      ASSERT_NEAR(1.0 + step.shift, mean / a, 1e-5 * std::fabs(mean / a)) << c.name << ", step " << k;
      ASSERT_NEAR(step.variance, variance / (a * a) * c.range.scale, 1e-5 * step.variance) << c.name << ", step " << k;
    }
  }
}

TEST(EulerMaruyama, IsExactOutsideTheSchedule) {
  for (const RangeCase& c : range_cases()) {
    const Table t = uniform_time_table(c, 64, Kind::euler_maruyama);
    const kernels::StepShare share = kernels::share_steps(c.range, 64);
    for (int k = 0; k < 64; ++k) {
      if (k >= share.head && k < share.head + share.body) continue;
      const auto at = static_cast<std::size_t>(k);
      EXPECT_EQ(t.steps[at].state, 1.0) << c.name << ", step " << k;
      EXPECT_NEAR(t.steps[at].noise * t.steps[at].noise, t.rho[at + 1] - t.rho[at], 1e-12 * t.rho[at + 1]) << c.name;
    }
  }
}

/// Largest error of the end's variance and of its scale, relative, over the schedule up to r = 30 (or its own end).
double end_error(const kernels::NoiseSchedule& schedule, int steps) {
  const double lo = schedule.t_lo(), hi = schedule.default_t_max();
  const double t_max = schedule.noise_ratio(hi) > 30.0 ? schedule.time_of_noise_ratio(30.0) : hi;
  const RangeCase c{"", schedule, make_range(schedule, 1.0, false, lo, t_max, 1.0)};
  const kernels::TransitionStep last = uniform_time_table(c, steps, Kind::euler_maruyama).steps.back();
  return std::fabs(last.variance / c.range.end - 1.0) + std::fabs(last.shift);
}

TEST(EulerMaruyama, ConvergesToTheExactTransitionAtOrderOne) {
  for (const ScheduleCase& c : schedule_cases()) {
    const double coarse = end_error(c.schedule, 2048), fine = end_error(c.schedule, 4096),
                 finest = end_error(c.schedule, 8192);
    EXPECT_LT(finest, 0.05) << c.name;
    if (coarse < 1e-10) continue;  // edm has f = 0 and g^2 dt is not exact; nothing is exact but a constant g
    EXPECT_NEAR(coarse / fine, 2.0, 0.25) << c.name;
    EXPECT_NEAR(fine / finest, 2.0, 0.15) << c.name;
  }
}

/// One normal carries every node along a ray, with the variance and the shift that it has along the path.
TEST(RayTransitions, HaveThePathsMarginalsFromOneNormal) {
  for (const RangeCase& c : range_cases()) {
    for (const Kind kind : {Kind::exact, Kind::euler_maruyama}) {
      const Table t = uniform_time_table(c, 40, kind);
      std::vector<kernels::TransitionStep> rays(40);
      kernels::ray_transitions(t.steps.data(), 40, rays.data());
      double along = 0.0;  // of the ray whose normal is 1
      int sources = 0;
      for (std::size_t k = 0; k < 40; ++k) {
        along = rays[k].state * along + rays[k].noise;
        sources += rays[k].noise > 0.0 ? 1 : 0;
        ASSERT_NEAR(along * along, t.steps[k].variance, 1e-12 * t.steps[k].variance) << c.name << ", step " << k;
        ASSERT_EQ(rays[k].variance, t.steps[k].variance);
        ASSERT_EQ(rays[k].shift, t.steps[k].shift);
      }
      EXPECT_EQ(sources, 1) << c.name;
    }
  }
}

/// The lanes' table: eps = n/tau, so that E|eps|^2 = d under the discrete law too.
TEST(StepTable, HoldsTheIntegrandsCoefficients) {
  const kernels::NoiseSchedule schedule = kernels::VpLinearSchedule{0.1, 20.0};
  const RangeCase c{"", schedule, make_range(schedule, 1.0, false, 0.0, 1.0, 3.0)};
  const Table t = uniform_time_table(c, 64, Kind::euler_maruyama);
  for (const bool cancellation : {true, false}) {
    std::vector<kernels::Step<double>> table(64);
    kernels::make_step_table(t.rho.data(), t.weight.data(), t.steps.data(), 64, cancellation, table.data());
    for (std::size_t k = 0; k < 64; ++k) {
      const double rho = t.rho[k + 1], tau2 = t.steps[k].variance;
      ASSERT_EQ(table[k].state, t.steps[k].state);
      ASSERT_EQ(table[k].noise, t.steps[k].noise);
      ASSERT_EQ(table[k].shift, t.steps[k].shift);
      ASSERT_NEAR(table[k].on_cross * std::sqrt(tau2 * rho), 1.0, 1e-14);
      ASSERT_EQ(table[k].on_square, 0.5);
      ASSERT_NEAR(table[k].on_noise * 2.0 * rho * tau2, cancellation ? 0.0 : 1.0, 1e-14);
      ASSERT_EQ(table[k].weight, t.weight[k + 1]);
    }
  }
}

}  // namespace
}  // namespace scorepath::test
