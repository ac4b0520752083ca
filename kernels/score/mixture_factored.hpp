// Gaussian mixture with correlated components: covariances Sigma_k = v_k I + sum_i (m_ki - v_k) q_ki q_ki^T of few or
// up to dim - 1 axes q_ki (unit, orthogonal), with variances m_ki >= v_k along them and v_k across ("spiked"; any
// covariance is of this form with its smallest eigenvalue as v_k). Noise leaves the axes as they are:
//
//   i_k = 1/(v_k + r),   t_ki = i_k (m_ki - v_k)/(m_ki + r),   p_ki = q_ki.(c_k - y)
//   pull_k = (Sigma_k + r I)^-1 (c_k - y) = i_k (c_k - y) - sum_i t_ki p_ki q_ki
//   (y - c_k).(Sigma_k + r I)^-1 (y - c_k) = (v_k + r) |pull_k|^2 + sum_i (m_ki - v_k)/(m_ki + r)^2 p_ki^2
//   l_k = log2 w_k + log2(|Sigma_0 + r I| / |Sigma_k + r I|)/2 - log2(e)/2 of that,   w_k = 2^{l_k} / sum 2^{l}
//   s = sum_k w_k pull_k,   div s = sum_k w_k ( |pull_k|^2 - tr (Sigma_k + r I)^-1 ) - |s|^2
// The sums of a logit have terms of one sign. Those of pull are differences: it is good to rounding times i_k |c_k -
// y|, to which the point itself is rounded. Components are taken one by one with a running maximum, so that nothing but
// pull is kept. Coordinates are displacements from the query point.
#pragma once

#include "kernels/lane/team.hpp"
#include "kernels/score/level.hpp"
#include "kernels/score/softmax.hpp"
#include "kernels/score/tables.hpp"

namespace scorepath::kernels {

template <class T, int D, class Team = Solo>
struct MixtureFactored {
  using Scalar = T;
  static constexpr int static_dim = D;
  static constexpr int level_alignment = 8;  // of floats: rows have an even number of them

  int path_dim;  // coordinates of the path
  int components, rank;
  const T* means;           // [K x row] c_k, displacements from the point
  const T* axes;            // [K x rank x row] q_ki; fewer axes: zeros
  const T* axis_variances;  // [K x rank] m_ki; fewer axes: v_k
  const T* variances;       // [K] v_k
  const T* log2_weights;    // [K]
  Team team;

  SP_HD explicit MixtureFactored(const ScoreTables<T>& t, const Team& who = {})
      : path_dim(t.dim),
        components(t.components),
        rank(t.rank),
        means(t.means),
        axes(t.axes),
        axis_variances(t.axis_variances),
        variances(t.variances),
        log2_weights(t.log2_weights),
        team(who) {}

  SP_HD int dim() const { return D > 0 ? D : path_dim; }
  SP_HD int row() const { return team.row(dim()); }
  SP_HD int level_size() const { return components * level_stride(); }

  template <class S, class Row>
  SP_HD void fill_level(S r, const Row& level) const {
    using TS = scalar_t<S>;
    const auto number = [](T x) __attribute__((always_inline)) { return broadcast<S>(static_cast<TS>(x)); };
    const S across = constant<S>(path_dim - rank);
    for (int k = team.rank(); k < components; k += team.size()) {
      const S total = number(variances[k]) + r, inverse = constant<S>(1.0) / total;
      S log_ratio = across * log2((number(variances[0]) + r) * inverse);
      S trace = across * inverse;
      for (int i = 0; i < rank; ++i) {
        const T along = axis_variances[k * rank + i];
        const S inverse_along = constant<S>(1.0) / (number(along) + r);
        const S spread = number(along - variances[k]) * inverse_along;
        log_ratio = log_ratio + log2((number(axis_variances[i]) + r) * inverse_along);
        trace = trace + inverse_along;
        level[at(k) + i] = spread * inverse;
        level[at(k) + rank + i] = spread * inverse_along * constant<S>(minus_half_log2_e);
      }
      level[at(k) + 2 * rank] = inverse;
      level[at(k) + 2 * rank + 1] = total * constant<S>(minus_half_log2_e);
      level[at(k) + 2 * rank + 2] = fma(constant<S>(0.5), log_ratio, number(log2_weights[k]));
      level[at(k) + 2 * rank + 3] = trace;
    }
  }

  /// scratch: [dim].
  template <bool with_divergence, class F, class Level>
  SP_HD void evaluate(const F* delta, const Level& level, F* scratch, F* score, F& divergence) const {
    const int d = dim();
    F own[D > 0 ? D : 1];
    F* pull = D > 0 ? own : scratch;
    Normalizer<F> norm{constant<F>(-1e30), constant<F>(0.0)};
    F trace = constant<F>(0.0);
    for (int j = 0; j < d; ++j) score[j] = constant<F>(0.0);

#if defined(__CUDA_ARCH__)
#pragma unroll 1
#endif
    for (int k = 0; k < components; ++k) {
      const T* c = row_of(means, k);
      const F inverse = level[at(k) + 2 * rank];
      for (int j = 0; j < d; ++j) pull[j] = inverse * (broadcast<F>(c[j]) - delta[j]);
      F logit = level[at(k) + 2 * rank + 2];
      int i = 0;
      if constexpr (D == 0 || D > 4) {
#if defined(__CUDA_ARCH__)
#pragma unroll 1
#endif
        for (; i + 4 <= rank; i += 4) take_axes<4>(k, i, delta, level, pull, logit);
      }
#if defined(__CUDA_ARCH__)
#pragma unroll 1
#endif
      for (; i < rank; ++i) take_axes<1>(k, i, delta, level, pull, logit);
      const F square = square_norm(team, d, pull);
      logit = fma(level[at(k) + 2 * rank + 1], square, logit);

      const F top = max(logit, norm.top);
      const F factor = rescaling(norm.top, top), weight = exp2_nonpositive(logit - top);
      norm = {top, fma(norm.sum, factor, weight)};
      if constexpr (with_divergence) trace = fma(weight, square - level[at(k) + 2 * rank + 3], trace * factor);
      for (int j = 0; j < d; ++j) score[j] = fma(weight, pull[j], score[j] * factor);
    }

    const F normal = constant<F>(1.0) / norm.sum;
    for (int j = 0; j < d; ++j) score[j] = score[j] * normal;
    if constexpr (with_divergence) divergence = fma(trace, normal, -square_norm(team, d, score));
  }

 private:
  static constexpr double minus_half_log2_e = -0.5 * 1.4426950408889634;

  /// Of each component t_ki, then what p_ki^2 counts in its logit, then i_k, what |pull_k|^2 counts in its logit, the
  /// logit's constant, and the trace.
  SP_HD int level_stride() const { return 2 * rank + 4; }
  SP_HD int at(int k) const { return k * level_stride(); }
  /// The caller's part of a table's row.
  SP_HD const T* row_of(const T* table, int i) const {
    return SP_ALIGNED(table + static_cast<long>(i) * row() + team.first(), row_alignment<D>);
  }

  /// Axes i to i + N of component k: from pull and to the logit.
  template <int N, class F, class Level>
  SP_HD void take_axes(int k, int i, const F* delta, const Level& level, F* pull, F& logit) const {
    const int d = dim();
    const T* c = row_of(means, k);
    const T* q[N];
    F along[N];
    for (int n = 0; n < N; ++n) {
      q[n] = row_of(axes, k * rank + i + n);
      along[n] = constant<F>(0.0);
    }
    sum_coordinates(
        team, d, along, [ =, this ](int begin, int end, F(&to)[N]) __attribute__((always_inline)) {
          for (int j = begin; j < end; ++j) {
            const F difference = broadcast<F>(c[j]) - delta[j];
            for (int n = 0; n < N; ++n) to[n] = fma(broadcast<F>(q[n][j]), difference, to[n]);
          }
        });
    F share[N];
    for (int n = 0; n < N; ++n) {
      share[n] = level[at(k) + i + n] * along[n];
      logit = fma(level[at(k) + rank + i + n] * along[n], along[n], logit);
    }
    for (int j = 0; j < d; ++j) {
      F rest = pull[j];
      for (int n = 0; n < N; ++n) rest = fma(-share[n], broadcast<F>(q[n][j]), rest);
      pull[j] = rest;
    }
  }
};

}  // namespace scorepath::kernels
