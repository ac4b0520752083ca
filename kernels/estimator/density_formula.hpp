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
#include "kernels/lane/team.hpp"
#include "kernels/score/level.hpp"

namespace scorepath::kernels {

/// What one node contributes: cross n.(s - g), square |s|^2 - |g|^2, noise |n|^2 (g = 0 without a control variate).
template <class F>
struct NodeSums {
  F cross, square, noise;
};

/// Sums of add(j, sums) over the coordinates [from, to) of a path of `dim` or more of them, four side by side: one
/// chain of sums would be waited for.
template <class F, class Add>
SP_HD NodeSums<F> sum_slice(int dim, int from, int to, const Add& add) {
  const F zero = constant<F>(0.0);
  const NodeSums<F> none{zero, zero, zero};
  if (dim <= 4) {
    NodeSums<F> total = none;
    for (int j = from; j < to; ++j) add(j, total);
    return total;
  }
  NodeSums<F> part[4] = {none, none, none, none};
  int j = from;
  for (; j + 4 <= to; j += 4) {
    for (int q = 0; q < 4; ++q) add(j + q, part[q]);
  }
  for (int q = 0; j + q < to; ++q) add(j + q, part[q]);
  return {(part[0].cross + part[1].cross) + (part[2].cross + part[3].cross),
          (part[0].square + part[1].square) + (part[2].square + part[3].square),
          (part[0].noise + part[1].noise) + (part[2].noise + part[3].noise)};
}

template <class F, class Team, class Add>
SP_HD NodeSums<F> sum_over_coordinates(const Team& team, int dim, const Add& add) {
  if (Team::is_alone && dim <= slice_width) return sum_slice<F>(dim, 0, dim, add);
  F total[3] = {constant<F>(0.0), constant<F>(0.0), constant<F>(0.0)};
  sum_coordinates(
      team, dim, total, [&](int from, int to, F(&sum)[3]) __attribute__((always_inline)) {
        const NodeSums<F> slice = sum_slice<F>(dim, from, to, add);
        sum[0] = slice.cross;
        sum[1] = slice.square;
        sum[2] = slice.noise;
      });
  return {total[0], total[1], total[2]};
}

/// `sign` mirrors the noise (antithetic pairs share n); n [dim]; score and delta [dim] are arrays or Computed; delta =
/// the displacement sign n + shift at which the score is taken.
template <bool with_noise, class F, class Team, class Score>
SP_HD NodeSums<F> node_sums(const Team& team, int dim, F sign, const F* n, const Score& score) {
  NodeSums<F> sums = sum_over_coordinates<F>(
      team, dim, [&](int j, NodeSums<F>& to) __attribute__((always_inline)) {
        const F s = score[j];
        to.cross = fma(n[j], s, to.cross);
        to.square = fma(s, s, to.square);
        if constexpr (with_noise) to.noise = fma(n[j], n[j], to.noise);
      });
  sums.cross = sums.cross * sign;
  return sums;
}

/// The same with the reference Gaussian's score g_j = (mean_j - delta_j) inverse[j] taken off; inverse[j] = 1/(V_j +
/// r). Mean and inverse [row]: those of the whole team.
template <class F, class Team, class Score, class At, class Level>
SP_HD NodeSums<F> node_sums(const Team& team, int dim, F sign, const F* n, const Score& score, const At& delta,
                            const scalar_t<F>* mean, const Level& inverse) {
  NodeSums<F> sums = sum_over_coordinates<F>(
      team, dim, [&](int j, NodeSums<F>& to) __attribute__((always_inline)) {
        const F g = (broadcast<F>(mean[team.first() + j]) - delta[j]) * inverse[team.first() + j];
        const F s = score[j];
        const F difference = s - g;
        to.cross = fma(n[j], difference, to.cross);
        to.square = fma(difference, s + g, to.square);
      });
  sums.cross = sums.cross * sign;
  return sums;
}

}  // namespace scorepath::kernels
