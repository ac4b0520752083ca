// The library's main call as a caller sees it: samples, errors, threads, independence of everything that must not
// matter.
#include <scorepath/scorepath.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "host/parallel.hpp"
#include "host/sampling.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/small_jobs.hpp"

namespace scorepath::testing {
namespace {

/// The estimate is the mean of the samples; its error bar that of the means of randomisations, plus the far end's tiny
/// share.
void expect_samples_make_the_result(const Options& options) {
  const Sampling s = make_sampling(options);
  const Result result = estimate_log_density(problem(), points(), options);
  for (const PointResult& p : result.points) {
    ASSERT_EQ(p.samples.size(), s.samples);
    EXPECT_EQ(p.paths, s.paths());
    EXPECT_EQ(p.independent_samples, s.samples / s.length);
    double mean = 0.0, m2 = 0.0;
    for (const double x : p.samples) mean += x / static_cast<double>(s.samples);
    const auto groups = static_cast<std::size_t>(s.samples / s.length);
    for (std::size_t g = 0; g < groups; ++g) {
      double group = 0.0;
      for (std::size_t i = 0; i < s.length; ++i) group += p.samples[g * s.length + i] / static_cast<double>(s.length);
      m2 += (group - mean) * (group - mean);
    }
    const double n = static_cast<double>(groups);
    EXPECT_NEAR(p.log_density.value(), mean, 1e-10);
    EXPECT_NEAR(p.std_error.value(), std::sqrt(m2 / (n - 1.0) / n), 0.01 * p.std_error.value());
    EXPECT_LT(p.ci95_lower.value(), p.log_density.value());
    EXPECT_GT(p.ci95_upper.value(), p.log_density.value());
  }
}

TEST(KeepSamples, SamplesReproduceEstimateAndStandardError) {
  for (const Sampler sampler : {Sampler::slices, Sampler::paths}) {
    for (const TimePoints time_points : {TimePoints::stratified, TimePoints::plain, TimePoints::sobol}) {
      for (const Antithetic antithetic : {Antithetic::on, Antithetic::off}) {
        Options o = small(sampler);
        o.keep_samples = true;
        o.time_points = time_points;
        o.antithetic = antithetic;
        o.paths = 5000;
        expect_samples_make_the_result(o);
      }
    }
  }
  EXPECT_TRUE(estimate_log_density(problem(), points(), small()).points[0].samples.empty());
}

TEST(KeepSamples, DoNotChangeTheResult) {
  Options o = small();
  const Result without = estimate_log_density(problem(), points(), o);
  o.keep_samples = true;
  expect_same_bits(estimate_log_density(problem(), points(), o), without);
}

TEST(Estimate, DoesNotDependOnThreadsNeighboursOrOrder) {
  for (const Sampler sampler : {Sampler::slices, Sampler::paths}) {
    Options o = small(sampler);
    o.time_law = TimeLaw::importance;
    o.grid = Grid::adaptive;
    o.transition = Transition::euler_maruyama;
    const Result one_thread = estimate_log_density(problem(), points(), o);
    o.threads = 3;
    expect_same_bits(estimate_log_density(problem(), points(), o), one_thread);
    const Matrix all = points();
    for (std::size_t i = 0; i < 4; ++i) {
      const Result alone = estimate_log_density(problem(), MatrixView{all.row(i), 1, 2}, o);
      expect_same_bits(alone.points[0], one_thread.points[i]);
    }
  }
}

/// From 1e7 deviations on no sample tells what float arithmetic loses: the flag is up without one.
TEST(Estimate, FlagsPointsBeyondItsArithmetic) {
  const Matrix far(3, 2, {1e4, 1e4, 1e9, 1e9, 1e15, 1e15});
  const Result result = estimate_log_density(problem(), far, small());
  EXPECT_NEAR(*result.points[0].log_density, *result.points[0].exact_log_density, 1.0);
  EXPECT_TRUE(has_flag(result.points[1], "arithmetic"));
  EXPECT_TRUE(has_flag(result.points[2], "arithmetic"));
}

TEST(Estimate, DependsOnTheSeed) {
  Options o = small();
  const Result first = estimate_log_density(problem(), points(), o);
  o.seed = 1;
  const Result second = estimate_log_density(problem(), points(), o);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_NE(first.points[i].log_density, second.points[i].log_density);
}

/// The whole result, its double-lane check included, on every instruction set of this processor.
TEST(Estimate, HasTheSameBitsOnEveryInstructionSet) {
  const char* forced = std::getenv("SCOREPATH_ISA");
  const std::string before = forced != nullptr ? forced : "";
  for (const Sampler sampler : {Sampler::slices, Sampler::paths}) {
    Options o = small(sampler);
    o.transition = Transition::euler_maruyama;
    o.time_law = TimeLaw::importance;
    std::optional<Result> baseline;
    for (const Isa isa : supported_isas()) {
      setenv("SCOREPATH_ISA", name_of(isa).c_str(), 1);
      const Result result = estimate_log_density(problem(), points(), o);
      EXPECT_EQ(result.isa, name_of(isa));
      if (!baseline.has_value()) baseline = result;
      expect_same_bits(result, *baseline);
    }
  }
  if (before.empty()) {
    unsetenv("SCOREPATH_ISA");
  } else {
    setenv("SCOREPATH_ISA", before.c_str(), 1);
  }
}

TEST(Estimate, TwoThreadsMayCallAtOnce) {
  const Options o = small(), paths = small(Sampler::paths);
  const Result slices_alone = estimate_log_density(problem(), points(), o);
  const Result paths_alone = estimate_log_density(problem(), points(), paths);
  Result at_once[2];
  std::thread other([&] { at_once[0] = estimate_log_density(problem(), points(), o); });
  at_once[1] = estimate_log_density(problem(), points(), paths);
  other.join();
  expect_same_bits(at_once[0], slices_alone);
  expect_same_bits(at_once[1], paths_alone);
}

TEST(Estimate, RefusesPointsThatItCannotUse) {
  const auto expect = [](const std::vector<std::string>& fragments, MatrixView view) {
    expect_error(ErrorKind::input, fragments, [&] { estimate_log_density(problem(), view, small()); });
    expect_error(ErrorKind::input, fragments, [&] { exact_log_density(problem(), view); });
  };
  expect({"points", "3", "2"}, Matrix(1, 3, {1, 2, 3}));
  expect({"points"}, Matrix(0, 2));
  expect({"points"}, MatrixView{});
  expect({"points[1][0]"}, Matrix(2, 2, {0, 0, std::nan(""), 0}));
  expect({"points[0][1]"}, Matrix(1, 2, {0, HUGE_VAL}));
  expect({"points[0][1]"}, Matrix(1, 2, {0, 1e19}));
}

TEST(Estimate, RefusesOptionsAndProblemsThatCannotBe) {
  const auto expect_usage = [](const std::vector<std::string>& fragments, const Options& o) {
    expect_error(ErrorKind::usage, fragments, [&] { estimate_log_density(problem(), points(), o); });
  };
  Options o = small();
  o.paths = (std::uint64_t{1} << 40) + 1;
  expect_usage({"paths", "1099511627777"}, o);
  o = small();
  o.steps = 2;
  expect_usage({"steps", "2"}, o);
  o = small();
  o.target_se = -1.0;
  expect_usage({"target_se"}, o);
  o = small();
  o.arithmetic = Arithmetic::fast;
  expect_usage({"arithmetic"}, o);
  o = small();
  o.sampler = static_cast<Sampler>(9);
  expect_usage({"sampler", "9"}, o);
  Problem bad = problem();
  std::get<GaussianMixture>(bad.score).weights[1] = 0.9;
  expect_error(ErrorKind::input, {"weights"}, [&] { estimate_log_density(bad, points(), small()); });
  if (!available(Backend::cuda)) {
    o = small();
    o.backend = Backend::cuda;
    expect_error(ErrorKind::resource, {"cuda"}, [&] { estimate_log_density(problem(), points(), o); });
  }
}

/// The law's scale in the data's own units, and the variance that more paths divide.
TEST(Estimate, ReportsTheLawAndItsVariance) {
  const Problem wide{Schedule{}, GaussianMixture{{0.5, 0.5}, Matrix(2, 2, {0, 0, 9000, 0}), Matrix(2, 1, {1e4, 1e4})}};
  const Matrix at(1, 2, {100.0, -50.0});
  Options o = small();
  const PointResult p = estimate_log_density(wide, at, o).points.at(0);
  EXPECT_NEAR(*p.finest_variance, 1e4, 1e-8);
  EXPECT_GE(*p.largest_noise, 1e4 * 4500.0 * 4500.0);  // 1e4 times the data's variance at least
  EXPECT_NEAR(*p.path_variance, 4096.0 * *p.std_error * *p.std_error, 0.01 * *p.path_variance);
  EXPECT_TRUE(p.fitted_shares.empty());
  o.time_law = TimeLaw::importance;
  const std::vector<double> shares = estimate_log_density(wide, at, o).points.at(0).fitted_shares;
  ASSERT_EQ(shares.size(), 16u);
  double sum = 0.0;
  for (const double share : shares) {
    EXPECT_GE(share, 0.5 / 16.0 - 1e-12);  // half of the law stays even
    sum += share;
  }
  EXPECT_NEAR(sum, 1.0, 1e-12);
}

TEST(Estimate, SaysWhatItDid) {
  Options o = small(Sampler::paths);
  o.threads = 2;
  const Result r = estimate_log_density(problem(), points(), o);
  EXPECT_EQ(r.schedule, "vp-linear");
  EXPECT_EQ(r.method, "density-formula");
  EXPECT_EQ(r.sampler, "paths");
  EXPECT_EQ(r.backend, "cpu");
  EXPECT_EQ(r.options.method, Method::density_formula);
  EXPECT_EQ(r.options.backend, Backend::cpu);
  EXPECT_EQ(r.threads, arena_threads(2));
  EXPECT_EQ(r.totals.points, 4u);
  EXPECT_EQ(r.totals.paths, 4u * 4096u);
  EXPECT_EQ(r.totals.path_steps, 4u * 4096u * 16u);
  EXPECT_FALSE(r.target_missed);
  o.end = End::prior;
  EXPECT_EQ(estimate_log_density(problem(), points(), o).quantity, Quantity::lower_bound);
}

}  // namespace
}  // namespace scorepath::testing
