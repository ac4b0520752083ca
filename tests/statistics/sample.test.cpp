// Samples against exact ones, and the log-densities that they carry against exact log-densities: moments, energy
// distances, calibration of the standard errors.
#include <scorepath/scorepath.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

#include "tests/statistics/pathwise_jobs.hpp"
#include "tests/support/problems.hpp"
#include "tests/support/reverse_jobs.hpp"
#include "tests/support/seed.hpp"
#include "tests/support/statistics.hpp"

namespace scorepath::test {
namespace {

/// n samples of a mixture's p_0, straight from its components.
Matrix exact_samples(const GaussianMixture& m, std::size_t n, std::uint64_t seed) {
  Draws draws(seed);
  Matrix x(n, m.means.columns);
  for (std::size_t i = 0; i < n; ++i) {
    double left = draws.uniform();
    std::size_t k = 0;
    while (k + 1 < m.weights.size() && left >= m.weights[k]) left -= m.weights[k++];
    for (std::size_t j = 0; j < x.columns; ++j) {
      const double variance = m.variances(k, m.variances.columns > 1 ? j : 0);
      x(i, j) = m.means(k, j) + std::sqrt(variance) * draws.normal();
    }
  }
  return x;
}

double distance(const double* a, const double* b, std::size_t d) {
  double square = 0.0;
  for (std::size_t j = 0; j < d; ++j) square += (a[j] - b[j]) * (a[j] - b[j]);
  return std::sqrt(square);
}

/// Szekely & Rizzo's energy distance 2 E|X - Y| - E|X - X'| - E|Y - Y'| as a z, from disjoint pairs of independent
/// samples: every term is a mean of n/2 independent numbers of its own.
double z_of_energy_distance(const Matrix& x, const Matrix& y) {
  const std::size_t n = std::min(x.rows, y.rows) / 2, d = x.columns;
  std::vector<double> terms;
  for (std::size_t i = 0; i < n; ++i) {
    terms.push_back(distance(x.row(2 * i), y.row(2 * i), d) + distance(x.row(2 * i + 1), y.row(2 * i + 1), d) -
                    distance(x.row(2 * i), x.row(2 * i + 1), d) - distance(y.row(2 * i), y.row(2 * i + 1), d));
  }
  return summarise(terms).z(0.0);
}

/// Means and second moments of the coordinates against the mixture's, as a chi-square over both.
double z_of_moments(const Matrix& x, const GaussianMixture& m) {
  double statistic = 0.0;
  const auto n = static_cast<double>(x.rows);
  for (std::size_t j = 0; j < x.columns; ++j) {
    double mean = 0.0, second = 0.0;
    for (std::size_t k = 0; k < m.weights.size(); ++k) {
      const double variance = m.variances(k, m.variances.columns > 1 ? j : 0);
      mean += m.weights[k] * m.means(k, j);
      second += m.weights[k] * (m.means(k, j) * m.means(k, j) + variance);
    }
    std::vector<double> first(x.rows), squares(x.rows);
    for (std::size_t i = 0; i < x.rows; ++i) {
      first[i] = x(i, j);
      squares[i] = x(i, j) * x(i, j);
    }
    const double z1 = summarise(first).z(mean), z2 = summarise(squares).z(second);
    statistic += z1 * z1 + z2 * z2;
    static_cast<void>(n);
  }
  return z_of_chi_square(statistic, 2.0 * static_cast<double>(x.columns));
}

Problem shipped(const std::string& name) {
  return load_problem(std::string(SCOREPATH_SOURCE_DIR) + "/data/mixtures/" + name + "/model.toml");
}

SampleOptions with(ReverseMethod method, double lambda, std::uint64_t steps) {
  SampleOptions o;
  o.method = method;
  o.lambda = lambda;
  o.steps = steps;
  return o;
}

/// Steps at which a method's own error is below what so many samples can tell.
std::uint64_t steps_for(ReverseMethod method) { return method == ReverseMethod::second_order ? 128 : 4000; }

class SamplesOf : public ::testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Mixture, SamplesOf, ::testing::Values("ring-2", "anisotropic-2", "cloud-16"),
                         [](const auto& info) {
                           std::string name = info.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST_P(SamplesOf, AreDistributedAsTheModel) {
  const Problem problem = shipped(GetParam());
  const auto& mixture = std::get<GaussianMixture>(problem.score);
  constexpr std::size_t n = 10'000;
  const Matrix exact = exact_samples(mixture, n, test_seed());
  for (const ReverseMethod method : every_reverse_method) {
    for (const double lambda : {0.0, 1.0}) {
      if (method == ReverseMethod::ddim && lambda < 1.0) continue;
      SampleOptions o = with(method, lambda, steps_for(method));
      o.seed = test_seed() + 1;
      const Samples s = sample(problem, n, o);
      const double moments = z_of_moments(s.samples, mixture), energy = z_of_energy_distance(s.samples, exact);
      std::printf("  %-19s lambda %.0f: moments z %+.2f, energy distance z %+.2f\n", name_of(method).c_str(), lambda,
                  moments, energy);
      EXPECT_LE(std::abs(moments), z_bound) << name_of(method) << ", lambda " << lambda;
      EXPECT_LE(std::abs(energy), z_bound) << name_of(method) << ", lambda " << lambda;
    }
  }
}

/// Too few steps, and a wrong weight or width of a component, are seen by these statistics.
TEST(SamplesThemselves, AreToldFromThoseOfAnotherModel) {
  const Problem problem = shipped("ring-2");
  const auto& mixture = std::get<GaussianMixture>(problem.score);
  constexpr std::size_t n = 40'000;
  const Matrix exact = exact_samples(mixture, n, test_seed());
  GaussianMixture heavier = mixture, wider = mixture;
  heavier.weights[0] += 0.03;
  heavier.weights[4] -= 0.03;
  for (double& variance : wider.variances.values) variance *= 2.0;
  EXPECT_GT(z_of_moments(exact_samples(heavier, n, 1), mixture), z_bound);
  EXPECT_GT(z_of_moments(exact_samples(wider, n, 1), mixture), z_bound);
  EXPECT_LT(std::abs(z_of_moments(exact_samples(mixture, n, 1), mixture)), z_bound);
  EXPECT_LT(std::abs(z_of_energy_distance(exact_samples(mixture, n, 1), exact)), z_bound);
  EXPECT_GT(z_of_energy_distance(sample(problem, n, with(ReverseMethod::ancestral, 0.0, 8)).samples, exact), z_bound);
}

/// X at t_min is a mixture too: of every schedule.
TEST(SamplesOfSchedules, AreThoseOfTheDataOrOfXAtTMin) {
  const Problem base = shipped("ring-2");
  const auto& mixture = std::get<GaussianMixture>(base.score);
  for (const Schedule& schedule : some_schedules()) {
    for (const ReverseMethod method : {ReverseMethod::exponential, ReverseMethod::euler_maruyama,
                                       ReverseMethod::ancestral, ReverseMethod::second_order}) {
      SampleOptions o = with(method, 0.0, steps_for(method));
      o.seed = test_seed();
      constexpr std::size_t n = 10'000;
      const Problem problem{schedule, mixture};
      const Samples s = sample(problem, n, o);
      // Their mean log-density under the exact density is minus its entropy, as that of exact samples is.
      const Problem data{Schedule{}, mixture};
      const Matrix exact = exact_samples(mixture, n, test_seed() + 2);
      const std::vector<double> own = exact_log_density(problem, s.samples);
      const Sample got = summarise(own);
      if (schedule.t_min) continue;
      const std::vector<double> of_exact = exact_log_density(data, exact);
      const Sample want = summarise(of_exact);
      const double error = std::hypot(got.standard_error(), want.standard_error());
      EXPECT_LE(std::abs(got.mean - want.mean) / error, z_bound)
          << name_of(schedule.kind) << ", " << name_of(method) << ": " << got.mean << " for " << want.mean;
    }
  }
}

/// What a carried density is off by, in its own standard errors: mean, mean square, and how often 95% hold.
struct Calibration {
  double mean = 0.0, square = 0.0, covered = 0.0, bias_z = 0.0, typical = 0.0;
};
Calibration calibration_of(const Samples& s) {
  Calibration c;
  const auto n = static_cast<double>(s.log_density.size());
  std::vector<double> off;
  for (std::size_t i = 0; i < s.log_density.size(); ++i) {
    const double error = s.log_density[i] - s.exact_log_density[i], z = error / s.std_error[i];
    off.push_back(error);
    c.mean += z / n;
    c.square += z * z / n;
    c.covered += (std::abs(z) < 1.96 ? 1.0 : 0.0) / n;
    c.typical += s.std_error[i] * s.std_error[i] / n;
  }
  c.typical = std::sqrt(c.typical);
  c.bias_z = summarise(off).z(0.0);
  return c;
}

TEST_P(SamplesOf, CarryTheirLogDensity) {
  const Problem problem = shipped(GetParam());
  for (const ReverseMethod method : every_reverse_method) {
    for (const double lambda : {-1.0, 0.0, 0.5, 1.0}) {
      if ((method == ReverseMethod::ddim) != (lambda == 1.0) && method == ReverseMethod::ddim) continue;
      SampleOptions o = with(method, lambda, 256);
      o.log_density = true;
      o.seed = test_seed();
      const Samples s = sample(problem, 4000, o);
      const Calibration c = calibration_of(s);
      std::printf("  %-19s lambda %4.1f: standard error %.1e, z mean %+.2f square %.2f, covered %.1f%%, bias z %+.1f\n",
                  name_of(method).c_str(), lambda, c.typical, c.mean, c.square, 100.0 * c.covered, c.bias_z);
      EXPECT_GE(c.covered, 0.90) << name_of(method) << ", lambda " << lambda;
      // Along the flow there is no noise: the error bar is the size of the steps' own error.
      EXPECT_LE(std::abs(c.mean), lambda == 1.0 ? 1.0 : 0.5) << name_of(method) << ", lambda " << lambda;
    }
  }
}

/// Its error falls like the steps, whatever lambda: of strong order 1 along noise, 2 along the flow.
TEST(CarriedLogDensities, GetBetterWithTheSteps) {
  const Problem problem = shipped("ring-2");
  for (const double lambda : {0.0, 1.0}) {
    double before = 0.0;
    for (const std::uint64_t steps : {128u, 512u, 2048u}) {
      SampleOptions o = with(ReverseMethod::exponential, lambda, steps);
      o.log_density = true;
      o.seed = test_seed();
      const Samples s = sample(problem, 2000, o);
      double square = 0.0;
      for (std::size_t i = 0; i < s.log_density.size(); ++i)
        square += std::pow(s.log_density[i] - s.exact_log_density[i], 2) / static_cast<double>(s.log_density.size());
      const double error = std::sqrt(square);
      std::printf("  lambda %.0f, %5d steps: root mean square error %.2e nat\n", lambda, static_cast<int>(steps),
                  error);
      if (before > 0.0) {
        EXPECT_GT(before / error, lambda == 1.0 && before > 1e-4 ? 8.0 : 3.0) << lambda;
      }
      before = error;
    }
  }
}

}  // namespace
}  // namespace scorepath::test
