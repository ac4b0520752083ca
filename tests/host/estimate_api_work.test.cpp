// Work is counted: the score evaluations that a result reports, written out by hand, so that a changed count is seen.
#include <scorepath/scorepath.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace scorepath::testing {
namespace {

Problem problem() {
  return {Schedule{}, GaussianMixture{{0.3, 0.7}, Matrix(2, 2, {0, 0, 2, 1}), Matrix(2, 1, {0.4, 0.4})}};
}

/// What every point costs before its samples: the posterior at the point, and 16 antithetic pairs at the far end.
constexpr std::uint64_t plan = 1 + 32;
/// 16 samples in float and again in double.
constexpr std::uint64_t arithmetic = 2 * 16;
/// The quadrature's check: 16 pairs of rays at least, through the path's nodes and those of a fine grid, and one more
/// of each next to zero.
constexpr std::uint64_t rays(std::uint64_t steps) { return 16 * 2 * (steps + 1 + 128 + 1); }

struct Case {
  const char* name;
  Options options;
  std::uint64_t paths, evaluations;
};

Options slices(std::uint64_t paths) {
  Options o;
  o.paths = paths;
  o.threads = 1;
  return o;
}
Options paths_of(std::uint64_t paths, std::uint64_t steps) {
  Options o = slices(paths);
  o.sampler = Sampler::paths;
  o.steps = steps;
  return o;
}
template <class Change>
Options with(Options o, Change change) {
  change(o);
  return o;
}

const std::vector<Case>& cases() {
  const auto unpaired = [](Options& o) { o.antithetic = Antithetic::off; };
  const auto importance = [](Options& o) { o.time_law = TimeLaw::importance; };
  const auto adaptive = [](Options& o) { o.grid = Grid::adaptive; };
  const auto euler = [](Options& o) { o.transition = Transition::euler_maruyama; };
  const auto target = [](Options& o) { o.target_se = 10.0; };
  static const std::vector<Case> list = {
      {"slices in pairs", slices(4096), 4096, 4096 + plan + arithmetic * 2},
      {"slices, unpaired", with(slices(4096), unpaired), 4096, 4096 + plan + arithmetic},
      {"slices, rounded up to whole randomisations", slices(4097), 4160, 4160 + plan + arithmetic * 2},
      {"slices, too few for a whole check", slices(8), 8, 8 + plan + 2 * 4 * 2},
      {"slices, one pair, nothing to check", slices(1), 2, 2 + plan},
      {"slices, fitted law: a pilot of 2048 pairs", with(slices(4096), importance), 4096,
       4096 + plan + 2048 * 2 + arithmetic * 2},
      {"slices, fitted law, unpaired", with(with(slices(4096), importance), unpaired), 4096,
       4096 + plan + 2048 + arithmetic},
      // One pilot batch of 2048 pairs, then the least that is ever done, a batch.
      {"slices with a target", with(slices(65536), target), 4096, 4096 + 4096 + plan + arithmetic * 2},
      // Paths add the integrand at the point itself.
      {"paths in pairs", paths_of(256, 16), 256, 256 * 16 + plan + 1 + arithmetic * 2 * 16 + rays(16)},
      {"paths, unpaired", with(paths_of(256, 16), unpaired), 256, 256 * 16 + plan + 1 + arithmetic * 16 + rays(16)},
      {"paths on a fitted grid", with(paths_of(256, 16), adaptive), 256,
       256 * 16 + plan + 1 + 2048 * 2 + arithmetic * 2 * 16 + rays(16)},
      {"paths by Euler-Maruyama", with(paths_of(256, 17), euler), 256,
       256 * 17 + plan + 1 + arithmetic * 2 * 17 + rays(17)},
      // Rounds of 16, 16 and 32 pairs; another of 64 would pass a sixteenth of the paths' own evaluations.
      {"paths whose few steps leave an error that a few rays do not tell", paths_of(65536, 8), 65536,
       65536 * 8 + plan + 1 + arithmetic * 2 * 8 + 4 * rays(8)},
  };
  return list;
}

/// Components of different variances: one posterior more for every doubling of the noise from the narrowest variance to
/// the finest one seen.
TEST(ScoreEvaluations, CountTheLookAlongTheWay) {
  Problem uneven = problem();
  std::get<GaussianMixture>(uneven.score).variances = Matrix(2, 1, {0.01, 1.0});
  const Matrix points(1, 2, {2.0, 1.0});  // at the mean of the wide one: 0.01, 0.02, .. 0.64
  const PointResult p = estimate_log_density(uneven, points, slices(4096)).points.at(0);
  EXPECT_EQ(p.score_evaluations, 4096 + plan + 7 + arithmetic * 2);
}

TEST(ScoreEvaluations, AreThoseOfTheTable) {
  const Matrix points(2, 2, {0.1, 0.2, 1.5, 1.0});
  for (const Case& c : cases()) {
    const Result result = estimate_log_density(problem(), points, c.options);
    for (const PointResult& p : result.points) {
      EXPECT_EQ(p.paths, c.paths) << c.name;
      EXPECT_EQ(p.score_evaluations, c.evaluations) << c.name;
    }
    EXPECT_EQ(result.totals.paths, 2 * c.paths) << c.name;
    EXPECT_EQ(result.totals.score_evaluations, 2 * c.evaluations) << c.name;
    const std::uint64_t steps = c.options.sampler == Sampler::paths ? c.options.steps : 1;
    EXPECT_EQ(result.totals.path_steps, 2 * c.paths * steps) << c.name;
  }
}

/// What is spent on a target counts its pilot, and stays within what may be spent.
TEST(ScoreEvaluations, OfATargetStayWithinTheBudget) {
  const Matrix points(1, 2, {0.1, 0.2});
  for (const double target : {1.0, 0.01, 1e-6}) {
    Options o = slices(65536);
    o.target_se = target;
    const PointResult p = estimate_log_density(problem(), points, o).points.at(0);
    EXPECT_LE(p.paths, 65536u) << target;
    EXPECT_LE(p.score_evaluations, 65536 + plan + arithmetic * 2) << target;
    EXPECT_GT(p.score_evaluations, p.paths + plan) << target << ": the pilot counts";
  }
}

}  // namespace
}  // namespace scorepath::testing
