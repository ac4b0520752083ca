// The progress callback: what it is told, and what stopping through it leaves.
#include <scorepath/scorepath.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <stdexcept>
#include <thread>
#include <vector>

#include "tests/support/small_jobs.hpp"

namespace scorepath::testing {
namespace {

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
  std::uint64_t last_total = 0, with_error_bar = 0, reports = 0, unsized = 0, paths = 0;
  bool was_sized = false;
  o.progress = [&](const Progress& p) {
    EXPECT_LE(p.batches_done, p.batches_total);
    EXPECT_GE(p.paths_done, paths);
    EXPECT_TRUE(p.is_sized || (!was_sized && p.paths_done == 0)) << "the total is known once and for all";
    paths = p.paths_done;
    was_sized = p.is_sized;
    unsized += p.is_sized ? 0 : 1;
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
  EXPECT_GT(unsized, 0u);
  EXPECT_EQ(paths, result.totals.paths) << "pilots are no part of the estimate";
}

Problem many_components() {
  constexpr std::size_t components = 512, dim = 16;
  DataSet data;
  data.data = Matrix(components, dim);
  for (std::size_t i = 0; i < data.data.values.size(); ++i) data.data.values[i] = std::sin(static_cast<double>(i));
  data.bandwidth = 0.5;
  return {Schedule{}, data};
}

/// A batch that takes seconds is no reason to be silent, or to go on after a stop: the callback is asked in the middle
/// of it, and what is broken off counts as not done.
TEST(ProgressCallback, IsAskedAndHeardInTheMiddleOfABatch) {
  for (const bool sized : {false, true}) {  // a batch of the estimate, a batch of the pilot
    Options o = small(Sampler::paths);
    o.steps = 2048;
    if (sized) o.target_se = 1e-6;
    int calls = 0;
    o.progress = [&](const Progress& p) {
      EXPECT_EQ(p.batches_done, 0u) << "one batch is more than all of this can take";
      return ++calls < 4 ? Continue::yes : Continue::no;
    };
    const Result result = estimate_log_density(many_components(), Matrix(1, 16), o);
    EXPECT_EQ(calls, 4) << "after a no nobody is asked again";
    EXPECT_TRUE(result.stopped);
    EXPECT_TRUE(has_flag(result.points[0], "stopped"));
    EXPECT_EQ(result.points[0].paths, 0u);
    EXPECT_FALSE(result.points[0].log_density.has_value());
  }
}

/// One path that takes more than a turn of work is still done, a pack at a time.
TEST(ProgressCallback, PathsOfAnyLengthAreDone) {
  Options o = small(Sampler::paths);
  o.steps = 8192;  // 1.7e8 products for each pair
  o.paths = 8;
  const Result result = estimate_log_density(many_components(), Matrix(1, 16), o);
  EXPECT_FALSE(result.stopped);
  EXPECT_EQ(result.points[0].paths, 8u);
  EXPECT_TRUE(result.points[0].log_density.has_value());
}

/// What the callback throws in the middle of a batch comes out. (That the other threads stop is Meter's part.)
TEST(ProgressCallback, WhatItThrowsComesOut) {
  Options o = small(Sampler::paths);
  o.steps = 2048;
  o.threads = 2;
  std::atomic<int> calls{0};
  o.progress = [&](const Progress& p) -> Continue {
    EXPECT_EQ(p.batches_done, 0u);
    if (++calls == 3) throw std::runtime_error("enough");
    return Continue::yes;
  };
  EXPECT_THROW(estimate_log_density(many_components(), Matrix(2, 16), o), std::runtime_error);
  EXPECT_EQ(calls, 3);
}

/// The pilot that sizes a job is a small estimate of its own.
TEST(ProgressCallback, StoppingWhileTheJobIsSizedLeavesThePilotsNumbers) {
  Options o = small();
  o.target_se = 1e-5;
  o.paths = std::uint64_t{1} << 34;
  o.progress = [](const Progress& p) { return p.batches_done > 8 ? Continue::no : Continue::yes; };
  const Result result = estimate_log_density(problem(), points(), o);
  EXPECT_TRUE(result.stopped);
  for (const PointResult& p : result.points) {
    EXPECT_TRUE(has_flag(p, "stopped"));
    EXPECT_GE(p.paths, 4096u);
    EXPECT_GT(p.score_evaluations, p.paths);
    EXPECT_LT(p.score_evaluations, p.paths + 200) << "pilot and estimate are counted once";
    EXPECT_NEAR(p.log_density.value(), *p.exact_log_density, 6.0 * p.std_error.value());
  }
}

/// A stop after the last batch leaves the numbers without their checks, and says so.
TEST(ProgressCallback, StoppingBeforeTheChecksIsSaid) {
  for (const Sampler sampler : {Sampler::slices, Sampler::paths}) {
    Options o = small(sampler);
    o.progress = [](const Progress& p) {
      return p.batches_done == p.batches_total && p.batches_done > 0 ? Continue::no : Continue::yes;
    };
    const Result result = estimate_log_density(problem(), points(), o);
    EXPECT_TRUE(result.stopped);
    for (const PointResult& p : result.points) {
      EXPECT_TRUE(p.log_density.has_value());
      EXPECT_FALSE(p.arithmetic_error.has_value());
      EXPECT_EQ(p.discretization_error.has_value(), sampler == Sampler::slices);
      EXPECT_TRUE(has_flag(p, "stopped"));
    }
  }
}

}  // namespace
}  // namespace scorepath::testing
