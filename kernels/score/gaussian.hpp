// N(m, diag(v)): s_j = (m_j - y_j) / (v_j + r), div s = -sum_j 1/(v_j + r). Coordinates are displacements from the
// query point.
#pragma once

#include "kernels/score/level.hpp"

namespace scorepath::kernels {

template <class T, int D>
struct GaussianScore {
  using Scalar = T;
  static constexpr int static_dim = D;

  int dynamic_dim;
  const T* mean;       // [dim] m, displacement from the point
  const T* variances;  // [dim] v

  SP_HD int dim() const { return D > 0 ? D : dynamic_dim; }
  SP_HD int level_size() const { return dim(); }

  template <class S>
  SP_HD void fill_level(S r, S* level) const {
    for (int j = 0; j < dim(); ++j) {
      level[j] = constant<S>(1.0) / (broadcast<S>(static_cast<scalar_t<S>>(variances[j])) + r);
    }
  }

  /// s_j at the displacement delta_j: a score that has this needs no arrays (kernels/path.hpp).
  template <class F, class Level>
  SP_HD F coordinate(int j, F delta, const Level& level) const {
    return (broadcast<F>(mean[j]) - delta) * level[j];
  }

  template <bool with_divergence, class F, class Level>
  SP_HD void evaluate(const F* delta, const Level& level, F*, F* score, F& divergence) const {
    if constexpr (with_divergence) divergence = constant<F>(0.0);
    for (int j = 0; j < dim(); ++j) {
      score[j] = coordinate(j, delta[j], level);
      if constexpr (with_divergence) divergence = divergence - level[j];
    }
  }
};

}  // namespace scorepath::kernels
