// A DDPM chain in the canonical frame, and the discrete sum of Li & Yan as weights of nodes of the density formula.
//
// Ho, Jain & Abbeel 2020 (arXiv 2006.11239): x_k = sqrt(alpha_k) x_{k-1} + sqrt(beta_k) eps forward; backward the mean
// (x_k + beta_k s)/sqrt(alpha_k) with variance beta_k. In the canonical frame y_k = x_k/sqrt(abar_k), with R_k = (1 -
// abar_k)/abar_k, a step is y_{k-1} = y_k + D s + sqrt(D/kappa) xi, D = R_k - R_{k-1}: the chain of path_weights.hpp
// whose reference is N(0, I), kappa = (1 + R_k)/(1 + R_{k-1}). The mean of its weights is the model's likelihood, that
// of their logarithms its variational bound.
//
// Li & Yan 2024 (arXiv 2408.16765), section 4.1, with t_k = 1 - abar_k:
//   log p_0(x) ~ -(1 + ln 2 pi t_1) d/2 - sum_{k=1}^{T-1} (1 - alpha_{k+1})/2 E| eps/sqrt(t_k) + s(X_k) |^2
// and eps/sqrt(t_k) + s(X_k) = (n/R_k + s(Y_k))/sqrt(abar_k). Corrected: what the sum makes of d/(2t), exactly,
//   + d/2 sum_k [ (t_{k+1} - t_k)/t_k - ln(t_{k+1}/t_k) ].
#pragma once

#include "kernels/lane/elementary.hpp"
#include "kernels/score/model.hpp"

namespace scorepath::kernels {

/// (1 - alpha_{k+1})/abar_k, from R_k and R_{k+1}.
inline double li_yan_weight(double here, double next) { return (1.0 + here) / (1.0 + next) * (next - here); }

/// t_k = 1 - abar_k.
inline double li_yan_time(double noise_ratio) { return noise_ratio / (1.0 + noise_ratio); }

/// -(1 + ln 2 pi t_1)/2 for each dimension.
inline double li_yan_constant(double first) { return -0.5 * (1.0 + log_two_pi + log(li_yan_time(first))); }

/// What one term is corrected by, for each dimension.
inline double li_yan_correction(double here, double next) {
  const double t = li_yan_time(here), t_next = li_yan_time(next);
  return 0.5 * ((t_next - t) / t - log(t_next / t));
}

}  // namespace scorepath::kernels
