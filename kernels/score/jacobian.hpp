// Products with the Jacobian of a mixture's score, in double: what Hutchinson's estimate of its divergence is made of.
#pragma once

#include "kernels/score/model.hpp"

namespace scorepath::kernels {

/// v.(J v), J the Jacobian of s = grad log p_r at y, in closed form: with pull_k = (Sigma_k + r I)^-1 (c_k - y) and the
/// posterior p_k,
///   J v = sum_k p_k ( pull_k (pull_k.v) - (Sigma_k + r I)^-1 v ) - s (s.v).
/// posterior [K] and s [dim] are those at y (score_and_divergence). Counts as 2 evaluations, as a forward and a
/// backward sweep would.
inline double jacobian_quadratic(const MixtureModel& model, const double* y, double r, const double* posterior,
                                 const double* s, const double* v) {
  double along = 0.0;
  for (int j = 0; j < model.dim; ++j) along = fma(s[j], v[j], along);
  double sum = -along * along;
  for (int k = 0; k < model.components; ++k) {
    if (posterior[k] == 0.0) continue;
    double pulled = 0.0, narrow = 0.0;
    if (model.layout == VarianceLayout::factored) {
      const FactoredComponent component{model, k, r};
      pulled = component.pull_along(y, v);
      narrow = component.precision_along(v);
    } else {
      for (int j = 0; j < model.dim; ++j) {
        const double inverse = 1.0 / (model.variance(k, j) + r);
        pulled = fma((model.mean(k)[j] - y[j]) * inverse, v[j], pulled);
        narrow = fma(inverse * v[j], v[j], narrow);
      }
    }
    sum = fma(posterior[k], pulled * pulled - narrow, sum);
  }
  return sum;
}

}  // namespace scorepath::kernels
