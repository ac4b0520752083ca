// Mixtures with covariances and with factors: every estimator against the log-density by the definition (a Cholesky
// factor for each component, problems.hpp), the coverage of intervals, and samples with what they carry.
#include <scorepath/scorepath.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

#include "tests/support/coverage.hpp"
#include "tests/support/problems.hpp"
#include "tests/support/seed.hpp"
#include "tests/support/statistics.hpp"

namespace scorepath::test {
namespace {

/// Full covariances, or `rank` factors on variances that are the same for all coordinates or not.
GaussianMixture with_covariances(std::size_t components, std::size_t dim) {
  GaussianMixture m = random_mixture(components, dim, Variances::shared, test_seed());
  correlate(m, test_seed() + 1, 0.5);
  return m;
}
GaussianMixture with_factors(std::size_t components, std::size_t dim, std::size_t rank, Variances layout) {
  GaussianMixture m = random_mixture(components, dim, layout, test_seed(), 0.2);
  Draws draws(test_seed() + 1);
  m.factors = Matrix(components * dim, rank);
  for (double& x : m.factors.values) x = 0.5 * draws.normal();
  return m;
}

/// Variances 1, 0.01 and 0.0001 in directions that differ from component to component; the middle one without weight.
GaussianMixture with_narrow_directions() {
  GaussianMixture m{{0.6, 0.0, 0.4}, Matrix(3, 3, {0, 0, 0, 9, 9, 9, 1, -1, 0.5}), {}};
  m.covariances = Matrix(9, 3);
  Draws draws(test_seed() + 2);
  for (std::size_t k = 0; k < 3; ++k) {
    double u[3], square = 0.0;
    for (double& x : u) {
      x = draws.normal();
      square += x * x;
    }
    const double values[] = {1.0, 1e-2, 1e-4};
    // The columns of a Householder reflection are orthonormal.
    for (std::size_t a = 0; a < 3; ++a) {
      for (std::size_t b = 0; b < 3; ++b) {
        for (std::size_t i = 0; i < 3; ++i) {
          const double qa = (a == i ? 1.0 : 0.0) - 2.0 * u[a] * u[i] / square;
          const double qb = (b == i ? 1.0 : 0.0) - 2.0 * u[b] * u[i] / square;
          m.covariances(3 * k + a, b) += values[i] * qa * qb;
        }
      }
    }
  }
  return m;
}

struct CorrelatedCase {
  const char* name;
  GaussianMixture score;
};
std::vector<CorrelatedCase> correlated_cases() {
  return {{"one, 2 coordinates", with_covariances(1, 2)},
          {"4 covariances, 2 coordinates", with_covariances(4, 2)},
          {"3 covariances, 9 coordinates", with_covariances(3, 9)},
          {"2 covariances, 40 coordinates", with_covariances(2, 40)},
          {"5 x 2 factors, 16 coordinates", with_factors(5, 16, 2, Variances::isotropic)},
          {"3 x 1 factor on a diagonal, 5 coordinates", with_factors(3, 5, 1, Variances::diagonal)},
          {"2 x 7 factors, 3 coordinates", with_factors(2, 3, 7, Variances::shared)},
          {"2 x 3 factors, 100 coordinates", with_factors(2, 100, 3, Variances::isotropic)},
          {"variances 10^4 apart", with_narrow_directions()}};
}

Schedule correlated_from(ScheduleKind kind, double t_min) {
  Schedule schedule;
  schedule.kind = std::move(kind);
  schedule.t_min = t_min;
  return schedule;
}

TEST(Correlated, ModelsHaveTheDensityOfTheDefinition) {
  for (const CorrelatedCase& c : correlated_cases()) {
    for (const Schedule& schedule :
         {Schedule{}, correlated_from(VpLinear{}, 0.2), correlated_from(FlowMatching{}, 0.5)}) {
      const Problem problem{schedule, c.score};
      const Matrix points = draw_points(problem, 20, test_seed(), 1.5);
      const std::vector<double> truth = true_log_densities(problem, points);
      const std::vector<double> got = exact_log_density(problem, points);
      for (std::size_t i = 0; i < truth.size(); ++i) EXPECT_NEAR(got[i], truth[i], 1e-9 * (1.0 + std::abs(truth[i])));
    }
  }
}

/// Every method with defaults, but for the number of paths.
std::vector<Options> methods_on_correlated() {
  std::vector<Options> all;
  const auto add = [&](Method method, Form form, std::uint64_t paths) -> Options& {
    Options o;
    o.method = method;
    o.form = form;
    o.paths = paths;
    return all.emplace_back(o);
  };
  add(Method::pathwise, Form::ray, 64);
  add(Method::pathwise, Form::stratonovich, 1024);
  add(Method::pathwise, Form::backward_ito, 1024);
  add(Method::path_weights, Form::automatic, 8192);
  add(Method::elbo, Form::implicit, 4096);
  add(Method::elbo, Form::implicit, 1024).lambda = 0.5;
  add(Method::elbo, Form::implicit, 256).lambda = 1.0;
  add(Method::density_formula, Form::automatic, 16384);
  add(Method::density_formula, Form::automatic, 4096).sampler = Sampler::paths;
  add(Method::ode, Form::automatic, 1);
  Options& probes = add(Method::ode, Form::automatic, 1);
  probes.divergence = Divergence::hutchinson;
  probes.probes = 256;
  return all;
}

TEST(Correlated, EveryEstimatorFindsTheTruth) {
  for (const CorrelatedCase& c : correlated_cases()) {
    const Problem problem{Schedule{}, c.score};
    const Matrix points = draw_points(problem, 4, test_seed());
    const std::vector<double> truth = true_log_densities(problem, points);
    for (Options o : methods_on_correlated()) {
      o.seed = test_seed();
      const Result result = estimate_log_density(problem, points, o);
      double worst = 0.0, largest = 0.0;
      for (const PointResult& p : result.points) {
        const double off = *p.log_density - truth[p.index], error = p.std_error.value_or(0.0);
        EXPECT_LE(std::abs(off), z_bound * error + *p.discretization_error + 1e-6)
            << c.name << ", " << name_of(o.method) << "/" << name_of(o.form) << ", point " << p.index << ": off by "
            << off << ", standard error " << error << ", discretisation " << *p.discretization_error;
        EXPECT_LE(error, 0.4) << c.name << ", " << name_of(o.method);
        worst = std::max(worst, std::abs(off));
        largest = std::max(largest, error);
      }
      std::printf("  %-42s %-16s %-14s lambda %3.1f: off by %.1e, standard error %.1e\n", c.name,
                  name_of(o.method).c_str(), name_of(o.form).c_str(), o.lambda, worst, largest);
    }
  }
}

TEST(Correlated, IntervalsHoldTheTruth) {
  const Problem problem{Schedule{}, with_covariances(4, 2)};
  const Matrix points = draw_points(problem, 16, test_seed());
  for (const auto& [form, paths] :
       {std::pair{Form::backward_ito, 128}, {Form::stratonovich, 128}, {Form::automatic, 4096}}) {
    Options o;
    o.method = form == Form::automatic ? Method::density_formula : Method::pathwise;
    o.form = form;
    o.paths = static_cast<std::uint64_t>(paths);
    const Coverage c = measure_coverage(problem, points, o, coverage_seeds, test_seed());
    std::printf("  %-14s %5.1f%%  mean z %+.3f  mean z^2 %.3f\n", name_of(form).c_str(), 100.0 * c.fraction(),
                c.mean_z(), c.mean_square_z());
    EXPECT_GE(c.fraction(), least_coverage) << name_of(form);
    EXPECT_LE(c.fraction(), most_coverage) << name_of(form);
  }
}

/// Products of all pairs of coordinates against the mixture's own, as a chi-square of single z: correlated among each
/// other, so that the bound is loose; independent coordinates of the same variances are far outside of it.
double worst_moment(const Matrix& x, const GaussianMixture& m) {
  const Matrix covariances = covariances_of(m);
  const std::size_t d = x.columns;
  double worst = 0.0;
  for (std::size_t a = 0; a < d; ++a) {
    for (std::size_t b = 0; b <= a; ++b) {
      double want = 0.0;
      for (std::size_t k = 0; k < m.weights.size(); ++k)
        want += m.weights[k] * (m.means(k, a) * m.means(k, b) + covariances(k * d + a, b));
      std::vector<double> products(x.rows);
      for (std::size_t i = 0; i < x.rows; ++i) products[i] = x(i, a) * x(i, b);
      worst = std::max(worst, std::abs(summarise(products).z(want)));
    }
  }
  return worst;
}

TEST(Correlated, SamplesHaveTheCovariancesAndCarryTheirDensity) {
  for (const GaussianMixture& score : {with_covariances(3, 2), with_factors(2, 6, 2, Variances::isotropic)}) {
    const Problem problem{Schedule{}, score};
    for (const double lambda : {0.0, 1.0}) {
      SampleOptions o;
      o.lambda = lambda;
      o.log_density = true;
      o.steps = 512;
      o.seed = test_seed();
      const Samples s = sample(problem, 20'000, o);
      EXPECT_LE(worst_moment(s.samples, score), z_bound) << "lambda " << lambda;
      const std::vector<double> exact = true_log_densities(problem, s.samples);
      std::size_t covered = 0;
      double square = 0.0;
      for (std::size_t i = 0; i < exact.size(); ++i) {
        const double off = s.log_density[i] - exact[i];
        covered += std::abs(off) <= 1.96 * s.std_error[i] + 1e-5 ? 1 : 0;
        square += off * off / static_cast<double>(exact.size());
      }
      std::printf("  lambda %.0f: carried log-densities off by %.1e, %.1f%% within their interval\n", lambda,
                  std::sqrt(square), 100.0 * static_cast<double>(covered) / static_cast<double>(exact.size()));
      EXPECT_GE(covered, exact.size() * 9 / 10) << "lambda " << lambda;
      EXPECT_LE(std::sqrt(square), 0.1) << "lambda " << lambda;
    }
    GaussianMixture independent = score;
    const Matrix covariances = covariances_of(score);
    independent.covariances = independent.factors = Matrix();
    independent.variances = Matrix(score.means.rows, score.means.columns);
    for (std::size_t i = 0; i < covariances.rows; ++i)
      independent.variances.values[i] = covariances(i, i % covariances.columns);
    EXPECT_GT(worst_moment(draw_points({Schedule{}, independent}, 20'000, test_seed()), score), z_bound);
  }
}

}  // namespace
}  // namespace scorepath::test
