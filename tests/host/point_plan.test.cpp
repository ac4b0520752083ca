// A point's plan by itself: which samples it asks the back end for, and what the meter makes of what it is told.
#include "host/point_plan.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <vector>

#include "host/cpu_dispatch.hpp"
#include "host/meter.hpp"
#include "host/point_checks.hpp"
#include "host/point_group.hpp"
#include "tests/support/small_jobs.hpp"

namespace scorepath::testing {
namespace {

/// Samples that a back end was asked for, by lane.
struct Asked {
  std::vector<std::uint64_t> first_float, first_double;
  std::vector<int> counts;
};
thread_local Asked asked;

/// The value of a sample is its number.
template <class Job, class T>
void note(const Job&, std::uint64_t first, int count, T* values) {
  (sizeof(T) == 4 ? asked.first_float : asked.first_double).push_back(first);
  asked.counts.push_back(count);
  for (int i = 0; i < count; ++i) values[i] = static_cast<T>(first + static_cast<std::uint64_t>(i));
}

const GoOn always = [] { return true; };

struct NotedJob {
  explicit NotedJob(const Options& o)
      : options(o), model((validate(testing::problem()), testing::problem())), cpu(cpu_kernels(active_isa())) {
    cpu.slices = note<kernels::SliceJob<float>>;
    cpu.slices_double = note<kernels::SliceJob<double>>;
    cpu.paths = note<kernels::PathJob<float>>;
    cpu.paths_double = note<kernels::PathJob<double>>;
  }
  Options options;
  Model model;
  kernels::CpuKernels cpu;
  JobContext context{model, options, cpu, make_sampling(options)};
  std::vector<double> point = {0.1, 0.2};
  PointPlan plan{context, point.data(), always};
};

/// Stratified times put neighbouring samples next to each other in noise: float is compared with double all over the
/// first randomisation, on the same samples.
TEST(PointPlan, ComparesArithmeticAtEveryNoiseLevel) {
  const NotedJob job(small());
  const std::uint64_t length = job.context.sampling.length;
  ASSERT_GT(length, 16u);
  asked = {};
  EXPECT_TRUE(job.plan.arithmetic_difference(16, always).has_value());
  ASSERT_EQ(asked.first_double.size(), 16u);
  EXPECT_EQ(asked.first_float, asked.first_double);
  for (std::size_t i = 0; i < 16; ++i) EXPECT_EQ(asked.first_double[i], i * length / 16);
}

/// The samples of a batch are asked for once each, in turns of whole packs, and come back in their places.
TEST(PointPlan, BatchesAreDoneInTurns) {
  for (const std::uint64_t steps : {std::uint64_t{16}, std::uint64_t{4096}, std::uint64_t{1} << 20}) {
    Options o = small(Sampler::paths);
    o.paths = 3 * batch_paths;
    o.steps = steps;
    const NotedJob job(o);
    asked = {};
    const std::uint64_t n = job.context.sampling.samples_per_batch();
    PointPlan::Kept kept;
    EXPECT_TRUE(job.plan.run_batch(2, n, PointPlan::Draws::estimate, always, &kept).has_value());
    const std::vector<double>& samples = kept.samples;
    ASSERT_EQ(samples.size(), n);
    std::uint64_t next = 2 * n;
    for (std::size_t i = 0; i < asked.counts.size(); ++i) {
      EXPECT_EQ(asked.first_float[i], next);
      EXPECT_EQ(asked.first_float[i] % 16, 0u);
      EXPECT_GT(asked.counts[i], 0);
      next += static_cast<std::uint64_t>(asked.counts[i]);
    }
    EXPECT_EQ(next, 3 * n);
    EXPECT_EQ(asked.counts.size() > 1, steps > 16) << asked.counts.size() << " turns";
    for (std::size_t i = 0; i < n; ++i) ASSERT_NEAR(samples[0] - samples[i], static_cast<double>(i), 1e-6) << i;
  }
}

TEST(PointPlan, WhatIsBrokenOffLeavesNothing) {
  const NotedJob job(small());
  const GoOn never = [] { return false; };
  EXPECT_FALSE(job.plan.run_batch(0, 2048, PointPlan::Draws::estimate, never).has_value());
  EXPECT_FALSE(job.plan.arithmetic_difference(16, never).has_value());
}

/// The pilot that fits a law or a grid is asked whether to go on, and what comes after it minds no answer.
TEST(PointPlan, PilotsAreAskedWhetherToGoOn) {
  for (const Sampler sampler : {Sampler::slices, Sampler::paths}) {
    Options o = small(sampler);
    o.time_law = TimeLaw::importance;
    o.grid = Grid::adaptive;
    const NotedJob job(o);
    for (const bool answer : {true, false}) {
      int asked_for = 0;
      const PointPlan plan(job.context, job.point.data(), [&] { return ++asked_for, answer; });
      EXPECT_EQ(asked_for, 1);
      EXPECT_EQ(plan.fitted_shares().size(), 16u);
    }
  }
}

/// A check may be broken off at any turn: then it says so, and has nothing to report of the quadrature.
TEST(CheckPoint, ThatIsBrokenOffIsNoCheck) {
  Options o = small(Sampler::paths);
  o.paths = 256;
  const Model model((validate(testing::problem()), testing::problem()));
  const kernels::CpuKernels cpu = cpu_kernels(active_isa());
  const JobContext context{model, o, cpu, make_sampling(o)};
  const double point[] = {0.1, 0.2};
  const PointPlan plan(context, point, always);
  int turns = 0;
  PointRecord whole;
  whole.samples = 128;
  EXPECT_TRUE(check_point(context, plan, whole, [&] { return ++turns, true; }));
  EXPECT_GE(whole.quadrature.count, 2u);
  EXPECT_TRUE(whole.exact.has_value());
  ASSERT_GT(turns, 3);
  for (int last = 1; last <= turns; ++last) {
    PointRecord record;
    record.samples = 128;
    int asked_for = 0;
    EXPECT_FALSE(check_point(context, plan, record, [&] { return ++asked_for < last; })) << last << " of " << turns;
    EXPECT_EQ(asked_for, last);
    EXPECT_EQ(record.quadrature.count, 0u);
  }
}

/// The worst standard error of points that are done stays, whatever comes after them.
TEST(Meter, RemembersTheWorstStandardError) {
  std::vector<double> seen;
  Options o = small();
  o.progress = [&](const Progress& p) {
    seen.push_back(p.worst_standard_error);
    return Continue::yes;
  };
  const NotedJob job(o);
  Meter meter(job.context, 3);
  meter.planned(3, 3);
  meter.running(0.25);
  meter.report(0, 0);
  meter.finished(0.5);
  meter.report(1, 1);
  meter.running(0.125);
  meter.report(0, 0);
  meter.finished(0.0625);
  meter.report(1, 1);
  EXPECT_EQ(seen, (std::vector<double>{0.25, 0.5, 0.5, 0.5}));
}

/// Where the callback throws, the run is over for every thread.
TEST(Meter, StopsWhereTheCallbackThrows) {
  Options o = small();
  o.progress = [](const Progress&) -> Continue { throw std::runtime_error("enough"); };
  const NotedJob job(o);
  Meter meter(job.context, 1);
  meter.planned(1, 1);
  EXPECT_TRUE(meter.beat()) << "too early to ask";
  EXPECT_THROW(meter.report(0, 0), std::runtime_error);
  EXPECT_TRUE(meter.stopped());
  EXPECT_FALSE(meter.beat());
}

/// Where a Gaussian is its own control variate nothing is left to chance, nor to float: what remains is the rounding of
/// the numbers around it.
TEST(ArithmeticError, HoldsTheRoundingOfTheBaseline) {
  const Problem gaussian{Schedule{}, Gaussian{{0.0, 0.0}, {1.0}}};
  Options o = small();
  for (const double x : {1.0, 1e3, 1e5}) {
    const PointResult p = estimate_log_density(gaussian, Matrix(1, 2, {x, -x}), o).points[0];
    ASSERT_TRUE(p.arithmetic_error.has_value());
    EXPECT_GE(*p.arithmetic_error, 1e-14 * std::abs(*p.log_density)) << x;
    EXPECT_GE(*p.arithmetic_error, std::numeric_limits<double>::epsilon() * std::abs(*p.log_density)) << x;
  }
}

/// Kept samples stand in the order of their counters: a longer run begins with the shorter one's.
TEST(KeptSamples, StandInTheOrderOfTheirCounters) {
  for (const Sampler sampler : {Sampler::slices, Sampler::paths}) {
    Options o = small(sampler);
    o.time_points = TimePoints::plain;
    o.keep_samples = true;
    o.paths = 1000;
    const std::vector<double> few = estimate_log_density(problem(), points(), o).points[0].samples;
    o.paths = 9000;
    const std::vector<double> many = estimate_log_density(problem(), points(), o).points[0].samples;
    ASSERT_EQ(few.size(), 500u);
    ASSERT_EQ(many.size(), 4500u);
    for (std::size_t i = 0; i < few.size(); ++i) EXPECT_EQ(few[i], many[i]) << i;
    EXPECT_FALSE(std::is_sorted(few.begin(), few.end()));
  }
}

}  // namespace
}  // namespace scorepath::testing
