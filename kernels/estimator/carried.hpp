// The log-density that a steered path carries along: that of its end, from the increments of log p - log g on its way.
//
// Karczewski et al. 2024 (arXiv 2411.01293) and Skreta et al. 2024 (arXiv 2412.17762): where s is the score of
// densities that diffuse, along any path, in the Stratonovich sense,
//   d (log p_r - log g_r)(Y) = d.dY + 1/2 (D + S) dr,   d = s - g, D = div s - div g, S = |s|^2 - |g|^2
// whatever drift or scheme made the path (estimator/pathwise.hpp has the forward path's). Over the path's nodes, dY the
// steps that it took, upwards in r, W the grid's weights, D_k its widths,
//   log p(Y_0) = log g(Y_0) + (log p_R - log g_R)(Y_R) - sum_k [ W_k/2 (D + S)_k + (b_{k-1} d_{k-1} + a_k d_k).dY_k
//                                                               + c_k/4 (D_{k-1}/q_k - q_k D_k) ]
// all in the trapezoid of the stationary frame Z = Y/sqrt(v), v = r0 + r, u = ln v: W_k = v_k (u_{k+1} - u_{k-1})/2,
// a_k = q/2, b_{k-1} = 1/(2q), q^2 = v_k/v_{k-1}; c_k is the variance of the step's noise, about (1 - lambda) of its
// width in r. The last term takes out what the trapezoid of that noise is off by on the mean: the difference d at the
// step's far side knows it. Moves at one level (Langevin) add their trapezoid.
//
// Its error. Over two steps, from y_0 by y_1 to y_2 in the order of the path, the sum with both steps in one differs
// from theirs by
//   1/2 [ w_2 q_0 + w_1 q_2 - (w_1 + w_2) q_1 ] + [ theirs - (A d_0 + B d_2).(dy_1 + dy_2) ]
//                                               +- c/4 [ w_1 (e_2 - e_1) + w_2 (e_1 - e_0) ]
// q = v (D + S)/2, e = v D, w the steps in u, A and B the trapezoid's weights for both steps, c the noise for a width
// of one. Where errors are noise this has three times their variance (moves at one level: nine fifths), and three times
// the error where they all lean one way: kernels/steered.hpp keeps the sum of these differences and that of their
// squares.
#pragma once

#include "kernels/lane/elementary.hpp"
#include "kernels/step/tables.hpp"

namespace scorepath::kernels {

/// Where a row stands on the grid: its node, 0 the path's end, and whether the path leaves the node on it (rows of a
/// node before the last one move at its level); then the variance of the step's noise.
struct RowPlace {
  int node;
  bool leaves;
  double noise;
};

/// A grid's widths, ratios and trapezoid as carried densities need them. rho [count + 1], r0: v at node 0.
struct CarriedGrid {
  const double* rho;
  int count;
  double r0;

  double v(int k) const { return r0 + rho[k]; }
  /// Of the step from node k - 1 to node k: in r, and in u.
  double width(int k) const { return k > 0 && k <= count ? rho[k] - rho[k - 1] : 0.0; }
  double step(int k) const { return k > 0 && k <= count ? log1p(width(k) / v(k - 1)) : 0.0; }
  double ratio(int k) const { return sqrt(v(k) / v(k - 1)); }
};

/// Of the squared difference of a pair of moves at one level: noise without time is a third power, of which both moves
/// together keep less.
inline constexpr double level_pair = 5.0 / 3.0;

/// The rows' part in the density; table and place [rows], node count .. 0 in order, all rows of a node together, what
/// they do filled in; reference_divergence(rho).
template <class Divergence>
void add_carried(const CarriedGrid& grid, const Divergence& reference_divergence, const RowPlace* place, int rows,
                 SteeredStep<double>* table) {
  for (int i = 0; i < rows; ++i) {
    const int k = place[i].node;
    const bool arrives = i > 0 && place[i - 1].leaves, leaves = place[i].leaves;
    // A node's weight is that of the steps to both sides of it.
    double share = 0.0, after = 0.5, before = 0.5, correction = 0.0;
    if (arrives) {
      share = 0.5 * grid.v(k) * grid.step(k + 1);
      before = 0.5 / grid.ratio(k + 1);
      correction = 0.25 * place[i - 1].noise / grid.ratio(k + 1);
    }
    if (leaves) {
      share += 0.5 * grid.v(k) * grid.step(k);
      after = 0.5 * grid.ratio(k);
      correction -= 0.25 * place[i].noise * grid.ratio(k);
    }
    SteeredStep<double>& row = table[i];
    row.on_square = 0.5 * share;
    row.on_divergence = fma(0.5, share, correction);
    row.reference_divergence = reference_divergence(grid.rho[k]);
    row.on_after = i + 1 == rows ? 0.0 : after;
    row.on_before = i == 0 ? 0.0 : before;
    row.width = leaves ? grid.step(k) : 0.0;
    row.scale = grid.v(k);
    row.on_spread = leaves ? 0.25 * place[i].noise / grid.width(k) : 0.0;
    row.on_pair = leaves ? 1.0 : level_pair;
  }
}

/// The same for paths upwards, a row at each node from 0 on, the last one resting; table [count + 1].
template <class Divergence>
void add_carried_upwards(const CarriedGrid& grid, const Divergence& reference_divergence, SteeredStep<double>* table) {
  const auto noise = [&](int k) { return fma(table[k].noise, table[k].noise, table[k].area * table[k].area); };
  for (int k = 0; k <= grid.count; ++k) {
    double after = 0.0, before = 0.0, correction = 0.0;
    if (k > 0) {
      before = 0.5 * grid.ratio(k);
      correction = -0.25 * noise(k - 1) * grid.ratio(k);
    }
    SteeredStep<double>& row = table[k];
    if (k < grid.count) {
      after = 0.5 / grid.ratio(k + 1);
      correction += 0.25 * noise(k) / grid.ratio(k + 1);
      row.on_spread = -0.25 * noise(k) / grid.width(k + 1);
    }
    const double weight = 0.5 * grid.v(k) * (grid.step(k) + grid.step(k + 1));
    row.on_square = 0.5 * weight;
    row.on_divergence = fma(0.5, weight, correction);
    row.reference_divergence = reference_divergence(grid.rho[k]);
    row.on_before = -before;
    row.on_after = -after;
    row.width = grid.step(k + 1);
    row.scale = grid.v(k);
    row.on_pair = 1.0;
  }
}

/// A row of add_carried_upwards() made one of log w = log pi(Y_R) - int div s dr (Feynman and Kac): its divergence
/// alone.
inline void make_feynman_kac(SteeredStep<double>& row) {
  row.on_divergence = 2.0 * row.on_square;
  row.on_square = row.on_before = row.on_after = row.on_spread = 0.0;
}

/// Standard error [nat] of a carried log-density, from the differences of its pairs of steps: their sum and the sum of
/// their squares. Noise counts by the squares; what leans one way by what the sum is beyond them.
inline double carried_error(double sum, double square) {
  const double leaning = max(sum * sum - square, 0.0);
  return sqrt(square / 3.0 + leaning / 9.0);
}

}  // namespace scorepath::kernels
