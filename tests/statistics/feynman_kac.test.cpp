// Plain Feynman-Kac weights: the density of the plug-in SDE that starts from the prior, in closed form for Gaussian
// data, where little noise keeps the weights alike; and what is said of them where they are not.
#include <scorepath/scorepath.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <vector>

#include "tests/support/coverage.hpp"
#include "tests/support/problems.hpp"
#include "tests/support/seed.hpp"
#include "tests/support/statistics.hpp"

namespace scorepath::test {
namespace {

Options feynman_kac(std::uint64_t paths) {
  Options o;
  o.method = Method::path_weights;
  o.form = Form::feynman_kac;
  o.end = End::prior;
  o.paths = paths;
  o.seed = test_seed();
  return o;
}

Schedule up_to(double t_max) {
  Schedule s;
  s.t_max = t_max;
  return s;
}

/// log density at x of Y_0, dY = s dtau + dB down from Y_R ~ N(0, 1 + R), s the exact score of N(m, v) data: every
/// coordinate a linear equation, Y_0 - m = (Y_R - m) v/(v + R) + noise of variance v R/(v + R).
double plug_in_log_density(const Gaussian& g, const double* x, double ratio) {
  double sum = 0.0;
  for (std::size_t j = 0; j < g.mean.size(); ++j) {
    const double v = g.variance[j], pulled = v / (v + ratio);
    const double mean = g.mean[j] * (1.0 - pulled), variance = v * (1.0 - pulled) + (1.0 + ratio) * pulled * pulled;
    sum -= 0.5 * (std::log(2.0 * pi * variance) + (x[j] - mean) * (x[j] - mean) / variance);
  }
  return sum;
}

TEST(FeynmanKac, IsTheDensityOfThePlugInModelOfGaussianData) {
  const Gaussian g{{0.4, -0.7, 0.0}, {0.6, 1.0, 1.7}};
  for (const double t_max : {0.05, 0.15, 0.25}) {
    const Problem problem{up_to(t_max), g};
    const Signal end = SignalAt{t_max}(VpLinear{});
    const double ratio = end.sigma2 / (end.a * end.a);
    const Matrix points = draw_points({Schedule{}, g}, 6, test_seed());
    const Result result = estimate_log_density(problem, points, feynman_kac(1u << 15));
    EXPECT_EQ(result.quantity, Quantity::sde_likelihood);
    for (const PointResult& p : result.points) {
      const double want = plug_in_log_density(g, points.row(p.index), ratio);
      EXPECT_LE(std::abs(*p.log_density - want), z_bound * *p.std_error + 2e-4)
          << "t_max " << t_max << ": " << *p.log_density << " +- " << *p.std_error << " for " << want;
      EXPECT_FALSE(p.discretization_error.has_value());
      EXPECT_TRUE(p.weights.has_value());
    }
    std::printf("  t_max %.2f, R %.2f: standard error %.1e, effective samples %.0f of 32768\n", t_max, ratio,
                *result.points[0].std_error, *result.points[0].effective_sample_size);
  }
}

/// Mixtures too: against path weights of the same plug-in SDE, extrapolated in their steps.
TEST(FeynmanKac, AgreesWithPathWeightsWhereThereIsLittleNoise) {
  const NamedProblem np = load_mixture("anisotropic-2");
  const Problem problem{up_to(0.06), np.problem.score};
  Options o = feynman_kac(1u << 16);
  o.steps = 512;
  const Result plain = estimate_log_density(problem, np.points, o);
  o.form = Form::extrapolated;
  const Result weights = estimate_log_density(problem, np.points, o);
  EXPECT_EQ(weights.quantity, Quantity::sde_likelihood);
  for (std::size_t i = 0; i < plain.points.size(); ++i) {
    const PointResult &a = plain.points[i], &b = weights.points[i];
    const auto collapsed = [](const PointResult& p) {
      return std::find(p.flags.begin(), p.flags.end(), "ess-collapse") != p.flags.end();
    };
    if (collapsed(a) || collapsed(b)) continue;
    EXPECT_LE(std::abs(*a.log_density - *b.log_density),
              z_bound * std::hypot(*a.std_error, *b.std_error) + *b.discretization_error + 2e-3)
        << "point " << i << ": " << *a.log_density << " +- " << *a.std_error << " for " << *b.log_density << " +- "
        << *b.std_error;
  }
}

TEST(FeynmanKac, IntervalsHoldTheTruth) {
  const Gaussian g{{0.0, 0.5}, {0.8, 1.0}};
  const Problem problem{up_to(0.1), g};
  const Signal end = SignalAt{0.1}(VpLinear{});
  const Matrix points = draw_points({Schedule{}, g}, 16, test_seed());
  Coverage coverage;
  Options o = feynman_kac(512);
  o.threads = 1;
  for (std::size_t s = 0; s < coverage_seeds; ++s) {
    o.seed = test_seed() + s;
    for (const PointResult& p : estimate_log_density(problem, points, o).points)
      coverage.add(p, plug_in_log_density(g, points.row(p.index), end.sigma2 / (end.a * end.a)));
  }
  std::printf("  %.1f%%, mean z %+.3f\n", 100.0 * coverage.fraction(), coverage.mean_z());
  EXPECT_TRUE(is_calibrated(coverage)) << coverage.fraction();
}

/// With all the noise of the schedule hardly a path counts: it says so.
TEST(FeynmanKac, CollapsesUnderTheWholeScheduleAndSaysSo) {
  const NamedProblem np = load_mixture("ring-2");
  for (const PointResult& p : estimate_log_density(np.problem, np.points, feynman_kac(4096)).points) {
    const bool flagged = std::any_of(p.flags.begin(), p.flags.end(), [](const std::string& flag) {
      return flag == "ess-collapse" || flag == "non-finite-path";
    });
    EXPECT_TRUE(flagged) << "point " << p.index << ": " << p.effective_sample_size.value_or(0.0)
                         << " effective samples";
  }
}

}  // namespace
}  // namespace scorepath::test
