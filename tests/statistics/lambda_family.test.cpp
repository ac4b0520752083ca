// The lambda family of Huang, Lim & Courville: bounds along paths that the score steers. Against log p, where an exact
// score makes them tight for every lambda; under a prior that does not fit, of Gaussian data, against the bound in
// closed form, which is another one for each lambda; and with a lambda that the paths do not have.
#include <scorepath/scorepath.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

#include "tests/statistics/pathwise_jobs.hpp"
#include "tests/support/problems.hpp"
#include "tests/support/seed.hpp"
#include "tests/support/statistics.hpp"

namespace scorepath::test {
namespace {

constexpr double lambdas[] = {-3.0, -0.5, 0.3, 0.9, 1.0};

Options bound(double lambda, std::uint64_t paths) {
  Options o;
  o.method = Method::elbo;
  o.lambda = lambda;
  o.paths = paths;
  o.seed = test_seed();
  return o;
}

class LambdaFamily : public ::testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Mixture, LambdaFamily,
                         ::testing::Values("ring-2", "anisotropic-2", "cloud-16", "anisotropic-16", "cloud-64"),
                         [](const auto& info) {
                           std::string name = info.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST_P(LambdaFamily, IsTightAtTheExactScore) {
  const NamedProblem np = load_mixture(GetParam());
  for (const double lambda : lambdas) {
    const Result result = estimate_log_density(np.problem, np.points, bound(lambda, 1024));
    EXPECT_EQ(result.quantity, Quantity::log_density);
    EXPECT_EQ(result.options.form, Form::implicit);
    double worst = 0.0, largest = 0.0;
    std::size_t covered = 0, flagged = 0;
    for (const PointResult& p : result.points) {
      const double truth = true_log_density(np.problem, np.points.row(p.index)), off = *p.log_density - truth;
      EXPECT_LE(std::abs(off), 5.0 * *p.std_error + *p.discretization_error) << lambda << ", point " << p.index;
      worst = std::max(worst, std::abs(off));
      largest = std::max(largest, *p.std_error);
      covered += truth >= *p.ci95_lower && truth <= *p.ci95_upper ? 1 : 0;
      flagged += p.flags.empty() ? 0 : 1;
      EXPECT_FALSE(p.end_term.has_value());
    }
    std::printf("  lambda %4.1f: off by up to %.1e, standard errors up to %.1e, %zu of 16 covered, %zu flagged\n",
                lambda, worst, largest, covered, flagged);
    EXPECT_GE(covered, 11u) << lambda;
  }
}

TEST(LambdaFamilyOfSchedules, IsTightAtTheExactScore) {
  const NamedProblem np = load_mixture("ring-2");
  for (const Schedule& schedule : some_schedules()) {
    for (const double lambda : {-0.5, 0.9, 1.0}) {
      const Problem problem{schedule, np.problem.score};
      for (const PointResult& p : estimate_log_density(problem, np.points, bound(lambda, 256)).points) {
        const double off = *p.log_density - true_log_density(problem, np.points.row(p.index));
        EXPECT_LE(std::abs(off), 5.0 * *p.std_error + *p.discretization_error)
            << name_of(schedule.kind) << ", lambda " << lambda << ", point " << p.index;
      }
    }
  }
}

/// Data N(m, V), stopped where noise does not drown them: under the prior N(0, 1) of X_T the bound is log p(x) + E[log
/// pi - log p_T], over the end of the inference SDE from x, which is linear there: in the canonical frame, v = V + r,
/// Y_R ~ N(m + (v_R/v_0)^{lambda/2} (x - m), v_R (1 - (v_0/v_R)^{1-lambda})).
double bound_of_gaussian(double m, double v0, double x, double a, double sigma2, double lambda) {
  const double r = sigma2 / (a * a), v = v0 + r;
  const double mean = m + std::pow(v / v0, 0.5 * lambda) * (x - m),
               variance = v * (1.0 - std::pow(v0 / v, 1.0 - lambda));
  const auto expected = [&](double center, double width) {  // E log N(Y; center, width)
    return -0.5 * (std::log(2.0 * pi * width) + ((mean - center) * (mean - center) + variance) / width);
  };
  const double log_density = -0.5 * (std::log(2.0 * pi * v0) + (x - m) * (x - m) / v0);
  return log_density + expected(0.0, 1.0 / (a * a)) - expected(m, v);
}

TEST(LambdaFamilyUnderAPrior, IsTheBoundOfEachLambda) {
  const double m = 0.8, v0 = 0.4, x = 1.9, t_max = 0.25;
  Problem problem;
  problem.schedule.kind = VpLinear{};
  problem.schedule.t_max = t_max;
  problem.score = Gaussian{{m}, {v0}};
  const Signal end = std::visit(SignalAt{t_max}, problem.schedule.kind);
  double before = 0.0;
  for (const double lambda : lambdas) {
    Options o = bound(lambda, 16384);
    o.end = End::prior;
    const Result result = estimate_log_density(problem, Matrix(1, 1, {x}), o);
    EXPECT_EQ(result.quantity, lambda == 1.0 ? Quantity::flow_likelihood : Quantity::lower_bound);
    EXPECT_FALSE(result.points.front().truncation_error.has_value());
    const PointResult& p = result.points.front();
    const double truth = bound_of_gaussian(m, v0, x, end.a, end.sigma2, lambda);
    const double z = (*p.log_density - truth) / *p.std_error;
    std::printf("  lambda %4.1f: %.5f +- %.5f for %.5f, log p is %.5f\n", lambda, *p.log_density, *p.std_error, truth,
                *p.exact_log_density);
    EXPECT_LE(std::abs(*p.log_density - truth), z_bound * *p.std_error + *p.discretization_error + 1e-6) << lambda;
    if (lambda < 1.0 && lambda > -1.0) {
      EXPECT_LE(std::abs(z), 6.0) << lambda;  // here hardly any discretisation error: nothing else is allowed for
    }
    EXPECT_NE(truth, before);
    before = truth;
  }
}

/// Planted: the bound of a neighbouring lambda is not this one's, by many standard errors.
TEST(LambdaFamilyUnderAPrior, TellsLambdasApart) {
  const Signal end = std::visit(SignalAt{0.25}, ScheduleKind{VpLinear{}});
  Problem problem;
  problem.schedule.t_max = 0.25;
  problem.score = Gaussian{{0.8}, {0.4}};
  Options o = bound(0.3, 16384);
  o.end = End::prior;
  const PointResult p = estimate_log_density(problem, Matrix(1, 1, {1.9}), o).points.front();
  for (const double other : {0.2, 0.4, -0.3})
    EXPECT_GT(std::abs(*p.log_density - bound_of_gaussian(0.8, 0.4, 1.9, end.a, end.sigma2, other)),
              10.0 * *p.std_error + *p.discretization_error);
}

/// Intervals of many small runs: on the noise of the paths, and on the flow, where there is none.
TEST(LambdaFamilyIntervals, HoldTheTruth) {
  const NamedProblem np = load_mixture("ring-2");
  for (const double lambda : {-0.5, 0.5}) {
    std::size_t covered = 0, runs = 0;
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
      Options o = bound(lambda, 256);
      o.seed = test_seed() + seed;
      for (const PointResult& p : estimate_log_density(np.problem, np.points, o).points) {
        const double truth = true_log_density(np.problem, np.points.row(p.index));
        covered += truth >= *p.ci95_lower && truth <= *p.ci95_upper ? 1 : 0;
        ++runs;
      }
    }
    const double share = static_cast<double>(covered) / static_cast<double>(runs);
    std::printf("  lambda %4.1f: %.1f%% of %zu intervals hold the truth\n", lambda, 100.0 * share, runs);
    EXPECT_GE(share, 0.92) << lambda;
  }
}

}  // namespace
}  // namespace scorepath::test
