// Gaussian mixture with isotropic components of different variances v_k.
//
//   i_k = 1/(v_k + r),   l_k = log2 w_k + (d/2) log2((v_0 + r) i_k) - log2(e) i_k |y - c_k|^2 / 2,   p_k = 2^{l_k} /
//   sum 2^{l} s = sum_k p_k i_k (c_k - y),   div s = sum_k p_k (i_k^2 |y - c_k|^2 - d i_k) - |s|^2
// Coordinates are displacements from the query point.
#pragma once

#include "kernels/lane/team.hpp"
#include "kernels/score/level.hpp"
#include "kernels/score/softmax.hpp"
#include "kernels/score/tables.hpp"

namespace scorepath::kernels {

template <class T, int D, class Team = Solo, int P = 0>
struct MixtureIsotropic {
  using Scalar = T;
  static constexpr int static_dim = D;
  static constexpr int level_alignment = 16;

  int path_dim;  // coordinates of the path
  int table_panels;
  const T* means;         // [panels x row x 8] c_k, displacements from the point
  const T* log2_weights;  // [panels x 8]; padding far below all others
  const T* variances;     // [panels x 8] v_k; padding repeats v_0
  Team team;

  SP_HD explicit MixtureIsotropic(const ScoreTables<T>& t, const Team& who = {})
      : path_dim(t.dim),
        table_panels(t.panels),
        means(t.means),
        log2_weights(t.log2_weights),
        variances(t.variances),
        team(who) {}

  SP_HD int dim() const { return D > 0 ? D : path_dim; }
  SP_HD int panels() const { return P > 0 ? P : table_panels; }
  SP_HD int row() const { return team.row(dim()); }
  /// Inverse variances, then the logits' constants.
  SP_HD int level_size() const { return 2 * panels() * panel_width; }

  template <class S, class Row>
  SP_HD void fill_level(S r, const Row& level) const {
    using TS = scalar_t<S>;
    const int n = panels() * panel_width;
    const S reference = broadcast<S>(static_cast<TS>(variances[0])) + r;
    const S half_dim = constant<S>(0.5) * constant<S>(path_dim);
    for (int k = team.rank(); k < n; k += team.size()) {
      const S inverse = constant<S>(1.0) / (broadcast<S>(static_cast<TS>(variances[k])) + r);
      level[k] = inverse;
      level[n + k] = fma(half_dim, log2(reference * inverse), broadcast<S>(static_cast<TS>(log2_weights[k])));
    }
  }

  template <bool with_divergence, class F, class Level>
  SP_HD void evaluate(const F* delta, const Level& level, F* scratch, F* score, F& divergence) const {
    const int d = dim();
    const int n = panels() * panel_width;
    Normalizer<F> norm{constant<F>(-1e30), constant<F>(0.0)};
    F inverse_sum_weighted = constant<F>(0.0);  // sum of p_k i_k
    F trace = constant<F>(0.0);
    for (int j = 0; j < d; ++j) score[j] = constant<F>(0.0);

    for (int first = 0; first < panels(); first += tile_panels) {
      const int last = first + tile_panels < panels() ? first + tile_panels : panels();
      F top = norm.top;
      for (int p = first; p < last; ++p)
        top = max(panel_logits(p, n, delta, level, scratch + (p - first) * panel_width), top);
      if (first > 0) {
        const F factor = rescaling(norm.top, top);
        norm.sum = norm.sum * factor;
        inverse_sum_weighted = inverse_sum_weighted * factor;
        trace = trace * factor;
        for (int j = 0; j < d; ++j) score[j] = score[j] * factor;
      }
      norm.top = top;
      for (int p = first; p < last; ++p) {
        F* logits = scratch + (p - first) * panel_width;
        F distance[panel_width];
        if constexpr (with_divergence) {  // i_k |y - c_k|^2 back from the logits, before the weights take their place
          for (int q = 0; q < panel_width; ++q)
            distance[q] = (level[n + p * panel_width + q] - logits[q]) * constant<F>(2.0 * 0.69314718055994531);
        }
        norm.sum = norm.sum + panel_weights(logits, top);
        for (int q = 0; q < panel_width; ++q) {
          const F inverse = level[p * panel_width + q];
          logits[q] = logits[q] * inverse;
          inverse_sum_weighted = inverse_sum_weighted + logits[q];
          if constexpr (with_divergence) trace = fma(logits[q], distance[q] - constant<F>(path_dim), trace);
        }
        const T* means_of_panel = panel(p);
        for (int j = 0; j < d; ++j) {
          const T* c = mean(means_of_panel, j);
          for (int q = 0; q < panel_width; ++q) score[j] = fma(logits[q], broadcast<F>(c[q]), score[j]);
        }
      }
    }

    const F normal = constant<F>(1.0) / norm.sum;
    for (int j = 0; j < d; ++j) score[j] = fma(-delta[j], inverse_sum_weighted, score[j]) * normal;
    if constexpr (with_divergence) divergence = fma(trace, normal, -square_norm(team, d, score));
  }

 private:
  /// The means of panel p [row x 8]; of a panel, those of the caller's coordinate j.
  SP_HD const T* panel(int p) const { return team.panel(means, p, panels(), row() * panel_width); }
  SP_HD const T* mean(const T* panel, int j) const {
    return SP_ALIGNED(panel + team.skew() + (team.first() + j) * panel_width, Team::panel_alignment);
  }

  template <class F, class Level>
  SP_HD F panel_logits(int p, int n, const F* delta, const Level& level, F* logits) const {
    const int d = dim();
    constexpr int part = LaneTraits<F>::sums_together;
    const T* means_of_panel = panel(p);
    for (int from = 0; from < panel_width; from += part) {
      F sum[part];
      for (int q = 0; q < part; ++q) sum[q] = constant<F>(0.0);
      sum_coordinates(
          team, d, sum, [ =, this ](int begin, int end, F(&to)[part]) __attribute__((always_inline)) {
            for (int j = begin; j < end; ++j) {
              const T* c = mean(means_of_panel, j) + from;
              const F y = delta[j];
              for (int q = 0; q < part; ++q) {
                const F difference = y - broadcast<F>(c[q]);
                to[q] = fma(difference, difference, to[q]);
              }
            }
          });
      for (int q = 0; q < part; ++q) {
        const int k = p * panel_width + from + q;
        logits[from + q] = fma(sum[q] * constant<F>(-0.5 * 1.4426950408889634), level[k], level[n + k]);
      }
    }
    return panel_max(logits);
  }
};

}  // namespace scorepath::kernels
