// A DDPM chain in the canonical frame, and the discrete sum of Li & Yan as weights of nodes of the density formula.
//
// Ho, Jain & Abbeel 2020 (arXiv 2006.11239): x_k = sqrt(alpha_k) x_{k-1} + sqrt(beta_k) eps forward; backward the mean
// (x_k + beta_k s)/sqrt(alpha_k) with variance beta_k. In the canonical frame y_k = x_k/sqrt(abar_k), with R_k = (1 -
// abar_k)/abar_k, a step is y_{k-1} = y_k + D s + sqrt(D/kappa) xi, D = R_k - R_{k-1}: the chain of path_weights.hpp
// whose reference is N(0, I), kappa = (1 + R_k)/(1 + R_{k-1}). The mean of its weights is the model's likelihood, that
// of their logarithms its variational bound.
//
// The bound term by term [Ho, Jain & Abbeel, section 2]: -E log w = L_T + sum_k L_{k-1}, with b the ratio of the
// variances of the forward posterior q(y_{k-1} | y_k, x) and of the backward step, b = kappa R_{k-1}/R_k,
//   L_{k-1} = KL( q(y_{k-1} | y_k, x) || p(y_{k-1} | y_k) ) = d/2 (b - 1 - ln b) + kappa D/2 E| n/R_k + s(Y_k) |^2
//   L_0 = -E log p(x | y_1) = d/2 ln(2 pi D/kappa) + kappa D/2 E| n/R_1 + s(Y_1) |^2,   L_T = KL( q(y_T | x) || p(y_T)
//   )
//
// Li & Yan 2024 (arXiv 2408.16765), section 4.1, with t_k = 1 - abar_k:
//   log p_0(x) ~ -(1 + ln 2 pi t_1) d/2 - sum_{k=1}^{T-1} (1 - alpha_{k+1})/2 E| eps/sqrt(t_k) + s(X_k) |^2
// and eps/sqrt(t_k) + s(X_k) = (n/R_k + s(Y_k))/sqrt(abar_k). Corrected: what the sum makes of d/(2t), exactly,
//   + d/2 sum_k [ (t_{k+1} - t_k)/t_k - ln(t_{k+1}/t_k) ].
#pragma once

#include "kernels/lane/elementary.hpp"
#include "kernels/score/model.hpp"

namespace scorepath::kernels {

/// L_{k-1} [nat] from R_{k-1} (0: L_0) and R_k in units of unit^2, kappa, and E| n/R_k + s |^2 there.
inline double bound_term(int dim, double before, double here, double kappa, double square) {
  const double moved = 0.5 * kappa * (here - before) * square;
  if (before == 0.0) return 0.5 * dim * (log_two_pi + log(here / kappa)) + moved;
  const double excess = kappa * before / here - 1.0;
  return 0.5 * dim * (excess - log1p(excess)) + moved;
}

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
