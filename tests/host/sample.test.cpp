// sample(): what its result is a function of, trajectories, stopping, and what it refuses.
#include <scorepath/scorepath.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <vector>

#include "tests/support/expect_error.hpp"
#include "tests/support/reverse_jobs.hpp"
#include "tests/support/seed.hpp"
#include "tests/support/small_jobs.hpp"

namespace scorepath::testing {
namespace {

using test::every_reverse_method;

SampleOptions small_job(ReverseMethod method = ReverseMethod::exponential) {
  SampleOptions o;
  o.method = method;
  o.steps = 12;
  o.seed = test::test_seed();
  o.threads = 1;
  o.log_density = true;
  return o;
}

void expect_same(const std::vector<double>& a, const std::vector<double>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i)
    EXPECT_EQ(std::bit_cast<std::uint64_t>(a[i]), std::bit_cast<std::uint64_t>(b[i]));
}

TEST(Sample, GivesSamplesDensitiesAndWhereTheyComeFrom) {
  for (const ReverseMethod method : every_reverse_method) {
    SampleOptions o = small_job(method);
    const Samples s = sample(problem(), 100, o);
    EXPECT_EQ(s.samples.rows, 100u);
    EXPECT_EQ(s.samples.columns, 2u);
    ASSERT_EQ(s.log_density.size(), 100u);
    for (std::size_t i = 0; i < 100; ++i) {
      EXPECT_TRUE(std::isfinite(s.log_density[i]));
      EXPECT_GT(s.std_error[i], 0.0);
    }
    expect_same(s.exact_log_density, exact_log_density(problem(), s.samples));
    EXPECT_EQ(s.backend, "cpu");
    EXPECT_EQ(s.schedule, "vp-linear");
    EXPECT_EQ(s.quantity, Quantity::log_density);
    EXPECT_EQ(*s.options.lambda, method == ReverseMethod::ddim ? 1.0 : 0.0);
    const std::uint64_t rows = method == ReverseMethod::predictor_corrector ? 24 : 12;
    if (method == ReverseMethod::second_order) {  // long steps have one stage
      EXPECT_GT(s.score_evaluations, 100 * 2 * (rows + 1));
      EXPECT_LT(s.score_evaluations, 100 * 3 * (rows + 1));
    } else {
      EXPECT_EQ(s.score_evaluations, 100 * (rows + 1));
    }
    o.log_density = false;
    const Samples plain = sample(problem(), 100, o);
    expect_same(plain.samples.values, s.samples.values);
    EXPECT_TRUE(plain.log_density.empty() && plain.std_error.empty());
  }
}

/// Sample i is a function of the problem, the options and i.
TEST(Sample, DependsOnNeitherThreadsNorCount) {
  SampleOptions o = small_job();
  const Samples one = sample(problem(), 9000, o);
  o.threads = 2;
  const Samples two = sample(problem(), 9000, o), few = sample(problem(), 10, o);
  expect_same(two.samples.values, one.samples.values);
  expect_same(two.log_density, one.log_density);
  expect_same(two.std_error, one.std_error);
  expect_same(few.samples.values, std::vector<double>(one.samples.values.begin(), one.samples.values.begin() + 20));
  o.seed += 1;
  EXPECT_NE(sample(problem(), 10, o).samples.values, few.samples.values);
}

TEST(Sample, TrajectoriesEndInTheSamples) {
  for (const ReverseMethod method : every_reverse_method) {
    SampleOptions o = small_job(method);
    o.trajectories = 3;
    const Samples s = sample(problem(), 5, o);
    ASSERT_FALSE(s.times.empty());
    EXPECT_EQ(s.times.size() <= 13u, true);
    EXPECT_TRUE(std::is_sorted(s.times.rbegin(), s.times.rend()));
    EXPECT_EQ(s.times.back(), 0.0);
    ASSERT_EQ(s.trajectories.size(), 3 * s.times.size() * 2);
    for (std::size_t i = 0; i < 3; ++i) {
      for (std::size_t j = 0; j < 2; ++j)
        EXPECT_EQ(s.trajectories[(i * s.times.size() + s.times.size() - 1) * 2 + j], s.samples(i, j));
    }
    o.log_density = false;
    expect_same(sample(problem(), 5, o).trajectories, s.trajectories);
  }
}

/// At times that are asked for, X_t has the law that it has: by every method, however close the times.
class SampleTimes : public ::testing::TestWithParam<ReverseMethod> {};
INSTANTIATE_TEST_SUITE_P(Method, SampleTimes, ::testing::ValuesIn(every_reverse_method));

TEST_P(SampleTimes, AreWhereTrajectoriesStand) {
  SampleOptions o = small_job(GetParam());
  if (GetParam() == ReverseMethod::ddim) o.lambda = 1.0;
  o.steps = 400;
  o.log_density = false;
  o.trajectories = 4000;
  o.times = {0.9, 0.1, 0.5, 0.0, 0.50001, 0.1};
  Problem gaussian{Schedule{}, Gaussian{{1.0, -2.0}, {0.3, 0.5}}};
  const Samples s = sample(gaussian, 4000, o);
  const double expected[] = {0.9, 0.50001, 0.5, 0.1, 0.0};
  ASSERT_EQ(s.times.size(), 5u);
  for (std::size_t t = 0; t < 5; ++t) {
    EXPECT_NEAR(s.times[t], expected[t], 1e-9);
    const double integral = 0.1 * expected[t] + 0.5 * 19.9 * expected[t] * expected[t];
    const double a = std::exp(-0.5 * integral), variance = a * a * 0.3 + 1.0 - a * a;
    double mean = 0.0, square = 0.0;
    for (std::size_t i = 0; i < 4000; ++i) {
      const double x = s.trajectories[(i * 5 + t) * 2] - a;
      mean += x / 4000.0;
      square += x * x / 4000.0;
    }
    EXPECT_NEAR(mean, 0.0, 5.0 * std::sqrt(variance / 4000.0)) << expected[t];
    EXPECT_NEAR(square / variance, 1.0, 5.0 * std::sqrt(2.0 / 4000.0)) << expected[t];
  }
}

TEST(Sample, FarFromTheOriginLosesNoDigits) {
  Problem near{Schedule{}, Gaussian{{0.0, 0.0}, {0.3}}}, far{Schedule{}, Gaussian{{1e6, -1e6}, {0.3}}};
  const SampleOptions o = small_job();
  const Samples a = sample(near, 50, o), b = sample(far, 50, o);
  for (std::size_t i = 0; i < 50; ++i) {
    EXPECT_NEAR(b.samples(i, 0) - 1e6, a.samples(i, 0), 1e-6);
    EXPECT_NEAR(b.log_density[i], a.log_density[i], 1e-6);
  }
}

TEST(Sample, StopsWhenToldAndKeepsWhatIsDone) {
  SampleOptions o = small_job();
  const Samples whole = sample(problem(), 40'000, o);
  o.progress = [](const Progress& p) { return p.paths_done > 0 ? Continue::no : Continue::yes; };
  const Samples s = sample(problem(), 40'000, o);
  EXPECT_TRUE(s.stopped);
  ASSERT_GT(s.samples.rows, 0u);
  ASSERT_LT(s.samples.rows, 40'000u);
  EXPECT_EQ(s.log_density.size(), s.samples.rows);
  expect_same(s.samples.values,
              std::vector<double>(whole.samples.values.begin(),
                                  whole.samples.values.begin() + static_cast<std::ptrdiff_t>(2 * s.samples.rows)));
}

TEST(Sample, SaysThatItStandsAtTMin) {
  Problem p = problem();
  p.schedule.t_min = 0.1;
  const Samples s = sample(p, 10, small_job());
  ASSERT_EQ(s.warnings.size(), 1u);
  EXPECT_NE(s.warnings[0].find("t_min"), std::string::npos);
  expect_same(s.exact_log_density, exact_log_density(p, s.samples));
}

TEST(Sample, SaysWhereStepsAreTooLongForTheirErrorBars) {
  SampleOptions o = small_job();
  const auto warns = [&] {
    const Samples s = sample(problem(), 200, o);
    return std::any_of(s.warnings.begin(), s.warnings.end(),
                       [](const std::string& w) { return w.find("too long") != std::string::npos; });
  };
  o.lambda = -10.0;
  EXPECT_TRUE(warns());
  o.lambda = 0.0;
  o.steps = 400;
  EXPECT_FALSE(warns());
}

/// A table's chain has the table's steps; with the prior it is the published one.
TEST(Sample, AncestralTakesTheStepsOfATable) {
  Problem p = problem();
  p.schedule.kind = ddpm_linear(50);
  SampleOptions o;
  o.method = ReverseMethod::ancestral;
  o.end = End::prior;
  const Samples s = sample(p, 10, o);
  EXPECT_EQ(s.options.steps, 50u);
  EXPECT_EQ(s.options.grid, Grid::uniform_t);
  EXPECT_EQ(s.score_evaluations, 500u);
  EXPECT_EQ(s.quantity, Quantity::path_estimate);
}

TEST(Sample, FlagsPathsThatReachInfinity) {
  SampleOptions o = small_job(ReverseMethod::euler_maruyama);
  o.lambda = -1000.0;
  o.steps = 40;
  const Samples s = sample(problem(), 100, o);
  EXPECT_GT(s.non_finite, 0u);
  EXPECT_TRUE(std::any_of(s.warnings.begin(), s.warnings.end(),
                          [](const std::string& w) { return w.find("reached infinity") != std::string::npos; }));
  std::uint64_t rows = 0;
  for (std::size_t i = 0; i < 100; ++i) rows += std::isnan(s.log_density[i]) ? 1 : 0;
  EXPECT_EQ(rows, s.non_finite);
}

/// Blown up, though no number is infinite yet.
TEST(Sample, FlagsPathsThatAreFartherOutThanAnyData) {
  SampleOptions o = small_job(ReverseMethod::euler_maruyama);
  o.lambda = -30.0;
  o.steps = 24;
  o.log_density = false;
  const Samples s = sample(problem(), 100, o);
  EXPECT_GT(s.non_finite, 0u);
  for (const double x : s.samples.values) EXPECT_FALSE(std::abs(x) > 1e8);
}

TEST(Sample, SaysThatAPriorIsNotTheData) {
  SampleOptions o = small_job();
  o.end = End::prior;
  const Samples s = sample(problem(), 10, o);
  EXPECT_TRUE(std::any_of(s.warnings.begin(), s.warnings.end(),
                          [](const std::string& w) { return w.find("prior") != std::string::npos; }));
}

TEST(Sample, StopsInTheMiddleOfABatch) {
  SampleOptions o = small_job();
  o.steps = 200'000;
  o.progress = [](const Progress&) { return Continue::no; };
  const Samples s = sample(problem(), 3000, o);
  EXPECT_TRUE(s.stopped);
  EXPECT_EQ(s.samples.rows, 0u);
  EXPECT_LT(s.seconds, 5.0);
}

TEST(Sample, RefusesWhatNoRunCouldDo) {
  const auto refused = [](const std::vector<std::string>& fragments, const std::function<void(SampleOptions&)>& change,
                          std::uint64_t count = 10) {
    SampleOptions o = small_job();
    change(o);
    expect_error(ErrorKind::usage, fragments, [&] { sample(problem(), count, o); });
  };
  refused({"lambda is 1.5"}, [](SampleOptions& o) { o.lambda = 1.5; });
  refused({"lambda is nan"}, [](SampleOptions& o) { o.lambda = std::nan(""); });
  refused({"lambda is -1000000000"}, [](SampleOptions& o) { o.lambda = -1e9; });
  refused({"lambda is 0.5", "ddim"}, [](SampleOptions& o) {
    o.method = ReverseMethod::ddim;
    o.lambda = 0.5;
  });
  refused({"grid is adaptive"}, [](SampleOptions& o) { o.grid = Grid::adaptive; });
  refused({"steps is 3"}, [](SampleOptions& o) { o.steps = 3; });
  refused({"2^20"}, [](SampleOptions& o) { o.steps = (std::uint64_t{1} << 20) + 1; });
  refused({"2^20"}, [](SampleOptions& o) {
    o.method = ReverseMethod::predictor_corrector;
    o.corrector_steps = std::numeric_limits<std::uint64_t>::max();
  });
  refused({"corrector steps"}, [](SampleOptions& o) { o.corrector_steps = 3; });
  refused({"corrector_size is 0"}, [](SampleOptions& o) {
    o.method = ReverseMethod::predictor_corrector;
    o.corrector_size = 0.0;
  });
  refused({"steps is 13", "even"}, [](SampleOptions& o) {
    o.method = ReverseMethod::predictor_corrector;
    o.steps = 13;
  });
  refused(
      {"count is 0"}, [](SampleOptions&) {}, 0);
  refused({"trajectories is 11"}, [](SampleOptions& o) { o.trajectories = 11; });
  refused({"times without trajectories"}, [](SampleOptions& o) { o.times = {0.5}; });
  refused({"times has 1.5"}, [](SampleOptions& o) {
    o.trajectories = 1;
    o.times = {1.5};
  });
  refused({"arithmetic is fast"}, [](SampleOptions& o) {
    o.arithmetic = Arithmetic::fast;
    o.backend = Backend::cpu;
  });
  refused({"threads is -1"}, [](SampleOptions& o) { o.threads = -1; });
  refused({"sampler has no value"}, [](SampleOptions& o) { o.method = static_cast<ReverseMethod>(77); });
  expect_error(ErrorKind::resource, {"backend cuda is not available"}, [&] {
    if (available(Backend::cuda)) throw Error(ErrorKind::resource, "backend cuda is not available (but it is) skip");
    SampleOptions o = small_job();
    o.backend = Backend::cuda;
    sample(problem(), 10, o);
  });
  expect_error(ErrorKind::resource, {"memory ran out"},
               [&] { sample(problem(), std::uint64_t{1} << 40, small_job()); });
}

}  // namespace
}  // namespace scorepath::testing
