// Multilevel Monte Carlo of the pathwise log-density: against densities known in closed form, at a target, level by
// level.
#include <scorepath/scorepath.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

#include "host/levels.hpp"
#include "host/multilevel.hpp"
#include "tests/statistics/pathwise_jobs.hpp"
#include "tests/support/coverage.hpp"
#include "tests/support/problems.hpp"
#include "tests/support/seed.hpp"
#include "tests/support/statistics.hpp"

namespace scorepath::test {
namespace {

Options multilevel(std::uint64_t steps, std::uint64_t paths) {
  Options o = pathwise(Form::multilevel, steps, paths);
  o.seed = test_seed();
  o.threads = 0;
  return o;
}

/// As many levels as the target needs, within four standard errors and what is left of the steps.
TEST(Multilevel, ReachesItsTargetAtEveryPointOfTheMixtures) {
  constexpr double target = 2e-2;
  for (const char* name : mixtures) {
    const NamedProblem np = load_mixture(name);
    Options o = multilevel(1024, std::uint64_t{1} << 22);
    o.target_se = target;
    const Result result = estimate_log_density(np.problem, np.points, o);
    EXPECT_EQ(result.quantity, Quantity::log_density);
    EXPECT_FALSE(result.target_missed) << name;
    double worst = 0.0, evaluations = 0.0;
    std::size_t fewest = 99, most = 0;
    for (const PointResult& p : result.points) {
      const double error = *p.log_density - true_log_density(np.problem, np.points.row(p.index));
      EXPECT_LE(*p.std_error, target);
      EXPECT_LE(std::abs(error), 4.0 * *p.std_error + *p.discretization_error)
          << name << ", point " << p.index << ": off by " << error << ", standard error " << *p.std_error;
      EXPECT_LT(*p.discretization_error, target);
      for (const std::string& flag : p.flags) EXPECT_EQ(flag, "heavy-tail") << name << ", point " << p.index;
      worst = std::max(worst, std::abs(error) / *p.std_error);
      evaluations += static_cast<double>(p.score_evaluations) / static_cast<double>(np.points.rows);
      fewest = std::min(fewest, p.levels.size());
      most = std::max(most, p.levels.size());
    }
    EXPECT_GE(fewest, least_levels);
    EXPECT_LT(most, most_levels(o.steps)) << name << ": levels that nobody needs";
    std::printf("  %-14s |z| up to %.1f, %zu to %zu levels, %.2g evaluations a point\n", name, worst, fewest, most,
                evaluations);
  }
}

/// A finer target has more levels: what the finest one leaves must be small against it.
TEST(Multilevel, HasAsManyLevelsAsTheTargetNeeds) {
  const NamedProblem np = load_mixture("cloud-64");
  const Matrix point(1, 64, {np.points.values.begin(), np.points.values.begin() + 64});
  const auto levels_for = [&](double target) {
    Options o = multilevel(1024, std::uint64_t{1} << 24);
    o.target_se = target;
    const PointResult p = estimate_log_density(np.problem, point, o).points[0];
    EXPECT_LT(*p.discretization_error, target / 3.0);
    return p.levels.size();
  };
  EXPECT_EQ(levels_for(0.2), least_levels);
  EXPECT_GT(levels_for(0.01), least_levels);
}

/// Levels that shared their draws, or a difference of the wrong sign or size, would show here: 2000 runs, and fewer
/// where schedules begin at t_min.
TEST(Multilevel, IntervalsHoldTheTruthOnEverySchedule) {
  std::vector<Schedule> schedules = {Schedule{}};
  for (const Schedule& schedule : some_schedules())
    if (schedule.t_min) schedules.push_back(schedule);
  for (const Schedule& schedule : schedules) {
    const Problem problem{schedule, random_mixture(4, 2, Variances::isotropic, hash_of_name("multilevel"))};
    const Matrix points = draw_points(problem, 16, test_seed(), 1.2);
    Options o = multilevel(128, 1024);
    o.grid = schedule.t_min ? Grid::stationary : Grid::automatic;
    const Coverage coverage =
        measure_coverage(problem, points, o, schedule.t_min ? coverage_seeds / 6 : coverage_seeds, test_seed());
    std::printf("  %-13s %.1f%%, mean square z %.2f, bias z %+.1f\n", name_of(schedule.kind).c_str(),
                100.0 * coverage.fraction(), coverage.mean_square_z(), coverage.bias_z());
    if (schedule.t_min) {
      EXPECT_NEAR(coverage.fraction(), 0.95, 0.06) << name_of(schedule.kind);
    } else {
      EXPECT_TRUE(is_calibrated(coverage)) << coverage.fraction();
      EXPECT_NEAR(coverage.mean_square_z(), 1.0, 0.2);
    }
    EXPECT_LE(std::abs(coverage.bias_z()), z_bound) << name_of(schedule.kind);
  }
}

/// What levels say adds up to the estimate; each takes out most of what the ones before it are off by, as a difference
/// of steps N and N/2 does whose error falls like 1/N^2. One of another size, sign or path would not.
TEST(Multilevel, LevelsTakeOutWhatCoarserOnesAreOffBy) {
  const NamedProblem np = load_mixture("cloud-64");
  const Matrix points(2, 64, {np.points.values.begin(), np.points.values.begin() + 128});
  constexpr std::uint64_t paths = 1u << 17;
  for (const PointResult& p : estimate_log_density(np.problem, points, multilevel(256, paths)).points) {
    ASSERT_EQ(p.levels.size(), 4U);
    double sum = 0.0, variance = 0.0, before = 0.0;
    std::uint64_t used = 0, evaluations = 0;
    for (std::size_t l = 0; l < 4; ++l) {
      const PathLevelResult& level = p.levels[l];
      EXPECT_EQ(level.steps, 32U << l);
      sum += level.value;
      variance += *level.std_error * *level.std_error;
      used += level.paths;
      evaluations += level.paths * level.evaluations_per_path;
      const double off = std::abs(sum - true_log_density(np.problem, points.row(p.index)));
      std::printf("  point %d, %3d steps: off by %.4f +- %.4f\n", static_cast<int>(p.index),
                  static_cast<int>(level.steps), off, std::sqrt(variance));
      if (l > 0) {
        EXPECT_LT(off, before / 2.5 + z_bound * std::sqrt(variance)) << level.steps;
      }
      before = off;
    }
    EXPECT_NEAR(sum + p.levels.back().value / 3.0, *p.log_density, 1e-9);
    EXPECT_EQ(p.paths, used);
    EXPECT_GT(p.score_evaluations, evaluations);
    EXPECT_LE(p.paths, paths);
  }
}

TEST(Multilevel, OfGaussianDataIsExact) {
  const Problem problem{Schedule{}, Gaussian{{0.5, -1.0}, {2.0}}};
  const Matrix points = draw_points(problem, 4, test_seed());
  for (const PointResult& p : estimate_log_density(problem, points, multilevel(128, 1024)).points) {
    EXPECT_NEAR(*p.log_density, true_log_density(problem, points.row(p.index)), 1e-4);
    EXPECT_LT(*p.std_error, 1e-4);
  }
}

/// Stopped while the pilots run or later: a number that is flagged, or none; never one without a flag.
TEST(Multilevel, StopsWhenAsked) {
  const NamedProblem np = load_mixture("cloud-64");
  for (const int calls : {1, 20}) {
    Options o = multilevel(512, std::uint64_t{1} << 24);
    o.target_se = 1e-4;
    int heard = 0;
    o.progress = [&](const Progress&) { return ++heard < calls ? Continue::yes : Continue::no; };
    const Result result = estimate_log_density(np.problem, np.points, o);
    EXPECT_TRUE(result.stopped);
    ASSERT_EQ(result.points.size(), np.points.rows);
    for (const PointResult& p : result.points)
      EXPECT_NE(std::find(p.flags.begin(), p.flags.end(), "stopped"), p.flags.end()) << calls << ", " << p.index;
  }
}

TEST(Multilevel, SumOfMeansIsTheirMomentsTogether) {
  Draws draws(test_seed());
  std::vector<double> a(64), b(16), scratch(64);
  for (double& x : a) x = draws.normal();
  for (double& x : b) x = 3.0 + draws.normal() * draws.normal();
  const kernels::Moments first = kernels::moments_of(a.data(), a.size(), scratch.data());
  const kernels::Moments second = kernels::moments_of(b.data(), b.size(), scratch.data());
  const kernels::Moments sum = sum_of_means({first, second});
  EXPECT_DOUBLE_EQ(sum.mean, first.mean + second.mean);
  EXPECT_NEAR(sum.variance_of_mean(), first.variance_of_mean() + second.variance_of_mean(), 1e-15);
  // Third central moments of means add up.
  const auto third = [](const kernels::Moments& m) {
    const auto n = static_cast<double>(m.count);
    return m.m3 / (n * n * n);
  };
  EXPECT_NEAR(third(sum) / (third(first) + third(second)), 1.0, 0.15);
  EXPECT_GE(sum.count, 16U);
  EXPECT_LE(sum.count, 80U);
  EXPECT_EQ(sum_of_means({first}).count, 64U);
}

}  // namespace
}  // namespace scorepath::test
