// The library's main call as a caller sees it: samples, progress, cancelling, errors, threads, independence of
// everything that must not matter.
#include <scorepath/scorepath.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "host/parallel.hpp"
#include "host/sampling.hpp"
#include "tests/support/expect_error.hpp"

namespace scorepath::testing {
namespace {

Problem problem() {
  return {Schedule{},
          GaussianMixture{{0.3, 0.5, 0.2}, Matrix(3, 2, {0, 0, 2, 1, -1, 2}), Matrix(3, 1, {0.2, 0.5, 0.1})}};
}
Matrix points() { return Matrix(4, 2, {0.1, 0.2, 2.0, 0.5, -3.0, 1.0, 0.0, 0.0}); }

Options small(Sampler sampler = Sampler::slices) {
  Options o;
  o.sampler = sampler;
  o.paths = 4096;
  o.steps = 16;
  o.threads = 1;
  return o;
}

bool has_flag(const PointResult& p, const std::string& flag) {
  return std::find(p.flags.begin(), p.flags.end(), flag) != p.flags.end();
}

void expect_same_number(const std::optional<double>& a, const std::optional<double>& b, const char* what) {
  ASSERT_EQ(a.has_value(), b.has_value()) << what;
  if (!a.has_value()) return;
  EXPECT_EQ(std::bit_cast<std::uint64_t>(*a), std::bit_cast<std::uint64_t>(*b)) << what;
}
void expect_same_bits(const PointResult& a, const PointResult& b) {
  expect_same_number(a.log_density, b.log_density, "log_density");
  expect_same_number(a.std_error, b.std_error, "std_error");
  expect_same_number(a.ci95_lower, b.ci95_lower, "ci95_lower");
  expect_same_number(a.ci95_upper, b.ci95_upper, "ci95_upper");
  expect_same_number(a.discretization_error, b.discretization_error, "discretization_error");
  expect_same_number(a.truncation_error, b.truncation_error, "truncation_error");
  expect_same_number(a.arithmetic_error, b.arithmetic_error, "arithmetic_error");
  EXPECT_EQ(a.paths, b.paths);
  EXPECT_EQ(a.score_evaluations, b.score_evaluations);
  EXPECT_EQ(a.flags, b.flags);
}
void expect_same_bits(const Result& a, const Result& b) {
  ASSERT_EQ(a.points.size(), b.points.size());
  for (std::size_t i = 0; i < a.points.size(); ++i) expect_same_bits(a.points[i], b.points[i]);
}

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

TEST(ProgressCallback, RisesToTheTotalOnTheCallingThreadAndChangesNothing) {
  Options o = small();
  o.paths = 40000;
  const Result silent = estimate_log_density(problem(), points(), o);
  std::vector<Progress> seen;
  const std::thread::id caller = std::this_thread::get_id();
  o.threads = 2;
  o.progress = [&](const Progress& p) {
    EXPECT_EQ(std::this_thread::get_id(), caller);
    seen.push_back(p);
    return Continue::yes;
  };
  const Result result = estimate_log_density(problem(), points(), o);
  expect_same_bits(result, silent);
  EXPECT_FALSE(result.stopped);
  ASSERT_GE(seen.size(), 2u);
  for (std::size_t i = 1; i < seen.size(); ++i) {
    EXPECT_GE(seen[i].batches_done, seen[i - 1].batches_done);
    EXPECT_GE(seen[i].seconds, seen[i - 1].seconds);
    EXPECT_LE(seen[i].batches_done, seen[i].batches_total);
  }
  EXPECT_EQ(seen.back().batches_done, seen.back().batches_total);
  EXPECT_EQ(seen.back().paths_done, result.totals.paths);
  EXPECT_EQ(seen.back().path_steps_done, result.totals.path_steps);
}

TEST(ProgressCallback, CanStopBeforeAnythingIsDone) {
  Options o = small();
  int calls = 0;
  o.progress = [&](const Progress&) { return ++calls, Continue::no; };
  const Result result = estimate_log_density(problem(), points(), o);
  EXPECT_EQ(calls, 1) << "after a no nobody is asked again";
  EXPECT_TRUE(result.stopped);
  ASSERT_EQ(result.points.size(), 4u);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(result.points[i].index, i);
    EXPECT_TRUE(has_flag(result.points[i], "stopped"));
    EXPECT_FALSE(result.points[i].log_density.has_value());
    EXPECT_FALSE(result.points[i].std_error.has_value());
  }
}

TEST(ProgressCallback, StoppingKeepsWhatWasDone) {
  Options o = small(Sampler::paths);
  o.paths = 4096 * 4000;  // far more than is waited for
  o.keep_samples = true;
  o.progress = [](const Progress& p) { return p.batches_done > 0 ? Continue::no : Continue::yes; };
  const Matrix one(1, 2, {0.1, 0.2});
  const Result result = estimate_log_density(problem(), one, o);
  EXPECT_TRUE(result.stopped);
  const PointResult& p = result.points.at(0);
  EXPECT_TRUE(has_flag(p, "stopped"));
  ASSERT_TRUE(p.log_density.has_value());
  EXPECT_GT(p.paths, 0u);
  EXPECT_LT(p.paths, o.paths);
  EXPECT_EQ(p.paths, 2 * p.samples.size());
  EXPECT_EQ(p.independent_samples, p.samples.size());
  // What was done is what a job of that size gives.
  Options exactly = small(Sampler::paths);
  exactly.paths = p.paths;
  const Result whole = estimate_log_density(problem(), one, exactly);
  expect_same_number(whole.points[0].log_density, p.log_density, "log_density");
  expect_same_number(whole.points[0].std_error, p.std_error, "std_error");
}

/// Batches go round the points: a run that is stopped has a number for each of them.
TEST(ProgressCallback, StoppingLeavesANumberForEveryPointOfTheGroup) {
  Options o = small();
  o.paths = std::uint64_t{4096} * 4000;
  o.progress = [](const Progress& p) { return p.batches_done >= 8 ? Continue::no : Continue::yes; };
  const Result result = estimate_log_density(problem(), points(), o);
  EXPECT_TRUE(result.stopped);
  std::uint64_t least = UINT64_MAX, most = 0;
  for (const PointResult& p : result.points) {
    EXPECT_TRUE(p.log_density.has_value()) << p.index;
    least = std::min(least, p.paths);
    most = std::max(most, p.paths);
  }
  EXPECT_GT(least, 0u);
  EXPECT_LE(most - least, 4096u);  // at most a batch apart
}

/// With a target the job grows, and the display with it: never more done than planned, an error bar while it runs.
TEST(ProgressCallback, FollowsAJobThatGrows) {
  Options o = small();
  o.target_se = 0.004;
  o.paths = std::uint64_t{1} << 24;
  std::uint64_t last_total = 0, with_error_bar = 0, reports = 0;
  o.progress = [&](const Progress& p) {
    EXPECT_LE(p.batches_done, p.batches_total);
    ++reports;
    with_error_bar += p.worst_standard_error > 0.0 ? 1u : 0u;
    last_total = p.batches_total;
    return Continue::yes;
  };
  const Result result = estimate_log_density(problem(), points(), o);
  EXPECT_FALSE(result.target_missed);
  EXPECT_GT(last_total, 64u);
  EXPECT_GT(with_error_bar, 0u);
  EXPECT_GT(reports, 3u);
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
  o.paths = 0;
  expect_usage({"paths", "0"}, o);
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
