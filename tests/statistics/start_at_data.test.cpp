// Bounds of the data's log-density by a model that starts at t_min (--start data): against their closed form for
// Gaussian data, against a plain simulation of the definition for mixtures, and against log p as t_min falls.
#include <scorepath/scorepath.hpp>

#include <gtest/gtest.h>

#include <algorithm>
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

Options start_at_data(std::uint64_t paths) {
  Options o;
  o.method = Method::elbo;
  o.form = Form::denoising;
  o.start = Start::data;
  o.paths = paths;
  o.seed = test_seed();
  return o;
}

/// A schedule of every kind with a noise ratio of about `epsilon` at its t_min.
std::vector<Schedule> starting_near(double epsilon) {
  std::vector<Schedule> all;
  Schedule s;
  s.kind = FlowMatching{};
  s.t_min = std::sqrt(epsilon) / (1.0 + std::sqrt(epsilon));
  all.push_back(s);
  s.kind = LiYan{};
  s.t_min = epsilon / (1.0 + epsilon);
  all.push_back(s);
  s.kind = Edm{std::sqrt(epsilon), 80.0};
  s.t_min.reset();  // its first noise level
  all.push_back(s);
  s.kind = Ve{std::sqrt(epsilon), 50.0};
  all.push_back(s);
  return all;
}
double noise_ratio_at_start(const Schedule& schedule) {
  Schedule from = schedule;
  if (const auto* edm = std::get_if<Edm>(&schedule.kind)) from.t_min = edm->sigma_min;
  if (std::holds_alternative<Ve>(schedule.kind)) from.t_min = 0.0;
  const Signal s = start_of(from);
  return s.sigma2 / (s.a * s.a);
}

/// E log p_e(Y) + E log N(x; Y + e s(Y), e I) - E log N(Y; x, e I), Y ~ N(x, e I), of a Gaussian, term by term as it
/// reads.
double bound_of_gaussian(const Gaussian& g, const double* x, double e) {
  double sum = 0.0;
  for (std::size_t j = 0; j < g.mean.size(); ++j) {
    const double v = g.variance[g.variance.size() == 1 ? 0 : j], total = v + e, off = x[j] - g.mean[j];
    sum -= 0.5 * (std::log(2.0 * pi * total) + (off * off + e) / total);
    // x - Y - e s = -n + e (x - m + n)/(v + e) = -n v/(v + e) + e off/(v + e)
    const double square = (v * v * e + e * e * off * off) / (total * total);
    sum += 0.5 - 0.5 * square / e;
  }
  return sum;
}

TEST(StartAtData, IsTheClosedFormOfGaussianData) {
  const Gaussian g{{0.3, -1.0, 2.0}, {0.5, 1.0, 2.0}};
  for (const double epsilon : {1e-3, 0.1, 1.0}) {
    for (const Schedule& schedule : starting_near(epsilon)) {
      const Problem problem{schedule, g};
      const Matrix points = draw_points({Schedule{}, g}, 4, test_seed());
      const double e = noise_ratio_at_start(schedule);
      EXPECT_NEAR(e, epsilon, 1e-9);
      for (const ControlVariate variate : {ControlVariate::gaussian, ControlVariate::none}) {
        // Alone, samples know nothing of the Gaussian: what they have below t_min must show, 0.4 nat for epsilon 1.
        Options o = start_at_data(variate == ControlVariate::none ? std::uint64_t{1} << 22 : 16384);
        o.control_variate = variate;
        const Result result = estimate_log_density(problem, points, o);
        EXPECT_EQ(result.quantity, Quantity::lower_bound);
        for (const PointResult& p : result.points) {
          const double want = bound_of_gaussian(g, points.row(p.index), e);
          EXPECT_LE(std::abs(*p.log_density - want), z_bound * *p.std_error + 1e-5)
              << name_of(schedule.kind) << ", epsilon " << epsilon << ": " << *p.log_density << " for " << want;
          EXPECT_LT(*p.std_error, 0.05);
          EXPECT_NEAR(*p.exact_log_density, true_log_density({Schedule{}, g}, points.row(p.index)), 1e-9);
        }
      }
    }
  }
}

/// It bounds the density of the model that ends with the denoiser, not that of the data: below the latter on average
/// over the data, above it far out.
TEST(StartAtData, LiesBelowTheDatasLogDensityOnAverageAndAboveItFarOut) {
  const Gaussian g{{0.0}, {0.5}};
  const Problem problem{starting_near(1.0)[0], g};
  const Matrix points = draw_points({Schedule{}, g}, 2000, test_seed());
  std::vector<double> excess;
  for (const PointResult& p : estimate_log_density(problem, points, start_at_data(256)).points)
    excess.push_back(*p.log_density - *p.exact_log_density);
  const Sample s = summarise(excess);
  EXPECT_LT(s.mean + z_bound * s.standard_error(), 0.0);
  const Result far = estimate_log_density(problem, Matrix(1, 1, {4.0 * std::sqrt(0.5)}), start_at_data(4096));
  EXPECT_GT(*far.points[0].log_density, *far.points[0].exact_log_density + 1.0);
  EXPECT_NE(std::find_if(far.warnings.begin(), far.warnings.end(),
                         [](const std::string& w) { return w.find("either side") != std::string::npos; }),
            far.warnings.end());
}

/// The definition, simulated: log p_e, the score and the Gaussians of the textbook.
Sample simulated_bound(const GaussianMixture& m, const double* x, double e, std::size_t count) {
  Draws draws(test_seed() + 5);
  const std::size_t d = m.means.columns;
  const Components c = components_of(m);
  std::vector<double> values, y(d), terms(m.weights.size());
  for (std::size_t i = 0; i < count; ++i) {
    double noise = 0.0;
    for (std::size_t j = 0; j < d; ++j) {
      const double n = std::sqrt(e) * draws.normal();
      y[j] = x[j] + n;
      noise += n * n;
    }
    double top = -HUGE_VAL, sum = 0.0;
    for (std::size_t k = 0; k < terms.size(); ++k) {
      terms[k] = std::log(c.weights[k]);
      for (std::size_t j = 0; j < d; ++j) {
        const double v = c.variances(k, j) + e, z = y[j] - c.means(k, j);
        terms[k] -= 0.5 * (z * z / v + std::log(2.0 * pi * v));
      }
      top = std::max(top, terms[k]);
    }
    for (const double term : terms) sum += std::exp(term - top);
    double square = 0.0;
    for (std::size_t j = 0; j < d; ++j) {
      double s = 0.0;
      for (std::size_t k = 0; k < terms.size(); ++k)
        s += std::exp(terms[k] - top) / sum * (c.means(k, j) - y[j]) / (c.variances(k, j) + e);
      square += (x[j] - y[j] - e * s) * (x[j] - y[j] - e * s);
    }
    values.push_back(top + std::log(sum) - 0.5 * square / e + 0.5 * noise / e);
  }
  return summarise(values);
}

TEST(StartAtData, IsWhatTheDefinitionSimulatesForMixtures) {
  const NamedProblem np = load_mixture("ring-2");
  const auto& mixture = std::get<GaussianMixture>(np.problem.score);
  for (const double epsilon : {4e-4, 0.02}) {
    for (const TimeLaw law : {TimeLaw::log_snr, TimeLaw::uniform, TimeLaw::debiased, TimeLaw::importance}) {
      const Schedule schedule = starting_near(epsilon)[static_cast<std::size_t>(law)];
      Options o = start_at_data(65536);
      o.time_law = law;
      const Matrix points(4, 2, {np.points.values.begin(), np.points.values.begin() + 8});
      for (const PointResult& p : estimate_log_density({schedule, mixture}, points, o).points) {
        const Sample want = simulated_bound(mixture, points.row(p.index), epsilon, 20'000);
        const double error = std::hypot(want.standard_error(), *p.std_error);
        EXPECT_LE(std::abs(*p.log_density - want.mean), z_bound * error + 1e-5)
            << name_of(law) << ", epsilon " << epsilon << ", point " << p.index << ": " << *p.log_density << " for "
            << want.mean;
      }
    }
  }
}

/// At the mean of a Gaussian the gap falls like 3/4 d (epsilon/v)^2 (on average over the data, a third of it).
TEST(StartAtData, ReachesTheLogDensityAsTheNoiseFalls) {
  const Gaussian g{std::vector<double>(8, 0.0), {1.0}};
  for (const double epsilon : {0.2, 0.05, 0.0125}) {
    const Problem problem{starting_near(epsilon)[0], g};
    const Matrix points(1, 8);
    const PointResult p = estimate_log_density(problem, points, start_at_data(65536)).points[0];
    const double gap = *p.exact_log_density - *p.log_density;
    std::printf("  epsilon %.4f: gap %.2e +- %.1e, %.2e to leading order\n", epsilon, gap, *p.std_error,
                6.0 * epsilon * epsilon);
    EXPECT_GT(gap, 0.0);
    EXPECT_NEAR(gap / (6.0 * epsilon * epsilon), 1.0,
                2.0 * epsilon + z_bound * *p.std_error / (6.0 * epsilon * epsilon));
  }
}

TEST(StartAtData, IntervalsHoldTheBound) {
  const Gaussian g{{0.0, 0.0}, {0.3, 1.0}};
  const Problem problem{starting_near(0.05)[1], g};
  const Matrix points = draw_points({Schedule{}, g}, 16, test_seed());
  Options o = start_at_data(1024);
  o.control_variate = ControlVariate::none;
  o.threads = 1;
  Coverage coverage;
  for (std::size_t s = 0; s < coverage_seeds; ++s) {
    o.seed = test_seed() + s;
    for (const PointResult& p : estimate_log_density(problem, points, o).points)
      coverage.add(p, bound_of_gaussian(g, points.row(p.index), 0.05));
  }
  std::printf("  %.1f%%, mean z %+.3f\n", 100.0 * coverage.fraction(), coverage.mean_z());
  EXPECT_TRUE(is_calibrated(coverage)) << coverage.fraction();
}

TEST(StartAtData, IsRefusedWhereThereIsNoNoiseToBridge) {
  const Problem problem{Schedule{}, Gaussian{{0.0}, {1.0}}};
  try {
    static_cast<void>(estimate_log_density(problem, Matrix(1, 1, {0.0}), start_at_data(64)));
    ADD_FAILURE() << "not refused";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::input);
    EXPECT_NE(std::string(error.what()).find("schedule.t_min is at zero noise"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace scorepath::test
