// Jobs sized by a target standard error: no bias from stopping, calibrated intervals, targets met, budgets kept.
//
// 2000 small jobs each. Bounds: mean error |z| <= 5 and coverage in [0.92, 0.98] (false-alarm rates 6e-7 and 1e-9);
// at most 3% of the targets missed, where the pilot's safety margin is made for 1%: 3% is 9 standard errors away.
#include <scorepath/scorepath.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <vector>

#include "tests/support/coverage.hpp"
#include "tests/support/option_grid.hpp"
#include "tests/support/problems.hpp"
#include "tests/support/seed.hpp"
#include "tests/support/statistics.hpp"

namespace scorepath::test {
namespace {

struct Job {
  const char* name;
  const char* mixture;
  Sampler sampler;
  TimePoints points;
  double target;
  std::uint64_t most_paths;
};
void PrintTo(const Job& job, std::ostream* os) { *os << job.name; }

class TargetSe : public testing::TestWithParam<Job> {};

TEST_P(TargetSe, KeepsTheMeanTheIntervalTheTargetAndTheBudget) {
  const Job& job = GetParam();
  const NamedProblem np = load_mixture(job.mixture);
  const std::vector<double> truth = true_log_densities(np.problem, np.points);
  Options o;
  o.sampler = job.sampler;
  o.time_points = job.points;
  o.steps = 128;  // Simpson's error is far below the bias that 2000 jobs resolve
  o.paths = job.most_paths;
  o.target_se = job.target;
  o.threads = 1;
  const std::uint64_t per_path = o.sampler == Sampler::paths ? o.steps : 1;
  // Besides the samples: far end, first node, the point's own posterior, the law's pilot (1024), float against double.
  const std::uint64_t overhead = 2048 + 64 * per_path;
  Coverage c;
  std::uint64_t most_spent = 0;
  double spent = 0.0;
  for (std::size_t s = 0; s < 125; ++s) {
    o.seed = test_seed() + s;
    const Result result = estimate_log_density(np.problem, np.points, o);
    bool missed = false;
    for (const PointResult& p : result.points) {
      c.add(p, truth[p.index]);
      c.targets_missed += *p.std_error > job.target ? 1 : 0;
      missed = missed || *p.std_error > job.target;
      EXPECT_LE(p.paths, job.most_paths);
      EXPECT_LE(p.score_evaluations, job.most_paths * per_path + overhead);
      most_spent = std::max(most_spent, p.paths);
      spent += static_cast<double>(p.paths) / 2000.0;
    }
    EXPECT_EQ(result.target_missed, missed);
  }
  const double n = static_cast<double>(c.runs);
  std::printf("  bias %+.2e (z %+.2f), coverage %.1f%%, missed %.2f%%, paths %.0f on average, %llu at most\n",
              c.error_sum / n, c.bias_z(), 100.0 * c.fraction(), 100.0 * static_cast<double>(c.targets_missed) / n,
              spent, static_cast<unsigned long long>(most_spent));
  EXPECT_LE(std::abs(c.bias_z()), z_bound);
  EXPECT_TRUE(is_calibrated(c)) << "coverage " << c.fraction();
  EXPECT_LE(static_cast<double>(c.targets_missed), 0.03 * n);
  EXPECT_LT(most_spent, job.most_paths);  // or the target would test nothing
}

INSTANTIATE_TEST_SUITE_P(
    Of, TargetSe,
    testing::Values(Job{"Slices", "ring-2", Sampler::slices, TimePoints::stratified, 0.06, 1u << 18},
                    Job{"PlainSlices", "anisotropic-2", Sampler::slices, TimePoints::plain, 0.06, 1u << 18},
                    Job{"Sobol", "ring-2", Sampler::slices, TimePoints::sobol, 0.06, 1u << 18},
                    Job{"Paths", "anisotropic-2", Sampler::paths, TimePoints::stratified, 0.1, 1u << 16}),
    [](const auto& info) { return std::string(info.param.name); });

// A budget that is too small for the target: all of it is spent, the result says so, nothing more is spent.
TEST(TargetSeBudget, IsNeverExceeded) {
  const NamedProblem np = load_mixture("ring-2");
  for (const std::uint64_t paths : {1u, 2u, 16u, 100u, 1000u, 4096u, 5000u, 20000u}) {
    for (Options o : slice_combinations()) {
      if (has_no_variance(o) || o.time_law == TimeLaw::debiased || o.cancellation == Cancellation::off) continue;
      o.paths = paths;
      o.target_se = 1e-6;
      o.threads = 1;
      o.seed = test_seed();
      Matrix point(1, 2, {np.points(3, 0), np.points(3, 1)});
      const Result result = estimate_log_density(np.problem, point, o);
      EXPECT_TRUE(result.target_missed);
      // Rounded up to whole pairs and randomisations; beside them the far end and checks, and where a law is fitted its
      // pilot.
      const double whole = static_cast<double>(paths) * 1.07 + 2.0;
      const double beside = o.time_law == TimeLaw::importance ? 4300.0 : 200.0;
      EXPECT_LE(static_cast<double>(result.points[0].score_evaluations), whole + beside)
          << describe(o) << ", " << paths;
      EXPECT_LE(static_cast<double>(result.points[0].paths), whole) << describe(o) << ", " << paths;
    }
  }
}

// What sizing by a pilot avoids: adding small batches of skewed values until one's own standard error looks small. The
// same bounds see that rule's bias and its undercoverage.
TEST(TargetSeStopping, OnOnesOwnNoiseWouldBeSeen) {
  Draws draws(test_seed());
  double errors = 0.0, squares = 0.0;
  std::size_t covered = 0;
  for (int job = 0; job < 2000; ++job) {
    double sum = 0.0, square = 0.0, n = 0.0, se = 1.0;
    while (n < 4.0 || se > 0.4) {
      for (int i = 0; i < 4; ++i) {
        const double value = std::exp(1.2 * draws.normal() - 0.72);  // log-normal, mean 1
        sum += value;
        square += value * value;
        n += 1.0;
      }
      se = std::sqrt((square - sum * sum / n) / (n - 1.0) / n);
    }
    const double error = sum / n - 1.0;
    errors += error;
    squares += error * error;
    covered += std::abs(error) <= 1.96 * se ? 1 : 0;
  }
  EXPECT_GT(std::abs(errors / std::sqrt(squares)), z_bound);
  EXPECT_LT(static_cast<double>(covered) / 2000.0, least_coverage);
}

}  // namespace
}  // namespace scorepath::test
