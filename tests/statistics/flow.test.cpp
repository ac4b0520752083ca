// The log-density along the probability flow against densities known in closed form: within what was asked for, and
// within what the result itself says it may be off by.
#include <scorepath/scorepath.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

#include "tests/support/problems.hpp"
#include "tests/support/schedule_cases.hpp"
#include "tests/support/seed.hpp"

namespace scorepath::test {
namespace {

Options flow(double atol = 1e-4, double rtol = 1e-6) {
  Options o;
  o.method = Method::ode;
  o.atol = atol;
  o.rtol = rtol;
  o.threads = 1;
  return o;
}

/// Rounding of a sum of `dim` logarithms, whose digits cancel in the truth as well.
double rounding(double truth, std::size_t dim) { return 1e-13 * (std::abs(truth) + static_cast<double>(dim)); }

void expect_within_bound(const Problem& problem, const Matrix& points, const Options& o, const std::string& what) {
  const Result result = estimate_log_density(problem, points, o);
  for (const PointResult& p : result.points) {
    const double truth = true_log_density(problem, points.row(p.index));
    ASSERT_TRUE(p.log_density.has_value()) << what << ", point " << p.index;
    const double error = std::abs(*p.log_density - truth);
    EXPECT_LE(error, *p.discretization_error + rounding(truth, points.columns)) << what << ", point " << p.index;
    EXPECT_LE(error, o.atol + o.rtol * std::abs(truth)) << what << ", point " << p.index;
    EXPECT_EQ(*p.std_error, 0.0);
    EXPECT_EQ(*p.ci95_lower, *p.log_density);
    EXPECT_EQ(*p.ci95_upper, *p.log_density);
    EXPECT_EQ(p.paths, 0u);
    EXPECT_TRUE(p.flags.empty()) << what << ", point " << p.index << ": " << p.flags.front();
  }
}

TEST(Flow, IsWithinItsBoundAndItsToleranceOnAllMixtures) {
  for (const char* name : mixtures) {
    const NamedProblem mixture = load_mixture(name);
    for (const double atol : {1.0, 0.56, 0.056, 1e-2, 1e-4, 1e-6, 1e-9})
      expect_within_bound(mixture.problem, mixture.points, flow(atol, 0.01 * atol), name + std::to_string(atol));
  }
}

TEST(Flow, IsWithinItsBoundOnEverySchedule) {
  for (const ScheduleKind& kind : std::vector<ScheduleKind>{VpLinear{}, VpCosine{}, SubVp{}, Ve{}, Edm{}, ddpm_linear(),
                                                            LiYan{}, FlowMatching{}}) {
    for (const bool late : {false, true}) {
      if (late && std::holds_alternative<Ve>(kind)) continue;
      const Schedule schedule{kind, late ? std::optional<double>(0.2) : std::nullopt, {}};
      for (const Variances layout : {Variances::shared, Variances::isotropic, Variances::diagonal}) {
        const Problem problem{schedule, random_mixture(5, 3, layout, hash_of_name("flow scores"))};
        const Matrix points = draw_points(problem, 6, test_seed(), 1.3);
        expect_within_bound(problem, points, flow(), name_of(kind) + (late ? " from t_min" : ""));
      }
    }
  }
}

/// Between two components, where the trajectory decides late, and at 10 to 10^4 of the data's deviations.
TEST(Flow, IsWithinItsBoundBetweenComponentsAndFarOut) {
  for (const char* name : {"ring-2", "cloud-16", "cloud-64"}) {
    const NamedProblem mixture = load_mixture(name);
    const Components c = components_of(mixture.problem.score);
    const std::size_t d = mixture.points.columns, between = c.means.rows - 1;
    Matrix points(between + 6, d);
    for (std::size_t k = 0; k < between; ++k)
      for (std::size_t j = 0; j < d; ++j) points(k, j) = 0.5 * (c.means(k, j) + c.means(k + 1, j));
    for (std::size_t i = 0; i < 6; ++i)
      for (std::size_t j = 0; j < d; ++j)
        points(between + i, j) = std::pow(10.0, 1.0 + static_cast<double>(i) / 1.6) * mixture.points(i, j);
    expect_within_bound(mixture.problem, points, flow(), name);
    expect_within_bound(mixture.problem, points, flow(1e-8, 1e-10), name);
  }
}

/// A component of next to no weight that rules where the point lies: the data's Gaussian says -1e9 of it, and a
/// tolerance must not be taken from that.
TEST(Flow, ToleranceGoesWithTheValueNotWithTheGaussian) {
  const GaussianMixture score{{1.0 - 1e-12, 1e-12}, Matrix(2, 1, {0.0, 3e4}), Matrix(2, 1, {1.0, 1.0})};
  expect_within_bound({Schedule{VpLinear{}, {}, {}}, score}, Matrix(1, 1, {3e4 + 0.5}), flow(), "far component");
}

TEST(Flow, OneGaussianIsExactWithAFewEvaluations) {
  const Problem problem{Schedule{VpLinear{}, {}, {}}, Gaussian{{1.0, -2.0, 0.5}, {0.3, 4.0, 1.0}}};
  const Matrix points(2, 3, {1.5, -1.0, 0.0, 30.0, 2.0, 1.0});
  for (const PointResult& p : estimate_log_density(problem, points, flow()).points) {
    const double truth = true_log_density(problem, points.row(p.index));
    EXPECT_NEAR(*p.log_density, truth, 1e-12 * std::abs(truth));
    EXPECT_LE(*p.discretization_error, 1e-4 + 1e-6 * std::abs(truth));
    EXPECT_LE(p.score_evaluations, 100u);
  }
}

TEST(Flow, FromThePriorIsTheFlowsLikelihood) {
  const NamedProblem mixture = load_mixture("ring-2");
  Options o = flow();
  o.end = End::prior;
  const Result result = estimate_log_density(mixture.problem, mixture.points, o);
  EXPECT_EQ(result.quantity, Quantity::flow_likelihood);
  for (const PointResult& p : result.points) {
    EXPECT_GT(*p.truncation_error, 1e-8);
    EXPECT_LE(std::abs(*p.log_density - *p.exact_log_density), *p.truncation_error + *p.discretization_error);
  }
}

/// Far out between components of different shape the flow slides along where two of them rule alike, which an explicit
/// solver cannot follow: no number, or one within what it says.
TEST(Flow, AStiffPointIsFlaggedOrWithinItsBound) {
  const NamedProblem mixture = load_mixture("anisotropic-2");
  Matrix points(3, 2);
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t j = 0; j < 2; ++j)
      points(i, j) = std::pow(10.0, 1.0 + 1.5 * static_cast<double>(i)) * mixture.points(0, j);
  for (const PointResult& p : estimate_log_density(mixture.problem, points, flow()).points) {
    const double truth = true_log_density(mixture.problem, points.row(p.index));
    if (p.log_density.has_value()) {
      EXPECT_LE(std::abs(*p.log_density - truth), *p.discretization_error) << p.index;
    } else {
      EXPECT_EQ(p.flags, std::vector<std::string>{"discretization"}) << p.index;
    }
  }
}

TEST(Flow, IsTheSameForAnyThreadsPathsAndCompany) {
  const NamedProblem mixture = load_mixture("cloud-16");
  Options o = flow();
  const Result one = estimate_log_density(mixture.problem, mixture.points, o);
  o.threads = 3;
  o.paths = 12345;
  o.seed = 99;
  o.target_se = 1e-9;
  const Result other = estimate_log_density(mixture.problem, mixture.points, o);
  EXPECT_FALSE(other.target_missed);
  for (std::size_t i = 0; i < one.points.size(); ++i) {
    EXPECT_EQ(one.points[i].log_density, other.points[i].log_density);
    EXPECT_EQ(one.points[i].discretization_error, other.points[i].discretization_error);
    EXPECT_EQ(one.points[i].score_evaluations, other.points[i].score_evaluations);
  }
  const Result alone = estimate_log_density(mixture.problem, {mixture.points.row(5), 1, 16}, flow());
  EXPECT_EQ(alone.points[0].log_density, one.points[5].log_density);
}

TEST(Flow, StopsWhereItIsToldTo) {
  const NamedProblem mixture = load_mixture("cloud-64");
  Options o = flow();
  o.progress = [](const Progress&) { return Continue::no; };
  const Result result = estimate_log_density(mixture.problem, mixture.points, o);
  EXPECT_TRUE(result.stopped);
  EXPECT_EQ(result.points.size(), 16u);
  EXPECT_EQ(result.points.back().flags, std::vector<std::string>{"stopped"});
}

}  // namespace
}  // namespace scorepath::test
