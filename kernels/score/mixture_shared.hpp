// Gaussian mixture whose components share one isotropic variance v (a data set is one: every datum a component).
//
// At noise level r, with c_k the means, w_k the weights and y the state (canonical frame):
//   l_k = log2 w_k - log2(e) |y - c_k|^2 / (2 (v + r)),   p_k = 2^{l_k} / sum 2^{l}     (posterior of the component)
//   s = (sum_k p_k c_k - y) / (v + r)
//   div s = -d/(v + r) + (sum_k p_k |c_k|^2 - |sum_k p_k c_k|^2) / (v + r)^2
// Coordinates are displacements from the query point; means are stored relative to the component nearest to it, so that
// |y - c_k|^2 costs one fma per coordinate (the common part drops out of p_k) and loses no digits far from the origin.
#pragma once

#include "kernels/score/level.hpp"
#include "kernels/score/softmax.hpp"

namespace scorepath::kernels {

/// D: number of coordinates, 0 where it is only known at run time. T: scalar of the tables.
template <class T, int D>
struct MixtureShared {
  using Scalar = T;
  static constexpr int static_dim = D;

  int dynamic_dim;
  int panels;
  T variance;               // v
  const T* reference;       // [dim] c_ref: the nearest mean, as a displacement from the point
  const T* means;           // [panels x dim x 8] c_k - c_ref
  const T* negative_norms;  // [panels x 8] -(|c_k|^2 - |c_ref|^2)/2
  const T* log2_weights;    // [panels x 8]; padding far below all others
  const T* square_norms;    // [panels x 8] |c_k - c_ref|^2

  SP_HD int dim() const { return D > 0 ? D : dynamic_dim; }
  SP_HD int level_size() const { return 2; }

  template <class S>
  SP_HD void fill_level(S r, S* level) const {
    const S inverse = constant<S>(1.0) / (broadcast<S>(static_cast<scalar_t<S>>(variance)) + r);
    level[0] = inverse;
    level[1] = inverse * constant<S>(1.4426950408889634);
  }

  /// delta [dim] -> score [dim] and, where asked for, the divergence. scratch: [score_scratch].
  template <bool with_divergence, class F, class Level>
  SP_HD void evaluate(const F* delta, const Level& level, F* scratch, F* score, F& divergence) const {
    const int d = dim();
    const F inverse = level[0];
    const F kappa = level[1];
    Normalizer<F> norm{constant<F>(-1e30), constant<F>(0.0)};
    F squares = constant<F>(0.0);
    for (int j = 0; j < d; ++j) score[j] = constant<F>(0.0);

    for (int first = 0; first < panels; first += tile_panels) {
      const int last = first + tile_panels < panels ? first + tile_panels : panels;
      F top = norm.top;
      for (int p = first; p < last; ++p)
        top = max(panel_logits(p, delta, kappa, scratch + (p - first) * panel_width), top);
      if (first > 0) {  // the same decision on every lane: it depends on the component count alone
        const F factor = rescaling(norm.top, top);
        norm.sum = norm.sum * factor;
        squares = squares * factor;
        for (int j = 0; j < d; ++j) score[j] = score[j] * factor;
      }
      norm.top = top;
      for (int p = first; p < last; ++p) {
        F* logits = scratch + (p - first) * panel_width;
        norm.sum = norm.sum + panel_weights(logits, top);
        for (int j = 0; j < d; ++j) score[j] = weighted_sum(logits, means + (p * d + j) * panel_width, score[j]);
        if constexpr (with_divergence) squares = weighted_sum(logits, square_norms + p * panel_width, squares);
      }
    }

    const F inverse_sum = constant<F>(1.0) / norm.sum;
    F mean_square = constant<F>(0.0);
    for (int j = 0; j < d; ++j) {
      const F mean = score[j] * inverse_sum;  // relative to c_ref
      if constexpr (with_divergence) mean_square = fma(mean, mean, mean_square);
      score[j] = (mean + (broadcast<F>(reference[j]) - delta[j])) * inverse;
    }
    if constexpr (with_divergence) {
      const F spread = fma(squares, inverse_sum, -mean_square) * inverse;
      divergence = (spread - constant<F>(d)) * inverse;
    }
  }

 private:
  /// The logits of panel p; returns the largest.
  template <class F>
  SP_HD F panel_logits(int p, const F* delta, F kappa, F* logits) const {
    const int d = dim();
    constexpr int part = LaneTraits<F>::sums_together;
    for (int from = 0; from < panel_width; from += part) {
      const int first = p * panel_width + from;
      F sum[part];
      for (int q = 0; q < part; ++q) sum[q] = broadcast<F>(negative_norms[first + q]);
      for (int j = 0; j < d; ++j) {
        const T* mean = means + (p * d + j) * panel_width + from;
        const F y = delta[j];
        for (int q = 0; q < part; ++q) sum[q] = fma(y, broadcast<F>(mean[q]), sum[q]);
      }
      for (int q = 0; q < part; ++q) logits[from + q] = fma(kappa, sum[q], broadcast<F>(log2_weights[first + q]));
    }
    return panel_max(logits);
  }

  template <class F>
  SP_HD static F weighted_sum(const F* weight, const T* value, F start) {
    for (int q = 0; q < panel_width; ++q) start = fma(weight[q], broadcast<F>(value[q]), start);
    return start;
  }
};

}  // namespace scorepath::kernels
