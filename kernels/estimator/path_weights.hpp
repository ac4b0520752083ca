// Path weights: the likelihood of the plug-in reversed chain, from forward paths and the score alone.
//
// Sampling with a score s over a grid rho_0 = 0 < .. < rho_N means, from y' at node k to y at the node before,
//   y = y' + D s(y', r') + sqrt(D/kappa) xi,   D = rho_k - rho_{k-1},   kappa_j = (V_j + r')/(V_j + r),
// the reversal of N(m, diag V) where s is its own score g. The density of a whole chain from p_R over that of forward
// noise, prod q(y_k | y_{k-1}) from x, is a weight whose mean is the chain's likelihood of x: Huang, Lim & Courville
// 2021 (arXiv 2106.02808, section 4 of docs/theory.md, D23). Against the reference's own chain, which forward noise
// reverses exactly, Gaussian factors of equal variance leave, per step and coordinate, forward noise n_k - n_{k-1} = y'
// - y:
//   log w = log g(x) - sum_k sum_j kappa_j (s_j - g_j) ( n_k,j - n_{k-1,j} + D/2 (s_j + g_j) ) + (log p_R - log
//   g_R)(Y_R)
// No divergence, no time-step bias against that chain; the chain itself is off by O(D) from log p, which chains of
// every second and every fourth step on the same path tell and take out. The far end, noise 1e4 times the data's
// variance or more: p_R is a Gaussian h there but for O((V/R)^1.5), and log h - log g a quadratic in n, coordinate by
// coordinate.
#pragma once

#include "kernels/lane/elementary.hpp"
#include "kernels/score/reference.hpp"
#include "kernels/step/tables.hpp"

namespace scorepath::kernels {

/// Rows of nodes 1 .. count; rho [count + 1].
template <class T>
void make_weight_table(const double* rho, int count, WeightStep<T>* table) {
  const auto width = [&](int k, int nodes) { return static_cast<T>(k % nodes == 0 ? rho[k] - rho[k - nodes] : 0.0); };
  for (int k = 1; k <= count; ++k) {
    table[k - 1] = {.noise = static_cast<T>(sqrt(rho[k] - rho[k - 1])),
                    .one = width(k, 1),
                    .two = width(k, 2),
                    .four = width(k, 4)};
  }
}

/// (log h - log g)(x + n) = (log h - log g)(x) - sum_j n_j (slope_j + square_j n_j) of two Gaussians at noise level r;
/// slope, square [dim].
template <class T>
void make_far_end(const ReferenceGaussian& h, const ReferenceGaussian& g, const double* x, double r, T* slope,
                  T* square) {
  for (int j = 0; j < g.dim; ++j) {
    const double of_h = 1.0 / (h.variance[j] + r), of_g = 1.0 / (g.variance[j] + r);
    slope[j] = static_cast<T>((g.mean[j] - x[j]) * of_g - (h.mean[j] - x[j]) * of_h);
    square[j] = static_cast<T>(0.5 * (of_h - of_g));
  }
}

}  // namespace scorepath::kernels
