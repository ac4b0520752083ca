// The pathwise log-density against densities known in closed form: along Brownian paths in each form, and along rays.
//
// z = (estimate - truth) over the whole error budget, as in density_formula.test.cpp: |z| <= 6 at each point, sums of
// z^2 within |z| <= 5 on both sides. A Brownian form rests on 512 paths. Rays differ by their quadrature's error alone,
// which is no normal variate: they are held to the budget and to a bound in nat.
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

constexpr double point_bound = 6.0;

double budget_of(const PointResult& p) {
  return std::hypot(std::hypot(*p.std_error, *p.discretization_error),
                    std::hypot(*p.truncation_error, *p.arithmetic_error));
}

class BrownianForm : public testing::TestWithParam<Form> {};

TEST_P(BrownianForm, GivesTheDensityWithinItsErrorBarOnEverySchedule) {
  double pooled = 0.0, signed_sum = 0.0, count = 0.0;
  for (const Schedule& schedule : some_schedules()) {
    for (const Variances layout : {Variances::shared, Variances::isotropic, Variances::diagonal}) {
      const std::string name = name_of(schedule.kind) + (schedule.t_min ? " from t_min" : "");
      const Problem problem{schedule, random_mixture(5, 3, layout, hash_of_name("pathwise scores"))};
      Options o = pathwise(GetParam(), 64, 512);
      o.seed = test_seed() ^ hash_of_name(name);
      o.antithetic = count > 200.0 ? Antithetic::on : Antithetic::off;
      const Matrix points = draw_points(problem, 8, o.seed, 1.3);
      for (const PointResult& p : estimate_log_density(problem, points, o).points) {
        const double truth = true_log_density(problem, points.row(p.index));
        const double z = (*p.log_density - truth) / budget_of(p);
        EXPECT_LE(std::abs(z), point_bound)
            << name << ", point " << p.index << ": " << *p.log_density << " for " << truth;
        pooled += z * z;
        signed_sum += z;
        count += 1.0;
      }
    }
  }
  std::printf("  sum z^2 / n = %.3f, mean z = %.3f (n = %.0f)\n", pooled / count, signed_sum / count, count);
  EXPECT_LE(std::abs(signed_sum / std::sqrt(count)), z_bound);
  EXPECT_LE(std::abs(pooled / count - 1.0), z_bound * std::sqrt(2.2 / count));
}

/// All five mixtures of data/mixtures, at a standard error of about 1e-3 nat (Ito: up to 2e-2).
TEST_P(BrownianForm, IsWithinFourStandardErrorsOfEveryPointOfTheMixtures) {
  for (const char* name : mixtures) {
    const NamedProblem np = load_mixture(name);
    const bool is_ito = GetParam() != Form::stratonovich;
    Options o = pathwise(GetParam(), is_ito ? 256 : 128, is_ito ? 1u << 15 : 1u << 13);
    o.seed = test_seed();
    o.threads = 0;
    double largest = 0.0, worst = 0.0;
    for (const PointResult& p : estimate_log_density(np.problem, np.points, o).points) {
      const double truth = true_log_density(np.problem, np.points.row(p.index));
      largest = std::max(largest, *p.std_error);
      worst = std::max(worst, std::abs(*p.log_density - truth) / *p.std_error);
      EXPECT_LE(std::abs(*p.log_density - truth), 4.0 * *p.std_error + *p.discretization_error) << name << p.index;
    }
    std::printf("  %-14s standard errors up to %.1e nat, |z| up to %.1f\n", name, largest, worst);
    EXPECT_LE(largest, is_ito ? 2e-2 : 2.5e-3) << name;
  }
}

INSTANTIATE_TEST_SUITE_P(Of, BrownianForm, testing::Values(Form::stratonovich, Form::forward_ito, Form::backward_ito),
                         [](const auto& info) {
                           return info.param == Form::stratonovich  ? "Stratonovich"
                                  : info.param == Form::forward_ito ? "ForwardIto"
                                                                    : "BackwardIto";
                         });

/// The slope of a path's spread over the steps, on log axes, from 64 to 1024 of them.
Slope slope_of_spread(Form form) {
  const NamedProblem np = load_mixture("anisotropic-2");
  std::vector<double> log_steps, log_spread, error;
  for (std::uint64_t steps = 64; steps <= 1024; steps *= 2) {
    Options o = pathwise(form, steps, 2048);
    o.antithetic = Antithetic::off;
    o.seed = test_seed() + steps;
    double sum = 0.0;
    for (const PointResult& p : estimate_log_density(np.problem, np.points, o).points) sum += *p.path_variance;
    log_steps.push_back(std::log(static_cast<double>(steps)));
    log_spread.push_back(0.5 * std::log(sum));
    error.push_back(1.0 / std::sqrt(2048.0 * 16.0));
  }
  const Slope slope = weighted_slope(log_steps, log_spread, error);
  std::printf("  %-14s slope of a path's spread %.3f\n", name_of(form).c_str(), slope.value);
  return slope;
}

TEST(OrderOfTheSpread, IsOneOfStratonovichAndAHalfOfIto) {
  EXPECT_NEAR(slope_of_spread(Form::stratonovich).value, -1.0, 0.1);
  EXPECT_NEAR(slope_of_spread(Form::forward_ito).value, -0.5, 0.1);
  EXPECT_NEAR(slope_of_spread(Form::backward_ito).value, -0.5, 0.1);
}

/// Thousands of small terms lose nothing in float: without what rounding takes being carried on, 4000 steps in 64
/// dimensions were 3e-4 nat off the same paths in double, and 40000 4e-3.
TEST(LongPaths, LoseNothingToRounding) {
  const NamedProblem np = load_mixture("cloud-64");
  Options o = pathwise(Form::stratonovich, 4096, 32);
  o.seed = test_seed();
  const Matrix two(2, 64, std::vector<double>(np.points.row(0), np.points.row(0) + 128));
  for (const PointResult& p : estimate_log_density(np.problem, two, o).points) EXPECT_LE(*p.arithmetic_error, 6e-5);
}

TEST(Rays, GiveTheDensityOnEverySchedule) {
  double largest = 0.0;
  for (const Schedule& schedule : some_schedules()) {
    for (const Variances layout : {Variances::shared, Variances::isotropic, Variances::diagonal}) {
      const Problem problem{schedule, random_mixture(5, 3, layout, hash_of_name("pathwise scores"))};
      Options o = pathwise(Form::ray, 160, 8);
      o.seed = test_seed() ^ hash_of_name(name_of(schedule.kind));
      const Matrix points = draw_points(problem, 8, o.seed, 1.3);
      for (const PointResult& p : estimate_log_density(problem, points, o).points) {
        const double off = *p.log_density - true_log_density(problem, points.row(p.index));
        EXPECT_LE(std::abs(off), 1e-5 + point_bound * budget_of(p)) << name_of(schedule.kind) << ", point " << p.index;
        EXPECT_LE(budget_of(p), 1e-3) << name_of(schedule.kind);
        EXPECT_EQ(*p.truncation_error, 0.0);
        largest = std::max(largest, std::abs(off));
      }
    }
  }
  std::printf("  largest error %.1e nat\n", largest);
  EXPECT_LE(largest, 2e-4);
}

/// Root mean square error of single rays over 64 of them and all points; the median over the points.
double error_of_a_ray(const NamedProblem& np, std::uint64_t nodes) {
  Options o = pathwise(Form::ray, nodes, 64);
  o.antithetic = Antithetic::off;
  o.keep_samples = true;
  o.seed = test_seed();
  std::vector<double> errors;
  for (const PointResult& p : estimate_log_density(np.problem, np.points, o).points) {
    const double truth = true_log_density(np.problem, np.points.row(p.index));
    double squares = 0.0;
    for (const double sample : p.samples) squares += (sample - truth) * (sample - truth);
    errors.push_back(std::sqrt(squares / static_cast<double>(p.samples.size())));
  }
  std::sort(errors.begin(), errors.end());
  return 0.5 * (errors[errors.size() / 2 - 1] + errors[errors.size() / 2]);
}

/// A fixed number of nodes more takes a factor off: the error falls exponentially, down to float's own.
TEST(Rays, ConvergeExponentially) {
  for (const char* name : mixtures) {
    const NamedProblem np = load_mixture(name);
    std::printf("  %-14s", name);
    double before = 0.0;
    for (const std::uint64_t nodes : {24, 48, 72, 96}) {
      const double error = error_of_a_ray(np, nodes);
      std::printf("  %llu nodes %.1e", static_cast<unsigned long long>(nodes), error);
      if (before > 1e-4) {
        EXPECT_LE(error, before / 5.0) << name << ", " << nodes;
      }
      before = error;
    }
    std::printf("\n");
    EXPECT_LE(before, 1e-4) << name;
  }
}

/// Too few nodes show: in the spread of the rays, and in what the check says of the quadrature.
TEST(Rays, SayThatTheyHaveTooFewNodes) {
  for (const char* name : mixtures) {
    const NamedProblem np = load_mixture(name);
    Options o = pathwise(Form::ray, 16, 64);
    o.seed = test_seed();
    for (const PointResult& p : estimate_log_density(np.problem, np.points, o).points) {
      const double off = std::abs(*p.log_density - true_log_density(np.problem, np.points.row(p.index)));
      EXPECT_LE(off, point_bound * *p.std_error + *p.discretization_error) << name << p.index;
      EXPECT_GT(*p.std_error, 1e-5) << name << p.index;
    }
  }
}

}  // namespace
}  // namespace scorepath::test
