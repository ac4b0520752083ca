// The pathwise log-density along a ray: the line integral that pathwise.hpp takes along a Brownian path, along the
// smoothest path with the same marginal laws.
//
// Where s is the score of densities p_r that diffuse, d_r p = 1/2 Laplace p, the logarithm of p/g has an exact
// differential in (y, r), with d = s - g, D = div s - div g, S = |s|^2 - |g|^2:
//   d (log p_r - log g_r)(y) = d.dy + 1/2 (D + S) dr
// so that log p(x) - log g(x) is minus its integral along ANY path from (x, r_s) to where p and g agree. Along
// y = x + tau z, r = r_s + tau^2, with one z ~ N(0, I) for the whole ray, every point has the law of a noisy datum, and
//   log p(x) = log g(x) - int_0^inf ( z.d + tau (D + S) ) dtau
// has an integrand without noise, analytic in tau: a Gauss-Legendre rule converges exponentially, where a Brownian
// path's sum leaves a spread O(Delta). At the far end p and g, Gaussians of the same moments there, agree to
// O(1/tau^2), and the integrand is analytic in 1/tau: the rule's last node may stand for infinity, nothing is cut off.
// The nodes lie evenly (as the rule has it) in w,
//   tau = (v V)^(1/4) sinh(c w)/sinh(c (1 - w)),   c = 1/4 ln(V/v) + 1/2
// which is linear in w at sqrt(v), geometric from there to sqrt(V), and a simple pole at infinity; v the finest
// variance, V the largest scale. A ray's own error is that of the quadrature; rays differ by it, and by what a learned
// score lacks of being a gradient.
#pragma once

#include "kernels/lane/elementary.hpp"
#include "kernels/step/tables.hpp"

namespace scorepath::kernels {

/// Nodes and weights of Gauss and Legendre on (0, 1), rising; [n] each. Newton's iteration on P_n from Chebyshev-like
/// guesses (Abramowitz & Stegun 22.16.6), to the last bits of a double.
inline void gauss_legendre(int n, double* nodes, double* weights) {
  for (int i = 0; i < (n + 1) / 2; ++i) {
    double sine, x, slope = 1.0;
    sincospi((i + 0.75) / (n + 0.5), sine, x);
    for (int turn = 0; turn < 8; ++turn) {
      double below = 1.0, value = x;  // P_0, P_1
      for (int k = 2; k <= n; ++k) {
        const double next = ((2.0 * k - 1.0) * x * value - (k - 1.0) * below) / k;
        below = value;
        value = next;
      }
      slope = n * (below - x * value) / ((1.0 - x) * (1.0 + x));
      const double step = value / slope;
      x -= step;
      if (abs(step) < 1e-15) break;
    }
    const double weight = 1.0 / ((1.0 - x) * (1.0 + x) * slope * slope);
    nodes[i] = 0.5 * (1.0 - x);
    nodes[n - 1 - i] = 0.5 * (1.0 + x);
    weights[i] = weights[n - 1 - i] = weight;
  }
}

/// tau and dtau/dw of w in (0, 1).
struct RayMap {
  double finest, largest;  // variances
  void operator()(double w, double& tau, double& rate) const {
    const double c = 0.25 * log(largest / finest) + 0.5;
    const double scale = sqrt(sqrt(finest * largest));
    const auto sinh = [](double x) {
      const double e = expm1(x);
      return 0.5 * (e + e / (1.0 + e));
    };
    const double from_end = sinh(c * (1.0 - w));
    tau = scale * sinh(c * w) / from_end;
    rate = scale * c * sinh(c) / (from_end * from_end);
  }
};

/// A row of the lanes' table: node tau with weight w (of dtau).
template <class T>
RayNode<T> make_ray_node(double tau, double weight, double reference_divergence) {
  return {.deviation = static_cast<T>(tau),
          .weight = static_cast<T>(weight),
          .on_rest = static_cast<T>(weight * tau),
          .reference_divergence = static_cast<T>(reference_divergence)};
}

}  // namespace scorepath::kernels
