// The pathwise log-density: log p - log g along one forward path, where density_formula.hpp takes its mean.
//
// Karczewski et al. 2024 (arXiv 2411.01293) and Skreta et al. 2024 (arXiv 2412.17762), in the canonical frame: along
// Y_r = x + n, n Brownian motion in rho = r - r_s, and by Ito's formula with the Fokker-Planck equation,
//   d (log p_r - log g_r)(Y) = (div s - div g) dr + 1/2 (|s|^2 - |g|^2) dr + (s - g).dn,
// so that log p(x) - log g(x) = (log p - log g)(Y_R) - int of this, along every path. Over a grid, with d = s - g,
// D = div s - div g, S = |s|^2 - |g|^2, quadrature weights W and steps Delta_k = rho_k - rho_{k-1} of noise dn_k:
//   int ~ sum_k W_k (D_k + S_k/2) + sum_k (b_{k-1} d_{k-1}.dn_k + a_k (d_k.dn_k - Delta_k D_k))
// The second sum has mean zero for any a and b: d_{k-1} does not know dn_k, and E d_k.dn_k = Delta_k E D_k (Gaussian
// integration by parts). So the mean is that of the density formula, off by the quadrature's error alone (O(Delta^4)),
// whatever reference and r0; a and b decide how much of a path's noise is left:
//   stratonovich   a_k = 1/2 q_k, b_{k-1} = 1/2 / q_k, q_k^2 = (r0 + rho_k)/(r0 + rho_{k-1}):  spread O(Delta)
//                  (the trapezoid of the stationary frame Z = Y/sqrt(r0 + rho); what it is off by on the mean, Delta/4
//                  (div S_0 - div S_N) to leading order, is taken out by the last term, exactly)
//   forward-ito    a = 0, b = 1:                                                               spread O(sqrt(Delta))
//   backward-ito   a = 1, b = 0:                                                               spread O(sqrt(Delta))
//   implicit       a = b = 0: the integrand alone, the implicit form of the ELBO (lambda = 0)
// Backward Ito does without divergences: E D_k = E d_k.n_k/rho_k, so (W_k - Delta_k) D_k becomes a cross term.
#pragma once

#include "kernels/lane/elementary.hpp"
#include "kernels/step/tables.hpp"

namespace scorepath::kernels {

enum class PathwiseForm { stratonovich, forward_ito, backward_ito, implicit };

/// Whether a table of this form asks for divergences.
inline bool has_divergence(PathwiseForm form) { return form != PathwiseForm::backward_ito; }

/// Rows of nodes 1 .. count; rho, weight [count + 1]; r0: of the stationary frame; reference_divergence(rho): that of
/// the reference Gaussian's score.
template <class T, class Divergence>
void make_pathwise_table(PathwiseForm form, const double* rho, const double* weight, int count, double r0,
                         const Divergence& reference_divergence, Increment<T>* table) {
  for (int k = 1; k <= count; ++k) {
    const double step = rho[k] - rho[k - 1];
    const double noise = sqrt(step);
    const double ratio = sqrt((r0 + rho[k]) / (r0 + rho[k - 1]));
    const bool both = form == PathwiseForm::stratonovich;
    const double after = both ? 0.5 * ratio : form == PathwiseForm::backward_ito ? 1.0 : 0.0;
    const double before = both ? 0.5 / ratio : form == PathwiseForm::forward_ito ? 1.0 : 0.0;
    const double on_divergence = weight[k] - after * step;
    const bool divergence = has_divergence(form);
    table[k - 1] = {.noise = static_cast<T>(noise),
                    .on_square = static_cast<T>(0.5 * weight[k]),
                    .on_step = static_cast<T>(after * noise),
                    .on_previous = static_cast<T>(before * noise),
                    .on_divergence = static_cast<T>(divergence ? on_divergence : 0.0),
                    .reference_divergence = static_cast<T>(reference_divergence(rho[k])),
                    .on_noise = static_cast<T>(divergence ? 0.0 : on_divergence / rho[k])};
  }
}

}  // namespace scorepath::kernels
