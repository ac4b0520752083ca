// Gaussian mixture whose components share one isotropic variance v (a data set is one: every datum a component).
//
// At noise level r, with c_k the means, w_k the weights and y the state (canonical frame):
//   l_k = log2 w_k - log2(e) |y - c_k|^2 / (2 (v + r)),   p_k = 2^{l_k} / sum 2^{l}     (posterior of the component)
//   s = (sum_k p_k c_k - y) / (v + r)
//   div s = -d/(v + r) + (sum_k p_k |c_k|^2 - |sum_k p_k c_k|^2) / (v + r)^2
// Coordinates are displacements from the query point; means are stored relative to the component nearest to it, so that
// |y - c_k|^2 costs one fma per coordinate (the common part drops out of p_k) and loses no digits far from the origin.
#pragma once

#include "kernels/lane/team.hpp"
#include "kernels/score/level.hpp"
#include "kernels/score/softmax.hpp"
#include "kernels/score/tables.hpp"

namespace scorepath::kernels {

/// D: number of a thread's coordinates, P: of panels; 0 where it is only known at run time. T: scalar of the tables.
template <class T, int D, class Team = Solo, int P = 0>
struct MixtureShared {
  using Scalar = T;
  static constexpr int static_dim = D;
  static constexpr int level_alignment = 8;

  int path_dim;  // coordinates of the path
  int table_panels;
  T variance;               // v
  const T* reference;       // [row] c_ref: the nearest mean, as a displacement from the point
  const T* means;           // [panels x row x 8] c_k - c_ref
  const T* negative_norms;  // [panels x 8] -(|c_k|^2 - |c_ref|^2)/2
  const T* log2_weights;    // [panels x 8]; padding far below all others
  const T* square_norms;    // [panels x 8] |c_k - c_ref|^2
  Team team;

  SP_HD explicit MixtureShared(const ScoreTables<T>& t, const Team& who = {})
      : path_dim(t.dim),
        table_panels(t.panels),
        variance(t.variance),
        reference(t.reference),
        means(t.means),
        negative_norms(t.negative_norms),
        log2_weights(t.log2_weights),
        square_norms(t.square_norms),
        team(who) {}

  SP_HD int dim() const { return D > 0 ? D : path_dim; }
  SP_HD int panels() const { return P > 0 ? P : table_panels; }
  SP_HD int row() const { return team.row(dim()); }
  SP_HD int level_size() const { return 2; }

  template <class S, class Row>
  SP_HD void fill_level(S r, const Row& level) const {
    const S inverse = constant<S>(1.0) / (broadcast<S>(static_cast<scalar_t<S>>(variance)) + r);
    if (team.rank() == 0) {
      level[0] = inverse;
      level[1] = inverse * constant<S>(1.4426950408889634);
    }
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

    for (int first = 0; first < panels(); first += tile_panels) {
      const int last = first + tile_panels < panels() ? first + tile_panels : panels();
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
        const T* means_of_panel = panel(p);
        for (int j = 0; j < d; ++j) score[j] = weighted_sum(logits, mean(means_of_panel, j), score[j]);
        if constexpr (with_divergence) squares = weighted_sum(logits, square_norms + p * panel_width, squares);
      }
    }

    const F inverse_sum = constant<F>(1.0) / norm.sum;
    if constexpr (with_divergence) {
      F mean_square[1] = {constant<F>(0.0)};
      sum_coordinates(
          team, d, mean_square, [&](int from, int to, F(&part)[1]) __attribute__((always_inline)) {
            for (int j = from; j < to; ++j) part[0] = fma(score[j] * inverse_sum, score[j] * inverse_sum, part[0]);
          });
      const F spread = fma(squares, inverse_sum, -mean_square[0]) * inverse;
      divergence = (spread - constant<F>(path_dim)) * inverse;
    }
    for (int j = 0; j < d; ++j) {
      const F from_reference = score[j] * inverse_sum;
      score[j] = (from_reference + (broadcast<F>(reference[team.first() + j]) - delta[j])) * inverse;
    }
  }

 private:
  /// The means of panel p [row x 8]; of a panel, those of the caller's coordinate j.
  SP_HD const T* panel(int p) const { return team.panel(means, p, panels(), row() * panel_width); }
  SP_HD const T* mean(const T* panel, int j) const {
    return SP_ALIGNED(panel + team.skew() + (team.first() + j) * panel_width, Team::panel_alignment);
  }

  /// The logits of panel p; returns the largest.
  template <class F>
  SP_HD F panel_logits(int p, const F* delta, F kappa, F* logits) const {
    const int d = dim();
    constexpr int part = LaneTraits<F>::sums_together;
    const T* means_of_panel = panel(p);
    for (int from = 0; from < panel_width; from += part) {
      const int first = p * panel_width + from;
      F sum[part];
      const bool starts = team.first() == 0;
      const T* norms = SP_ALIGNED(negative_norms + first, Team::panel_alignment);
      const T* weights = SP_ALIGNED(log2_weights + first, Team::panel_alignment);
      for (int q = 0; q < part; ++q) sum[q] = broadcast<F>(starts ? norms[q] : T(0));
      sum_coordinates(
          team, d, sum, [ =, this ](int begin, int end, F(&to)[part]) __attribute__((always_inline)) {
            for (int j = begin; j < end; ++j) {
              const T* c = mean(means_of_panel, j) + from;
              const F y = delta[j];
              for (int q = 0; q < part; ++q) to[q] = fma(y, broadcast<F>(c[q]), to[q]);
            }
          });
      for (int q = 0; q < part; ++q) logits[from + q] = fma(kappa, sum[q], broadcast<F>(weights[q]));
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
