// Hutchinson's trace along a known trajectory: unbiased, its error bar calibrated, and the plans in their order.
//
// z of the mean of `repetitions` in its own standard error, less the stated systematic error: |z| <= 5 at each point.
#include <scorepath/scorepath.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

#include "tests/support/problems.hpp"
#include "tests/support/seed.hpp"
#include "tests/support/statistics.hpp"

namespace scorepath::test {
namespace {

Options probes(ProbePlan plan, std::uint64_t nodes, std::uint64_t repetitions) {
  Options o;
  o.method = Method::ode;
  o.divergence = Divergence::hutchinson;
  o.probe_plan = plan;
  o.steps = nodes;
  o.paths = repetitions;
  o.seed = test_seed();
  o.threads = 1;
  return o;
}

double mean_variance(const Result& result) {
  double sum = 0.0;
  for (const PointResult& p : result.points) sum += *p.path_variance / static_cast<double>(result.points.size());
  return sum;
}

TEST(FlowTrace, EveryPlanIsUnbiasedWithinItsErrorBar) {
  for (const char* name : {"ring-2", "anisotropic-2", "cloud-16", "anisotropic-16"}) {
    const NamedProblem mixture = load_mixture(name);
    for (const ProbePlan plan : {ProbePlan::hadamard, ProbePlan::fresh, ProbePlan::fixed}) {
      const Result result = estimate_log_density(mixture.problem, mixture.points, probes(plan, 64, 256));
      double pooled = 0.0;
      for (const PointResult& p : result.points) {
        const double off = std::abs(*p.log_density - true_log_density(mixture.problem, mixture.points.row(p.index)));
        const double z = std::max(0.0, off - *p.discretization_error) / *p.std_error;
        EXPECT_LE(z, z_bound) << name << " " << name_of(plan) << " point " << p.index;
        EXPECT_EQ(p.paths, 256u);
        EXPECT_EQ(p.independent_samples, 256u);
        pooled += z * z;
      }
      EXPECT_LE(pooled / 16.0 - 1.0, z_bound * std::sqrt(2.0 / 16.0)) << name << " " << name_of(plan);
    }
  }
}

/// 95% intervals of 32 repetitions, over 32 seeds and 16 points: they cover as often as they say.
TEST(FlowTrace, IntervalsCoverAsOftenAsTheySay) {
  const NamedProblem mixture = load_mixture("ring-2");
  for (const ProbePlan plan : {ProbePlan::hadamard, ProbePlan::fresh, ProbePlan::fixed}) {
    int covered = 0, count = 0;
    for (std::uint64_t i = 0; i < 32; ++i) {
      Options o = probes(plan, 48, 32);
      o.seed = test_seed() + 1000 * i;
      o.atol = 1e-5;
      for (const PointResult& p : estimate_log_density(mixture.problem, mixture.points, o).points) {
        const double truth = true_log_density(mixture.problem, mixture.points.row(p.index));
        covered += *p.ci95_lower <= truth + *p.discretization_error && truth - *p.discretization_error <= *p.ci95_upper;
        count += 1;
      }
    }
    const double share = static_cast<double>(covered) / count;
    std::printf("  %s: %.3f of %d\n", name_of(plan).c_str(), share, count);
    EXPECT_GE(share, 0.92) << name_of(plan);
    EXPECT_LE(share, 0.99) << name_of(plan);
  }
}

/// One probe for the whole trajectory adds its errors up; fresh ones average out; Hadamard rows cancel.
TEST(FlowTrace, VarianceFallsFromFixedToFreshToHadamard) {
  for (const char* name : {"ring-2", "cloud-16"}) {
    const NamedProblem mixture = load_mixture(name);
    const auto variance = [&](ProbePlan plan, std::uint64_t nodes) {
      return mean_variance(estimate_log_density(mixture.problem, mixture.points, probes(plan, nodes, 256)));
    };
    const double fixed = variance(ProbePlan::fixed, 64), fresh = variance(ProbePlan::fresh, 64);
    const double hadamard = variance(ProbePlan::hadamard, 64);
    std::printf("  %s: fixed %.3g, fresh %.3g, hadamard %.3g\n", name, fixed, fresh, hadamard);
    EXPECT_GT(fixed, 4.0 * fresh) << name;
    EXPECT_GT(fresh, 1.5 * hadamard) << name;
    // More nodes divide the variance of fresh probes, and do nothing for one kept.
    const double z_fresh = std::log2(fresh / variance(ProbePlan::fresh, 256));
    EXPECT_NEAR(z_fresh, 2.0, 0.4) << name;
    EXPECT_NEAR(std::log2(fixed / variance(ProbePlan::fixed, 256)), 0.0, 0.4) << name;
  }
}

/// A diagonal Jacobian has no variance under any Rademacher probe: what is left is the quadrature.
TEST(FlowTrace, OneGaussianLeavesNoVariance) {
  const Problem problem{Schedule{VpLinear{}, {}, {}}, Gaussian{{1.0, -2.0, 0.5}, {0.3, 4.0, 1.0}}};
  const Matrix points(1, 3, {1.5, -1.0, 0.0});
  const Result result = estimate_log_density(problem, points, probes(ProbePlan::fresh, 64, 16));
  EXPECT_LE(*result.points[0].std_error, 1e-12);
  EXPECT_NEAR(*result.points[0].log_density, true_log_density(problem, points.row(0)), 1e-6);
}

/// The rule's own error is of order 4 in the spacing, and is in what the result says.
TEST(FlowTrace, FewNodesSayTheirQuadratureError) {
  const NamedProblem mixture = load_mixture("ring-2");
  const auto worst = [&](std::uint64_t nodes) {
    double most = 0.0;
    for (const PointResult& p :
         estimate_log_density(mixture.problem, mixture.points, probes(ProbePlan::hadamard, nodes, 16)).points)
      most = std::max(most, *p.discretization_error);
    return most;
  };
  const double at_12 = worst(12), at_48 = worst(48);
  EXPECT_GT(at_12, 1e-3);
  EXPECT_LT(at_48, at_12 / 30.0);
}

TEST(FlowTrace, ATargetSizesTheRepetitions) {
  const NamedProblem mixture = load_mixture("ring-2");
  Options o = probes(ProbePlan::hadamard, 64, 0);
  o.target_se = 5e-3;
  const Result result = estimate_log_density(mixture.problem, mixture.points, o);
  EXPECT_FALSE(result.target_missed);
  for (const PointResult& p : result.points) EXPECT_LE(*p.std_error, 5e-3);
  o.paths = 20;
  o.target_se = 1e-7;
  EXPECT_TRUE(estimate_log_density(mixture.problem, mixture.points, o).target_missed);
}

TEST(FlowTrace, CountsEveryProductTwiceAndIsTheSameForAnyThreadsAndCompany) {
  const NamedProblem mixture = load_mixture("cloud-16");
  Options o = probes(ProbePlan::hadamard, 40, 20);
  o.probes = 3;
  o.keep_samples = true;
  const Result one = estimate_log_density(mixture.problem, mixture.points, o);
  o.threads = 3;
  const Result three = estimate_log_density(mixture.problem, mixture.points, o);
  const Result alone = estimate_log_density(mixture.problem, {mixture.points.row(5), 1, 16}, o);
  o.divergence = Divergence::exact;
  o.probes = 1;
  const Result exact = estimate_log_density(mixture.problem, mixture.points, o);
  for (std::size_t i = 0; i < one.points.size(); ++i) {
    EXPECT_EQ(one.points[i].samples, three.points[i].samples);
    EXPECT_EQ(one.points[i].log_density, three.points[i].log_density);
    EXPECT_EQ(one.points[i].std_error, three.points[i].std_error);
    EXPECT_EQ(one.points[i].score_evaluations, exact.points[i].score_evaluations + 2u * 40u * 20u * 3u);
  }
  EXPECT_EQ(alone.points[0].samples, one.points[5].samples);
  EXPECT_EQ(alone.points[0].samples.size(), 20u);
}

}  // namespace
}  // namespace scorepath::test
