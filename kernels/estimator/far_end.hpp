// What stands at the far end of the density formula: E log p_R(Y_R), Y_R ~ N(y, rho I), with noise at least 1e4 times
// the data's variance. This is the one place where an estimator reads a score's own log-density. With a Gaussian g of
// the data's moments, E log p_R = E log g_R (closed form) + E[log p_R - log g_R], and the last difference is tiny
// there.
#pragma once

#include "kernels/random/noise.hpp"
#include "kernels/reduce/moments.hpp"
#include "kernels/score/reference.hpp"

namespace scorepath::kernels {

inline constexpr int far_end_pairs = 16;

/// Moments of log p_r(Y) - log g_r(Y) [nat] over far_end_pairs antithetic pairs Y = y +- sqrt(rho) z, in double.
/// scratch [dim + 4], terms [K]. 2 far_end_pairs evaluations.
inline Moments far_end_difference(const MixtureModel& model, const ReferenceGaussian& g, const double* y, double rho,
                                  double r, const Stream& stream, double* scratch, double* terms) {
  const double scale = sqrt(rho);
  double values[far_end_pairs];
  for (int i = 0; i < far_end_pairs; ++i) {
    values[i] = 0.0;
    for (const double sign : {1.0, -1.0}) {
      for (int j = 0; j < model.dim; j += 4) {
        double z[1][4];
        random_normals<double, 1>(stream, static_cast<std::uint64_t>(i), static_cast<std::uint32_t>(j / 4), z);
        for (int q = 0; q < 4 && j + q < model.dim; ++q) scratch[j + q] = fma(sign * scale, z[0][q], y[j + q]);
      }
      values[i] += 0.5 * (log_density(model, scratch, r, terms) - log_density(g, scratch, r));
    }
  }
  double sums[far_end_pairs];
  return moments_of(values, far_end_pairs, sums);
}

/// E log N(Y; 0, prior_variance I) [nat], Y ~ N(y, rho I): the schedule's prior, closed form.
inline double expected_log_prior(int dim, const double* y, double rho, double prior_variance) {
  double square = dim * rho;
  for (int j = 0; j < dim; ++j) square = fma(y[j], y[j], square);
  return -0.5 * (dim * (log_two_pi + log(prior_variance)) + square / prior_variance);
}

}  // namespace scorepath::kernels
