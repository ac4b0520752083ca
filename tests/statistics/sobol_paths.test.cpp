// Paths of Sobol' points in the order of a Brownian bridge: unbiased, with an honest error bar, and worth it.
#include <scorepath/scorepath.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

#include "tests/support/coverage.hpp"
#include "tests/support/option_grid.hpp"
#include "tests/support/problems.hpp"
#include "tests/support/seed.hpp"
#include "tests/support/statistics.hpp"

namespace scorepath::test {
namespace {

/// Every estimator whose paths may be Sobol' points.
std::vector<Options> estimators(std::uint64_t steps, std::uint64_t paths) {
  std::vector<Options> all;
  for (const Form form : {Form::stratonovich, Form::forward_ito, Form::backward_ito, Form::implicit, Form::automatic}) {
    for (const Antithetic pairs : {Antithetic::on, Antithetic::off}) {
      Options o;
      o.form = form;
      o.method = form == Form::automatic  ? Method::density_formula
                 : form == Form::implicit ? Method::elbo
                                          : Method::pathwise;
      o.sampler = form == Form::automatic ? Sampler::paths : o.sampler;
      o.antithetic = pairs;
      o.path_points = PathPoints::sobol;
      o.steps = steps;
      o.paths = paths;
      o.seed = test_seed();
      all.push_back(o);
    }
  }
  return all;
}

TEST(SobolPaths, EveryEstimatorIsWithinItsErrorBar) {
  for (const char* name : mixtures) {
    const NamedProblem np = load_mixture(name);
    for (const Options& o : estimators(64, 4096)) {
      double pooled = 0.0;
      for (const PointResult& p : estimate_log_density(np.problem, np.points, o).points) {
        const double budget = std::hypot(*p.std_error, *p.discretization_error + *p.arithmetic_error);
        const double error = *p.log_density - true_log_density(np.problem, np.points.row(p.index));
        EXPECT_LE(std::abs(error), 6.0 * budget) << name << ", " << describe(o) << ", point " << p.index;
        pooled += error * error / (budget * budget);
      }
      EXPECT_LT(pooled / 16.0, 3.0) << name << ", " << describe(o);
    }
  }
}

/// 2000 runs each: the standard error comes from randomisations, never from the points as if independent.
TEST(SobolPaths, IntervalsHoldTheTruth) {
  const NamedProblem np = load_mixture("ring-2");
  for (Options o : estimators(128, 1024)) {
    if (o.antithetic == Antithetic::on && o.method != Method::density_formula) continue;
    if (o.form == Form::forward_ito) continue;  // as backward Ito
    const Coverage coverage = measure_coverage(np.problem, np.points, o, coverage_seeds, test_seed());
    std::printf("  %-45s %.1f%%, mean square z %.2f, bias z %+.1f\n", describe(o).c_str(), 100.0 * coverage.fraction(),
                coverage.mean_square_z(), coverage.bias_z());
    EXPECT_TRUE(is_calibrated(coverage)) << describe(o) << ": " << coverage.fraction();
  }
}

/// At 16384 paths, against as many independent ones, median over the points.
TEST(SobolPaths, HaveLessVariance) {
  for (const char* name : {"ring-2", "cloud-16"}) {
    const NamedProblem np = load_mixture(name);
    for (Options o : estimators(64, 16384)) {
      if (o.antithetic == Antithetic::on) continue;
      const Result spread = estimate_log_density(np.problem, np.points, o);
      o.path_points = PathPoints::plain;
      const Result plain = estimate_log_density(np.problem, np.points, o);
      std::vector<double> ratios;
      for (std::size_t p = 0; p < np.points.rows; ++p)
        ratios.push_back(*plain.points[p].path_variance / *spread.points[p].path_variance);
      std::sort(ratios.begin(), ratios.end());
      std::printf("  %-9s %-40s variance / %.1f (from %.1f to %.1f)\n", name, describe(o).c_str(),
                  ratios[ratios.size() / 2], ratios.front(), ratios.back());
      // Of Stratonovich sums only the finest details are noise.
      if (o.form == Form::stratonovich) {
        EXPECT_GT(ratios[ratios.size() / 2], 0.9) << name << ", " << describe(o);
      } else {
        EXPECT_GT(ratios[ratios.size() / 2], 2.0) << name << ", " << describe(o);
      }
    }
  }
}

TEST(SobolPaths, NeedNoMoreMemoryThanThereShouldBe) {
  const Problem problem{Schedule{}, Gaussian{std::vector<double>(1000, 0.0), {1.0}}};
  Options o = estimators(2048, 64).front();
  try {
    static_cast<void>(estimate_log_density(problem, Matrix(1, 1000), o));
    ADD_FAILURE() << "not refused";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage);
    EXPECT_NE(std::string(error.what()).find("2048 steps in 1000 dimensions"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace scorepath::test
