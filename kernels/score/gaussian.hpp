// N(m, diag(v)): s_j = (m_j - y_j) / (v_j + r), div s = -sum_j 1/(v_j + r). Coordinates are displacements from the
// query point.
#pragma once

#include "kernels/lane/team.hpp"
#include "kernels/score/level.hpp"
#include "kernels/score/tables.hpp"

namespace scorepath::kernels {

template <class T, int D, class Team = Solo>
struct GaussianScore {
  using Scalar = T;
  static constexpr int static_dim = D;
  static constexpr int level_alignment = row_alignment<D>;

  int path_dim;        // coordinates of the path
  const T* mean;       // [row] m, displacement from the point
  const T* variances;  // [row] v
  Team team;

  SP_HD explicit GaussianScore(const ScoreTables<T>& t, const Team& who = {})
      : path_dim(t.dim), mean(t.reference), variances(t.variances), team(who) {}

  SP_HD int dim() const { return D > 0 ? D : path_dim; }
  SP_HD int row() const { return team.row(dim()); }
  SP_HD int level_size() const { return row(); }

  template <class S, class Row>
  SP_HD void fill_level(S r, const Row& level) const {
    for (int j = 0; j < dim(); ++j) {
      level[team.first() + j] =
          constant<S>(1.0) / (broadcast<S>(static_cast<scalar_t<S>>(variances[team.first() + j])) + r);
    }
  }

  /// s_j at the displacement delta_j: a score that has this needs no arrays (kernels/path.hpp).
  template <class F, class Level>
  SP_HD F coordinate(int j, F delta, const Level& level) const {
    const T* m = SP_ALIGNED(mean + team.first(), 16);
    return (broadcast<F>(m[j]) - delta) * level[team.first() + j];
  }

  template <bool with_divergence, class F, class Level>
  SP_HD void evaluate(const F* delta, const Level& level, F*, F* score, F& divergence) const {
    for (int j = 0; j < dim(); ++j) score[j] = coordinate(j, delta[j], level);
    if constexpr (with_divergence) {
      F sum[1] = {constant<F>(0.0)};
      sum_coordinates(
          team, dim(), sum, [&](int from, int to, F(&part)[1]) __attribute__((always_inline)) {
            for (int j = from; j < to; ++j) {
              if (team.has(j, path_dim)) part[0] = part[0] - level[team.first() + j];
            }
          });
      divergence = sum[0];
    }
  }
};

}  // namespace scorepath::kernels
