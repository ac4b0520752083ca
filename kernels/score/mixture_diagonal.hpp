// Gaussian mixture with diagonal components, variances v_kj.
//
//   i_kj = 1/(v_kj + r),   l_k = log2 w_k + sum_j log2((v_0j + r) i_kj)/2 - log2(e) sum_j i_kj (y_j - c_kj)^2 / 2, p_k
//   = 2^{l_k} / sum 2^{l} s_j = sum_k p_k i_kj (c_kj - y_j),   div s = sum_k p_k sum_j (i_kj^2 (y_j - c_kj)^2 - i_kj) -
//   |s|^2
// Coordinates are displacements from the query point.
#pragma once

#include "kernels/score/level.hpp"
#include "kernels/score/softmax.hpp"

namespace scorepath::kernels {

template <class T, int D>
struct MixtureDiagonal {
  using Scalar = T;
  static constexpr int static_dim = D;

  int dynamic_dim;
  int panels;
  const T* means;         // [panels x dim x 8] c_kj, displacements from the point
  const T* log2_weights;  // [panels x 8]; padding far below all others
  const T* variances;     // [panels x dim x 8] v_kj; padding repeats component 0

  SP_HD int dim() const { return D > 0 ? D : dynamic_dim; }
  /// Inverse variances [panels x dim x 8], then the logits' constants [panels x 8].
  SP_HD int level_size() const { return panels * panel_width * (dim() + 1); }

  template <class S>
  SP_HD void fill_level(S r, S* level) const {
    using TS = scalar_t<S>;
    const int d = dim();
    const auto variance = [&](int p, int j, int q) {
      return broadcast<S>(static_cast<TS>(variances[(p * d + j) * panel_width + q]));
    };
    S* constants = level + panels * panel_width * d;
    for (int p = 0; p < panels; ++p) {
      for (int q = 0; q < panel_width; ++q) {
        S log_ratio = constant<S>(0.0);
        // Two factors to a logarithm: their product cannot overflow where each is a ratio below 2^60.
        for (int j = 0; j < d; j += 2) {
          S ratio = constant<S>(1.0);
          for (int i = j; i < d && i < j + 2; ++i) {
            const S inverse = constant<S>(1.0) / (variance(p, i, q) + r);
            level[(p * d + i) * panel_width + q] = inverse;
            ratio = ratio * ((variance(0, i, 0) + r) * inverse);
          }
          log_ratio = log_ratio + log2(ratio);
        }
        const int k = p * panel_width + q;
        constants[k] = fma(constant<S>(0.5), log_ratio, broadcast<S>(static_cast<TS>(log2_weights[k])));
      }
    }
  }

  template <bool with_divergence, class F, class Level>
  SP_HD void evaluate(const F* delta, const Level& level, F* scratch, F* score, F& divergence) const {
    const int d = dim();
    Normalizer<F> norm{constant<F>(-1e30), constant<F>(0.0)};
    F trace = constant<F>(0.0);
    for (int j = 0; j < d; ++j) score[j] = constant<F>(0.0);

    for (int first = 0; first < panels; first += tile_panels) {
      const int last = first + tile_panels < panels ? first + tile_panels : panels;
      F top = norm.top;
      for (int p = first; p < last; ++p)
        top = max(panel_logits(p, delta, level, scratch + (p - first) * panel_width), top);
      if (first > 0) {
        const F factor = rescaling(norm.top, top);
        norm.sum = norm.sum * factor;
        trace = trace * factor;
        for (int j = 0; j < d; ++j) score[j] = score[j] * factor;
      }
      norm.top = top;
      for (int p = first; p < last; ++p) {
        F* weight = scratch + (p - first) * panel_width;
        norm.sum = norm.sum + panel_weights(weight, top);
        for (int j = 0; j < d; ++j) {
          const int base = (p * d + j) * panel_width;
          for (int q = 0; q < panel_width; ++q) {
            const F inverse = level[base + q];
            const F pull = inverse * (broadcast<F>(means[base + q]) - delta[j]);
            score[j] = fma(weight[q], pull, score[j]);
            if constexpr (with_divergence) trace = fma(weight[q], fma(pull, pull, -inverse), trace);
          }
        }
      }
    }

    const F normal = constant<F>(1.0) / norm.sum;
    F square = constant<F>(0.0);
    for (int j = 0; j < d; ++j) {
      score[j] = score[j] * normal;
      if constexpr (with_divergence) square = fma(score[j], score[j], square);
    }
    if constexpr (with_divergence) divergence = fma(trace, normal, -square);
  }

 private:
  template <class F, class Level>
  SP_HD F panel_logits(int p, const F* delta, const Level& level, F* logits) const {
    const int d = dim();
    constexpr int part = LaneTraits<F>::sums_together;
    for (int from = 0; from < panel_width; from += part) {
      F sum[part];
      for (int q = 0; q < part; ++q) sum[q] = constant<F>(0.0);
      for (int j = 0; j < d; ++j) {
        const int base = (p * d + j) * panel_width + from;
        for (int q = 0; q < part; ++q) {
          const F difference = delta[j] - broadcast<F>(means[base + q]);
          sum[q] = fma(difference * level[base + q], difference, sum[q]);
        }
      }
      for (int q = 0; q < part; ++q) {
        const int k = p * panel_width + from + q;
        logits[from + q] = fma(sum[q], constant<F>(-0.5 * 1.4426950408889634), level[panels * panel_width * d + k]);
      }
    }
    return panel_max(logits);
  }
};

}  // namespace scorepath::kernels
