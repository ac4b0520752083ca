// A score model in double, as the host holds it: a Gaussian mixture (one Gaussian and a data set are mixtures too) in
// the canonical frame, in units of which the data's standard deviation is about one.
#pragma once

#include "kernels/lane/elementary.hpp"

namespace scorepath::kernels {

/// factored: covariances v_k I + sum_i (m_ki - v_k) q_ki q_ki^T, m_ki >= v_k (mixture_factored.hpp).
enum class VarianceLayout { shared, isotropic, diagonal, factored };

struct MixtureModel {
  int components;
  int dim;
  VarianceLayout layout;
  const double* log_weights;     // [K]
  const double* means;           // [K x dim]
  const double* variances;       // shared [1], isotropic [K], diagonal [K x dim], factored [K]: v_k, across the axes
  int rank = 0;                  // factored: axes of a component, fewer than dim
  const double* axes = nullptr;  // factored [K x rank x dim]: q_ki, orthonormal, or zeros where m_ki = v_k
  const double* axis_variances = nullptr;  // factored [K x rank]: m_ki

  /// Of coordinate j in component k.
  double variance(int k, int j) const {
    switch (layout) {
      case VarianceLayout::shared:
        return variances[0];
      case VarianceLayout::isotropic:
        return variances[k];
      case VarianceLayout::diagonal:
        return variances[static_cast<long>(k) * dim + j];
      case VarianceLayout::factored:
        break;
    }
    double sum = variances[k];
    for (int i = 0; i < rank; ++i) sum = fma((axis_variance(k, i) - variances[k]) * axis(k, i)[j], axis(k, i)[j], sum);
    return sum;
  }
  /// The smallest variance of component k in any direction.
  double narrowest(int k) const {
    if (layout != VarianceLayout::diagonal) return variances[layout == VarianceLayout::shared ? 0 : k];
    double least = variance(k, 0);
    for (int j = 1; j < dim; ++j) least = min(variance(k, j), least);
    return least;
  }
  double narrowest() const {
    double least = narrowest(0);
    for (int k = 1; k < components; ++k) least = min(narrowest(k), least);
    return least;
  }
  const double* mean(int k) const { return means + static_cast<long>(k) * dim; }
  const double* axis(int k, int i) const { return axes + (static_cast<long>(k) * rank + i) * dim; }
  double axis_variance(int k, int i) const { return axis_variances[static_cast<long>(k) * rank + i]; }
};

}  // namespace scorepath::kernels
