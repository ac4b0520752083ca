// The Gaussian of the control variate: its parameters, its log-density, and the expectation of that at the far end, all
// in double.
#pragma once

#include "kernels/score/model.hpp"

namespace scorepath::kernels {

/// N(mean, diag(variance)) at zero noise; [dim] each, canonical frame.
struct ReferenceGaussian {
  int dim;
  const double* mean;
  const double* variance;
};

/// log g_r(y) [nat] at noise level r.
inline double log_density(const ReferenceGaussian& g, const double* y, double r) {
  double sum = 0.0;
  for (int j = 0; j < g.dim; ++j) {
    const double total = g.variance[j] + r;
    const double difference = y[j] - g.mean[j];
    sum += log_two_pi + log(total) + difference * difference / total;
  }
  return -0.5 * sum;
}

/// E log g_r(Y) [nat] over Y ~ N(x, rho I).
inline double expected_log_density(const ReferenceGaussian& g, const double* x, double rho, double r) {
  double sum = 0.0;
  for (int j = 0; j < g.dim; ++j) {
    const double total = g.variance[j] + r;
    const double difference = x[j] - g.mean[j];
    sum += log_two_pi + log(total) + (difference * difference + rho) / total;
  }
  return -0.5 * sum;
}

/// E log g_r(Y) - E[n.s + (rho/2) |s|^2] [nat], Y = x + n ~ N(x, rho I), s the score of g_r there: what the bound of
/// log g_0(x) through one step of the denoiser is (docs/theory.md, D28); r = rho.
inline double denoised_log_density(const ReferenceGaussian& g, const double* x, double rho) {
  double sum = expected_log_density(g, x, rho, rho);
  for (int j = 0; j < g.dim; ++j) {
    const double total = g.variance[j] + rho;
    const double difference = x[j] - g.mean[j];
    sum += rho / total - 0.5 * rho * (difference * difference + rho) / (total * total);
  }
  return sum;
}

/// Divergence of the score of g_r, the same everywhere.
inline double divergence(const ReferenceGaussian& g, double r) {
  double sum = 0.0;
  for (int j = 0; j < g.dim; ++j) sum -= 1.0 / (g.variance[j] + r);
  return sum;
}

/// Score and divergence of log g_r at y.
inline double score_and_divergence(const ReferenceGaussian& g, const double* y, double r, double* s) {
  double divergence = 0.0;
  for (int j = 0; j < g.dim; ++j) {
    const double inverse = 1.0 / (g.variance[j] + r);
    s[j] = (g.mean[j] - y[j]) * inverse;
    divergence -= inverse;
  }
  return divergence;
}

}  // namespace scorepath::kernels
