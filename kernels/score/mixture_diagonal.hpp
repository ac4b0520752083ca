// Gaussian mixture with diagonal components, variances v_kj.
//
//   i_kj = 1/(v_kj + r),   l_k = log2 w_k + sum_j log2((v_0j + r) i_kj)/2 - log2(e) sum_j i_kj (y_j - c_kj)^2 / 2, p_k
//   = 2^{l_k} / sum 2^{l} s_j = sum_k p_k i_kj (c_kj - y_j),   div s = sum_k p_k sum_j (i_kj^2 (y_j - c_kj)^2 - i_kj) -
//   |s|^2
// Coordinates are displacements from the query point.
#pragma once

#include "kernels/lane/team.hpp"
#include "kernels/score/level.hpp"
#include "kernels/score/softmax.hpp"
#include "kernels/score/tables.hpp"

namespace scorepath::kernels {

template <class T, int D, class Team = Solo>
struct MixtureDiagonal {
  using Scalar = T;
  static constexpr int static_dim = D;
  static constexpr int level_alignment = 16;

  int path_dim;  // coordinates of the path
  int panels;
  const T* means;         // [panels x row x 8] c_kj, displacements from the point
  const T* log2_weights;  // [panels x 8]; padding far below all others
  const T* variances;     // [panels x row x 8] v_kj; padding repeats component 0
  Team team;

  SP_HD explicit MixtureDiagonal(const ScoreTables<T>& t, const Team& who = {})
      : path_dim(t.dim),
        panels(t.panels),
        means(t.means),
        log2_weights(t.log2_weights),
        variances(t.variances),
        team(who) {}

  SP_HD int dim() const { return D > 0 ? D : path_dim; }
  SP_HD int row() const { return team.row(dim()); }
  /// For each panel inverse variances [row x 8], then the logits' constants [8].
  SP_HD int level_size() const { return panels * panel_width * (row() + 1); }

  template <class S, class Row>
  SP_HD void fill_level(S r, const Row& level) const {
    using TS = scalar_t<S>;
    const auto variance = [&](int p, int j, int q) __attribute__((always_inline)) {
      return broadcast<S>(static_cast<TS>(variances[at(p, j) + q]));
    };
    for (int p = 0; p < panels; ++p) {
      for (int q = 0; q < panel_width; ++q) {
        S log_ratio[1] = {constant<S>(0.0)};
        sum_coordinates(
            team, dim(), log_ratio, [&](int from, int to, S(&sum)[1]) __attribute__((always_inline)) {
              // Two factors to a logarithm: their product cannot overflow where each is a ratio below 2^60.
              for (int j = from; j < to; j += 2) {
                S ratio = constant<S>(1.0);
                for (int i = j; i < to && i < j + 2; ++i) {
                  const S inverse = constant<S>(1.0) / (variance(p, i, q) + r);
                  level[level_at(p, i) + q] = inverse;
                  if (team.has(i, path_dim)) ratio = ratio * ((variance(0, i, 0) + r) * inverse);
                }
                if (team.has(j, path_dim)) sum[0] = sum[0] + log2(ratio);
              }
            });
        const int k = p * panel_width + q;
        const S constant_term = fma(constant<S>(0.5), log_ratio[0], broadcast<S>(static_cast<TS>(log2_weights[k])));
        if (team.rank() == 0) level[constants_at(p) + q] = constant_term;
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
        const T* means_of_panel = panel(p);
        F panel_trace[1] = {constant<F>(0.0)};
        const auto add = [&](int from, int to, F(&sum)[1]) __attribute__((always_inline)) {
          for (int j = from; j < to; ++j) {
            const bool counts = team.has(j, path_dim);
            const T* c = mean(means_of_panel, j);
            for (int q = 0; q < panel_width; ++q) {
              const F inverse = level[level_at(p, j) + q];
              const F pull = inverse * (broadcast<F>(c[q]) - delta[j]);
              score[j] = fma(weight[q], pull, score[j]);
              if (with_divergence && counts) sum[0] = fma(weight[q], fma(pull, pull, -inverse), sum[0]);
            }
          }
        };
        if constexpr (with_divergence) {
          sum_coordinates(team, d, panel_trace, add);
          trace = trace + panel_trace[0];
        } else {
          add(0, d, panel_trace);
        }
      }
    }

    const F normal = constant<F>(1.0) / norm.sum;
    for (int j = 0; j < d; ++j) score[j] = score[j] * normal;
    if constexpr (with_divergence) divergence = fma(trace, normal, -square_norm(team, d, score));
  }

 private:
  /// The means of panel p [row x 8]; of a panel, those of the caller's coordinate j.
  SP_HD const T* panel(int p) const { return team.panel(means, p, panels, row() * panel_width); }
  SP_HD const T* mean(const T* panel, int j) const {
    return SP_ALIGNED(panel + team.skew() + (team.first() + j) * panel_width, Team::panel_alignment);
  }
  /// Where coordinate j of panel p stands in a table [panels x row x 8].
  SP_HD int at(int p, int j) const { return (p * row() + team.first() + j) * panel_width; }
  /// Where in a level its inverse variances stand, and the constants of the panel's logits.
  SP_HD int level_at(int p, int j) const { return (p * (row() + 1) + team.first() + j) * panel_width; }
  SP_HD int constants_at(int p) const { return (p * (row() + 1) + row()) * panel_width; }

  template <class F, class Level>
  SP_HD F panel_logits(int p, const F* delta, const Level& level, F* logits) const {
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
              for (int q = 0; q < part; ++q) {
                const F difference = delta[j] - broadcast<F>(c[q]);
                to[q] = fma(difference * level[level_at(p, j) + from + q], difference, to[q]);
              }
            }
          });
      for (int q = 0; q < part; ++q) {
        logits[from + q] = fma(sum[q], constant<F>(-0.5 * 1.4426950408889634), level[constants_at(p) + from + q]);
      }
    }
    return panel_max(logits);
  }
};

}  // namespace scorepath::kernels
