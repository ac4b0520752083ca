// Combinations of options whose samples have no variance: flagged, without an error bar, and rightly so.
//
// Theory in support/option_grid.hpp, written apart from the library. Shown on samples: where the variance is infinite,
// single samples dominate the sum of squares however many there are; where it is finite, their share falls as 1/n.
#include <scorepath/scorepath.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "host/point_result.hpp"
#include "tests/support/option_grid.hpp"
#include "tests/support/problems.hpp"
#include "tests/support/seed.hpp"
#include "tests/support/statistics.hpp"

namespace scorepath::test {
namespace {

using testing::Test;

bool is_flagged(const PointResult& p) {
  return std::find(p.flags.begin(), p.flags.end(), "infinite-variance") != p.flags.end();
}

TEST(InfiniteVariance, EveryCombinationIsFlaggedOrHasAnErrorBar) {
  const NamedProblem np = load_mixture("ring-2");
  std::vector<Options> all = slice_combinations();
  for (const Transition transition : {Transition::exact, Transition::euler_maruyama}) {
    const std::vector<Options> paths = path_combinations(transition);
    all.insert(all.end(), paths.begin(), paths.end());
  }
  int flagged = 0;
  for (Options o : all) {
    o.paths = 64;
    o.steps = 8;
    o.threads = 1;
    o.seed = test_seed();
    const std::string name = describe(o);
    EXPECT_EQ(has_infinite_variance(o), has_no_variance(o)) << name;
    flagged += has_no_variance(o) ? 1 : 0;
    for (const PointResult& p : estimate_log_density(np.problem, np.points, o).points) {
      EXPECT_EQ(is_flagged(p), has_no_variance(o)) << name;
      EXPECT_EQ(p.std_error.has_value(), !has_no_variance(o)) << name;
      EXPECT_EQ(p.ci95_lower.has_value(), !has_no_variance(o)) << name;
      EXPECT_EQ(p.ci95_upper.has_value(), !has_no_variance(o)) << name;
      EXPECT_TRUE(p.log_density.has_value()) << name;
    }
  }
  EXPECT_EQ(flagged, 42);  // 24 uncancelled ones; of the rest 18 unpaired ones, uniform in t at zero noise
}

/// Mean over runs of log2(sample variance with 2^18 samples / with 2^12): medians over points and seeds, so that one
/// extreme sample does not decide. 0 where there is a variance; for tails P(|X| > x) ~ x^-a, a < 2, it is 6 (2/a - 1).
double variance_growth(const NamedProblem& np, Options o) {
  constexpr std::size_t few = 1u << 12, many = 1u << 18;
  std::vector<double> small, large;
  o.keep_samples = true;
  o.threads = 1;
  o.paths = many * (o.antithetic == Antithetic::on ? 2 : 1);
  o.time_points = TimePoints::plain;
  Matrix points(4, np.points.columns);
  std::copy_n(np.points.values.begin(), points.values.size(), points.values.begin());
  for (std::uint64_t seed = 0; seed < 4; ++seed) {
    o.seed = test_seed() + seed;
    for (const PointResult& p : estimate_log_density(np.problem, points, o).points) {
      for (std::size_t i = 0; i < many; i += few) {
        small.push_back(summarise(std::span(p.samples).subspan(i, few)).variance);
      }
      large.push_back(summarise(p.samples).variance);
    }
  }
  const auto median = [](std::vector<double>& v) {
    std::nth_element(v.begin(), v.begin() + static_cast<long>(v.size() / 2), v.end());
    return v[v.size() / 2];
  };
  return std::log2(median(large) / median(small));
}

struct Growth {
  const char* name;
  TimeLaw law;
  Antithetic antithetic;
  Cancellation cancellation;
  ControlVariate control_variate;
  double least, most;
};
void PrintTo(const Growth& g, std::ostream* os) { *os << g.name; }

class InfiniteVarianceGrowth : public testing::TestWithParam<Growth> {};

TEST_P(InfiniteVarianceGrowth, OfTheSampleVarianceFrom4096To262144Samples) {
  const Growth& g = GetParam();
  Options o;
  o.time_law = g.law;
  o.antithetic = g.antithetic;
  o.cancellation = g.cancellation;
  o.control_variate = g.control_variate;
  const double growth = variance_growth(load_mixture("ring-2"), o);
  std::printf("  log2(variance of 2^18 / of 2^12 samples) = %.2f\n", growth);
  EXPECT_GE(growth, g.least);
  EXPECT_LE(growth, g.most);
}

// Uncancelled samples are |chi|/rho over the law's density: 1/p at position p for both kinds of law, so a = 1 and the
// expected growth is 6. Unpaired samples under a uniform law have a = 2: their variance grows as ln n, too slowly to be
// asserted here.
INSTANTIATE_TEST_SUITE_P(
    Of, InfiniteVarianceGrowth,
    testing::Values(
        Growth{"UniformUncancelled", TimeLaw::uniform, Antithetic::on, Cancellation::off, ControlVariate::none, 3.0,
               12.0},
        Growth{"DebiasedUncancelled", TimeLaw::debiased, Antithetic::on, Cancellation::off, ControlVariate::none, 3.0,
               12.0},
        Growth{"LogSnrUncancelled", TimeLaw::log_snr, Antithetic::on, Cancellation::off, ControlVariate::none, 3.0,
               12.0},
        Growth{"LogSnr", TimeLaw::log_snr, Antithetic::on, Cancellation::on, ControlVariate::gaussian, -0.5, 0.5},
        Growth{"LogSnrUnpaired", TimeLaw::log_snr, Antithetic::off, Cancellation::on, ControlVariate::none, -0.5, 0.5},
        Growth{"UniformPaired", TimeLaw::uniform, Antithetic::on, Cancellation::on, ControlVariate::none, -0.5, 0.5},
        Growth{"Debiased", TimeLaw::debiased, Antithetic::on, Cancellation::on, ControlVariate::gaussian, -0.5, 0.5}),
    [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace scorepath::test
