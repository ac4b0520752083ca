// The pathwise estimate along Brownian paths does not hang on its r0, and what would make it hang on it is seen: a
// small estimator, built here on the same kernels, with r0 right and off by 4 both ways, and with faults planted in its
// table.
//
// 16 points, 1024 antithetic pairs each; z in the samples' own standard errors.
#include <scorepath/scorepath.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

#include "host/cpu_dispatch.hpp"
#include "host/model.hpp"
#include "host/point_key.hpp"
#include "kernels/estimator/pathwise.hpp"
#include "kernels/score/point_tables.hpp"
#include "kernels/score/reference.hpp"
#include "kernels/step/transition.hpp"
#include "tests/support/problems.hpp"
#include "tests/support/seed.hpp"
#include "tests/support/statistics.hpp"

namespace scorepath::test {
namespace {

using kernels::PathwiseForm;
using kernels::Purpose;

enum class PathwiseBug {
  none,
  raw_trapezoid,      // the last term of a_k left out: the bias of the plain Stratonovich sum
  flipped_noise,      // the martingale's sign
  neighbours_weight,  // quadrature weights of the next node
  no_first_node,      // the deterministic node 0 forgotten
};

constexpr int pairs = 1024;

/// Mean error and its standard error at one point.
struct Error {
  double mean, standard_error;
};

Error run(const Model& model, const double* x, double truth, PathwiseForm form, double r0_factor, PathwiseBug bug) {
  constexpr int steps = 256;
  const kernels::CpuKernels cpu = cpu_kernels(active_isa());
  const auto d = static_cast<std::size_t>(model.dim());
  const kernels::MixtureModel& mixture = model.mixture();
  std::vector<double> y(d);
  model.to_canonical(x, y.data());
  double distance = 0.0;
  for (std::size_t j = 0; j < d; ++j) distance += (y[j] - model.mean()[j]) * (y[j] - model.mean()[j]);
  const double end = 1e5 * (*std::max_element(model.variance().begin(), model.variance().end()) + distance);
  // The finest variance that there is (16 of the components have one each, or a variance for every coordinate).
  double finest = mixture.variance(0, 0);
  for (int k = 0; k < mixture.components; ++k)
    for (int j = 0; j < mixture.dim; ++j) finest = std::min(finest, mixture.variance(k, j));
  const double r0 = finest * r0_factor;

  std::vector<double> rho(steps + 1), weight(steps + 1);
  kernels::NoiseRange range{};
  range.end = end;
  kernels::stationary_grid(range, r0, steps, {rho.data(), weight.data()}, kernels::Rule::gregory);
  const kernels::ReferenceGaussian g{model.dim(), model.mean().data(), model.variance().data()};
  const auto reference_divergence = [&](double at) {
    double sum = 0.0;
    for (const double v : model.variance()) sum -= 1.0 / (v + at);
    return sum;
  };
  std::vector<kernels::Increment<float>> table(steps);
  kernels::make_pathwise_table(form, rho.data(), weight.data(), steps, r0, reference_divergence, table.data());
  for (std::size_t k = 0; k < steps; ++k) {
    if (bug == PathwiseBug::raw_trapezoid) {
      // Trapezoid in both terms: half the integrand's divergence goes with half of S and the other half with the noise.
      table[k].on_divergence = static_cast<float>(0.5 * weight[k + 1]);
    }
    if (bug == PathwiseBug::flipped_noise) table[k].on_previous = -table[k].on_previous;
    if (bug == PathwiseBug::neighbours_weight)
      table[k].on_square = static_cast<float>(0.5 * weight[std::min<std::size_t>(k + 2, steps)]);
  }

  std::vector<float> memory(static_cast<std::size_t>(kernels::table_size(mixture))), r(steps), inverse, mean,
      difference;
  const kernels::ScoreTables<float> score = kernels::make_score_tables(mixture, y.data(), memory.data());
  for (std::size_t k = 0; k < steps; ++k) {
    r[k] = static_cast<float>(rho[k + 1]);
    for (std::size_t j = 0; j < d; ++j) inverse.push_back(static_cast<float>(1.0 / (model.variance()[j] + rho[k + 1])));
  }
  std::vector<float> levels(steps * static_cast<std::size_t>(kernels::level_size(score)));
  cpu.levels(score, r.data(), steps, levels.data());
  std::vector<double> s(d), of_g(d), terms(static_cast<std::size_t>(mixture.components));
  const double divergence = kernels::score_and_divergence(mixture, y.data(), 0.0, terms.data(), s.data());
  double first = divergence - kernels::score_and_divergence(g, y.data(), 0.0, of_g.data());
  for (std::size_t j = 0; j < d; ++j) {
    first += 0.5 * (s[j] - of_g[j]) * (s[j] + of_g[j]);
    difference.push_back(static_cast<float>(s[j] - of_g[j]));
    mean.push_back(static_cast<float>(model.mean()[j] - y[j]));
  }
  double baseline = kernels::log_density(g, y.data(), 0.0) + model.log_jacobian();
  if (bug != PathwiseBug::no_first_node) baseline -= weight[0] * first;

  const kernels::Stream noise = kernels::make_stream(test_seed(), point_key(x, d), Purpose::noise, false);
  std::vector<float> values(pairs);
  cpu.increments({score,
                  {true, mean.data(), nullptr},
                  inverse.data(),
                  levels.data(),
                  table.data(),
                  difference.data(),
                  steps,
                  noise,
                  true,
                  kernels::has_divergence(form)},
                 0, pairs, values.data());
  const Sample sample = summarise(std::vector<double>(values.begin(), values.end()));
  return {baseline - sample.mean - truth, sample.standard_error()};
}

/// Over the points of a mixture: the largest |z| of one, z of the mean error, and the root mean square standard error.
struct Errors {
  double largest_z, mean_z, standard_error;
};

Errors errors_of(const char* name, PathwiseForm form, double r0_factor, PathwiseBug bug, const char* what) {
  const NamedProblem np = load_mixture(name);
  const Model model(np.problem);
  double sum = 0.0, variance = 0.0, largest = 0.0;
  for (std::size_t i = 0; i < np.points.rows; ++i) {
    const double truth = true_log_density(np.problem, np.points.row(i));
    const Error error = run(model, np.points.row(i), truth, form, r0_factor, bug);
    sum += error.mean;
    variance += error.standard_error * error.standard_error;
    largest = std::max(largest, std::abs(error.mean / error.standard_error));
  }
  const double n = static_cast<double>(np.points.rows);
  const Errors all{largest, sum / std::sqrt(variance), std::sqrt(variance / n)};
  std::printf("  %-14s %-18s r0 x %-4g mean error %+.2e, z %+.1f, largest |z| %.1f, standard error %.1e\n", name, what,
              r0_factor, sum / n, all.mean_z, all.largest_z, all.standard_error);
  return all;
}

TEST(PathwiseBugs, WithoutOneNoReferenceScaleMatters) {
  for (const char* name : {"ring-2", "anisotropic-16", "cloud-16"}) {
    for (const double factor : {1.0, 4.0, 0.25}) {
      for (const auto& [form, what] : {std::pair{PathwiseForm::stratonovich, "stratonovich"},
                                       {PathwiseForm::forward_ito, "forward-ito"},
                                       {PathwiseForm::backward_ito, "backward-ito"}}) {
        const Errors errors = errors_of(name, form, factor, PathwiseBug::none, what);
        EXPECT_LE(errors.largest_z, z_bound);
        EXPECT_LE(std::abs(errors.mean_z), z_bound);
      }
    }
  }
}

TEST(PathwiseBugs, EachPlantedOneIsSeen) {
  const auto with = [](PathwiseBug bug, const char* what, double factor) {
    return errors_of("anisotropic-16", PathwiseForm::stratonovich, factor, bug, what);
  };
  const Errors sound = with(PathwiseBug::none, "none", 1.0);
  EXPECT_GT(with(PathwiseBug::raw_trapezoid, "raw trapezoid", 4.0).largest_z, z_bound);
  EXPECT_GT(with(PathwiseBug::neighbours_weight, "neighbour's weight", 1.0).largest_z, z_bound);
  EXPECT_GT(with(PathwiseBug::no_first_node, "no first node", 1.0).largest_z, z_bound);
  // The mean of a martingale is zero either way: its sign shows in what is left of the noise.
  EXPECT_GT(with(PathwiseBug::flipped_noise, "flipped noise", 1.0).standard_error, 5.0 * sound.standard_error);
}

}  // namespace
}  // namespace scorepath::test
