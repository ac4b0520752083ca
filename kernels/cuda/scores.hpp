// What the CUDA back end compiles for each score: the coordinates of a thread.
//
// Dimensions 1 to 4 (8 and 16 where the variance is one number) are exact, and specialised for up to 8 and 16
// components. Others up to 16 run in registers for 8 or 16 coordinates, padded with zeros; beyond, a path has a team of
// threads of 32 coordinates each.
#pragma once

#include "kernels/combinations.hpp"
#include "kernels/cuda/geometry.hpp"

namespace scorepath::kernels::cuda {

/// A score functor's type, as a value.
template <class S>
struct ScoreType {
  using Score = S;
};

/// P panels of components: 0 where only the table says how many.
template <class T, int D, class Team, int P, class Visitor>
auto visit_kind(ScoreKind kind, const Visitor& visitor) {
  switch (kind) {
    case ScoreKind::gaussian:
      return visitor(ScoreType<GaussianScore<T, D, Team>>{});
    case ScoreKind::mixture_shared:
      return visitor(ScoreType<MixtureShared<T, D, Team, P>>{});
    case ScoreKind::mixture_isotropic:
      return visitor(ScoreType<MixtureIsotropic<T, D, Team, P>>{});
    case ScoreKind::mixture_diagonal:
      break;
  }
  return visitor(ScoreType<MixtureDiagonal<T, D, Team>>{});
}

/// Few components: up to 8 or 16 whose weights stay in registers.
template <class T, int D, class Visitor>
auto visit_panels(ScoreKind kind, int panels, const Visitor& visitor) {
  if (panels == 1) return visit_kind<T, D, Solo, 1>(kind, visitor);
  if (panels == 2) return visit_kind<T, D, Solo, 2>(kind, visitor);
  return visit_kind<T, D, Solo, 0>(kind, visitor);
}

/// visitor(ScoreType<...>{}) with what runs `kind` in `dim` dimensions with `panels` of components.
template <class T, class Visitor>
auto visit_device_score(ScoreKind kind, int dim, int panels, const Visitor& visitor) {
  if (dim == 1) return visit_panels<T, 1>(kind, panels, visitor);
  if (dim == 2) return visit_panels<T, 2>(kind, panels, visitor);
  if (dim == 3) return visit_panels<T, 3>(kind, panels, visitor);
  if (dim == 4) return visit_panels<T, 4>(kind, panels, visitor);
  if (kind == ScoreKind::gaussian && dim == 8) return visitor(ScoreType<GaussianScore<T, 8>>{});
  if (kind == ScoreKind::gaussian && dim == 16) return visitor(ScoreType<GaussianScore<T, 16>>{});
  if (kind == ScoreKind::mixture_shared && dim == 8) {
    if (panels == 1) return visitor(ScoreType<MixtureShared<T, 8, Solo, 1>>{});
    if (panels == 2) return visitor(ScoreType<MixtureShared<T, 8, Solo, 2>>{});
    return visitor(ScoreType<MixtureShared<T, 8>>{});
  }
  if (kind == ScoreKind::mixture_shared && dim == 16) return visitor(ScoreType<MixtureShared<T, 16>>{});
  if (dim <= 8) return visit_kind<T, 8, Padded<8>, 0>(kind, visitor);
  if (dim <= 16) return visit_kind<T, 16, Padded<16>, 0>(kind, visitor);
  if (team_size(dim) <= usual_threads) return visit_kind<T, slice_width, ThreadTeam<usual_threads>, 0>(kind, visitor);
  return visit_kind<T, slice_width, ThreadTeam<most_threads>, 0>(kind, visitor);
}

/// Threads of a path in `dim` dimensions.
inline int threads_per_path(int dim) { return dim <= 16 ? 1 : team_size(dim); }
/// Threads of a block.
inline int threads_per_block(int dim) {
  const int team = threads_per_path(dim);
  return team > usual_threads ? team : usual_threads;
}
/// Coordinates of a row of the tables.
inline int row_of(ScoreKind kind, int dim) {
  return threads_per_path(dim) *
         visit_device_score<float>(kind, dim, 0, []<class S>(ScoreType<S>) { return S::static_dim; });
}

}  // namespace scorepath::kernels::cuda
