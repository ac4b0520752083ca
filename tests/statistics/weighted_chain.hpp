// Weights of paths under a Gaussian's chains, whose likelihood has a closed form, for any reference and any grid; with
// faults planted in what the lanes read.
#pragma once

#include <cmath>
#include <cstddef>
#include <vector>

#include "host/cpu_dispatch.hpp"
#include "host/path_weights.hpp"
#include "kernels/estimator/path_weights.hpp"
#include "kernels/score/point_tables.hpp"
#include "kernels/step/grid.hpp"
#include "tests/support/seed.hpp"
#include "tests/support/statistics.hpp"

namespace scorepath::test {

enum class WeightBug {
  none,
  no_scale,       // the noise of Euler and Maruyama in the weight, not the reference's
  no_far_end,     // p_R taken for g_R
  half_step,      // D where D/2 stands in front of s + g
  flipped_noise,  // the path runs the other way
};

/// N(center, variance) per coordinate, seen from x with a reference N(mean, width).
struct GaussianCase {
  std::vector<double> x, center, variance, mean, width;
};

constexpr int chain_steps = 32, chain_pairs = 4096;

inline std::vector<double> chain_grid() {
  std::vector<double> rho(chain_steps + 1), weight(chain_steps + 1);
  // Ending where g and p are still apart: between Gaussians the far end is exact at any noise.
  kernels::stationary_grid({1.0, 0.0, 5.0, 0.0, 1.0, 0.0, 5.0}, 0.2, chain_steps, {rho.data(), weight.data()});
  return rho;
}

/// log-likelihood [nat] of x under the chain of every nodes-th step: Gaussian steps of linear mean keep it Gaussian.
inline double chain_likelihood(const GaussianCase& c, int nodes) {
  const std::vector<double> rho = chain_grid();
  double sum = 0.0;
  for (std::size_t j = 0; j < c.x.size(); ++j) {
    double variance = c.variance[j] + rho.back();
    for (int k = chain_steps; k > 0; k -= nodes) {
      const double here = rho[static_cast<std::size_t>(k)], before = rho[static_cast<std::size_t>(k - nodes)];
      const double keep = 1.0 - (here - before) / (c.variance[j] + here);
      variance = keep * keep * variance + (here - before) * (c.width[j] + before) / (c.width[j] + here);
    }
    const double z = c.x[j] - c.center[j];
    sum -= 0.5 * (std::log(2.0 * pi * variance) + z * z / variance);
  }
  return sum;
}

/// The estimate of each chain's log-likelihood, and its z against the truth.
struct ChainError {
  double value, standard_error, z;
};

inline std::vector<ChainError> weigh(const GaussianCase& c, WeightBug bug) {
  const auto d = c.x.size();
  const int dim = static_cast<int>(d);
  const std::vector<double> rho = chain_grid();
  const double zero = 0.0;
  const kernels::MixtureModel model{
      1, dim, kernels::VarianceLayout::diagonal, &zero, c.center.data(), c.variance.data()};
  std::vector<float> memory(static_cast<std::size_t>(kernels::table_size(model)));
  const kernels::ScoreTables<float> score = kernels::make_score_tables(model, c.x.data(), memory.data());
  const kernels::CpuKernels cpu = cpu_kernels(active_isa());

  std::vector<float> r, inverse, mean;
  for (std::size_t k = 0; k < rho.size(); ++k) {
    for (const double width : c.width)
      inverse.push_back(bug == WeightBug::no_scale && k + 1 < rho.size() ? 0.0f
                                                                         : static_cast<float>(1.0 / (width + rho[k])));
    if (k > 0) r.push_back(static_cast<float>(rho[k]));
  }
  for (std::size_t j = 0; j < d; ++j) mean.push_back(static_cast<float>(c.mean[j] - c.x[j]));
  std::vector<float> levels(r.size() * static_cast<std::size_t>(kernels::level_size(score)));
  cpu.levels(score, r.data(), static_cast<std::uint32_t>(r.size()), levels.data());
  std::vector<kernels::WeightStep<float>> table(r.size());
  kernels::make_weight_table(rho.data(), chain_steps, table.data());
  for (kernels::WeightStep<float>& step : table) {
    if (bug == WeightBug::half_step) step.one *= 2.0f, step.two *= 2.0f, step.four *= 2.0f;
    if (bug == WeightBug::flipped_noise) step.one *= -1.0f, step.two *= -1.0f, step.four *= -1.0f;
  }
  const kernels::ReferenceGaussian h{dim, c.center.data(), c.variance.data()}, g{dim, c.mean.data(), c.width.data()};
  std::vector<float> slope(d), square(d);
  kernels::make_far_end(h, g, c.x.data(), rho.back(), slope.data(), square.data());
  if (bug == WeightBug::no_far_end) slope.assign(d, 0.0f), square.assign(d, 0.0f);

  const kernels::Stream noise = kernels::make_stream(test_seed(), 7, kernels::Purpose::noise, false);
  std::vector<float> values(kernels::weight_chains * chain_pairs);
  cpu.weights({score,
               {true, mean.data(), nullptr},
               inverse.data(),
               levels.data(),
               table.data(),
               slope.data(),
               square.data(),
               chain_steps,
               noise,
               true},
              0, chain_pairs, values.data(), chain_pairs);
  const double baseline = kernels::log_density(g, c.x.data(), 0.0) + kernels::log_density(h, c.x.data(), rho.back()) -
                          kernels::log_density(g, c.x.data(), rho.back());
  std::vector<ChainError> errors;
  for (int chain = 0; chain < kernels::weight_chains; ++chain) {
    std::vector<Chains> of(chain_pairs);
    for (std::size_t i = 0; i < of.size(); ++i)
      of[i].chain[0] = values[static_cast<std::size_t>(chain) * chain_pairs + i];
    const kernels::Moments m = weight_moments(of, WeightTarget::chain);
    const double value = baseline - m.mean, se = kernels::sqrt(m.variance_of_mean());
    errors.push_back({value, se, (value - chain_likelihood(c, 1 << chain)) / se});
  }
  return errors;
}

}  // namespace scorepath::test
