// The integrand of the score-based density formula.
//
// Li & Yan 2024 (arXiv 2408.16765), Theorem 1, for any schedule in the canonical frame (docs/theory.md, D1): from a
// point x at noise level r_s, with Y_r = x + n, n ~ N(0, rho I), rho = r - r_s,
//   log p_{r_s}(x) = E log p_R(Y_R) - int_{r_s}^{R} 1/2 ( E| n/rho + s(Y_r, r) |^2 - d/rho ) dr.
// Multiplied out, 1/2 (|n/rho + s|^2 - d/rho) = (n.s)/rho + |s|^2/2 + (|n|^2/rho - d)/(2 rho). The last term has mean
// zero: the analytic cancellation drops it. The control variate subtracts the same expression for the score g of one
// Gaussian, same noise (there the last term cancels by itself) and adds the Gaussian's own log-density (D2).
#pragma once

#include "kernels/lane/lane.hpp"
#include "kernels/score/level.hpp"

namespace scorepath::kernels {

/// What one node contributes: cross n.(s - g), square |s|^2 - |g|^2, noise |n|^2 (g = 0 without a control variate).
template <class F>
struct NodeSums {
  F cross, square, noise;
};

/// `sign` mirrors the noise (antithetic pairs share n); n, score, delta are [dim]; delta = the displacement sign n +
/// shift at which the score was taken.
template <class F>
SP_HD NodeSums<F> node_sums(int dim, F sign, const F* n, const F* score) {
  NodeSums<F> sums{constant<F>(0.0), constant<F>(0.0), constant<F>(0.0)};
  for (int j = 0; j < dim; ++j) {
    sums.cross = fma(n[j], score[j], sums.cross);
    sums.square = fma(score[j], score[j], sums.square);
    sums.noise = fma(n[j], n[j], sums.noise);
  }
  sums.cross = sums.cross * sign;
  return sums;
}

/// The same with the reference Gaussian's score g_j = (mean_j - delta_j) inverse[j] taken off; inverse[j] = 1/(V_j +
/// r).
template <class F, class Level>
SP_HD NodeSums<F> node_sums(int dim, F sign, const F* n, const F* score, const F* delta, const scalar_t<F>* mean,
                            const Level& inverse) {
  NodeSums<F> sums{constant<F>(0.0), constant<F>(0.0), constant<F>(0.0)};
  for (int j = 0; j < dim; ++j) {
    const F g = (broadcast<F>(mean[j]) - delta[j]) * inverse[j];
    const F difference = score[j] - g;
    sums.cross = fma(n[j], difference, sums.cross);
    sums.square = fma(difference, score[j] + g, sums.square);
  }
  sums.cross = sums.cross * sign;
  return sums;
}

}  // namespace scorepath::kernels
