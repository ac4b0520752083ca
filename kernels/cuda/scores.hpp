// What the CUDA back end compiles for each score: the coordinates of a thread.
//
// Dimensions 1 to 4 (8 and 16 where the variance is one number) are exact, and specialised for up to 8 and 16
// components. Others up to 16 run in registers for 8 or 16 coordinates, padded with zeros; beyond, a path has a team of
// threads of 32 coordinates each. Axes of correlated components are read from the caches, panels through shared memory.
#pragma once

#include "kernels/combinations.hpp"
#include "kernels/cuda/geometry.hpp"
#include "kernels/cuda/launch.hpp"
#include "kernels/cuda/staged.hpp"

namespace scorepath::kernels::cuda {

/// A score functor's type, as a value.
template <class S>
struct ScoreType {
  using Score = S;
};

/// P panels of components: 0 where only the table says how many. Components: the team of scores that have them.
template <class T, int D, class Team, class Components, int P, class Visitor>
auto visit_kind(ScoreKind kind, const Visitor& visitor) {
  switch (kind) {
    case ScoreKind::gaussian:
      return visitor(ScoreType<GaussianScore<T, D, Team>>{});
    case ScoreKind::mixture_shared:
      return visitor(ScoreType<MixtureShared<T, D, Components, P>>{});
    case ScoreKind::mixture_isotropic:
      return visitor(ScoreType<MixtureIsotropic<T, D, Components, P>>{});
    case ScoreKind::mixture_factored:
      return visitor(ScoreType<MixtureFactored<T, D, Team>>{});
    case ScoreKind::mixture_diagonal:
      break;
  }
  return visitor(ScoreType<MixtureDiagonal<T, D, Staged<Team>>>{});
}

/// Few components: up to 8 or 16 whose weights stay in registers.
template <class T, int D, class Visitor>
auto visit_panels(ScoreKind kind, int panels, const Visitor& visitor) {
  if (panels == 1) return visit_kind<T, D, Solo, Solo, 1>(kind, visitor);
  if (panels == 2) return visit_kind<T, D, Solo, Solo, 2>(kind, visitor);
  return visit_kind<T, D, Solo, Staged<Solo>, 0>(kind, visitor);
}

/// Teams of more than a warp, whose panels are too large to be shared.
template <class T, class Visitor>
auto visit_large_team(ScoreKind kind, const Visitor& visitor) {
  using Team = ThreadTeam<most_threads>;
  switch (kind) {
    case ScoreKind::gaussian:
      return visitor(ScoreType<GaussianScore<T, slice_width, Team>>{});
    case ScoreKind::mixture_shared:
      return visitor(ScoreType<MixtureShared<T, slice_width, Team>>{});
    case ScoreKind::mixture_isotropic:
      return visitor(ScoreType<MixtureIsotropic<T, slice_width, Team>>{});
    case ScoreKind::mixture_factored:
      return visitor(ScoreType<MixtureFactored<T, slice_width, Team>>{});
    case ScoreKind::mixture_diagonal:
      break;
  }
  return visitor(ScoreType<MixtureDiagonal<T, slice_width, Team>>{});
}

/// What a kernel takes of a score: a divergence too, or three chains along its paths, need registers that the means of
/// many components have else.
enum class Takes { score, divergence };
inline Takes taken_by(Shape shape) {
  const bool more =
      shape == Shape::increments || shape == Shape::rays || shape == Shape::weights || shape == Shape::carried;
  return more ? Takes::divergence : Takes::score;
}

/// visitor(ScoreType<...>{}) with what runs `kind` in `dim` dimensions with `panels` of components.
template <class T, Takes takes, class Visitor>
auto visit_device_score(ScoreKind kind, int dim, int panels, const Visitor& visitor) {
  if (dim == 1) return visit_panels<T, 1>(kind, panels, visitor);
  if (dim == 2) return visit_panels<T, 2>(kind, panels, visitor);
  if (dim == 3) return visit_panels<T, 3>(kind, panels, visitor);
  if (dim == 4) return visit_panels<T, 4>(kind, panels, visitor);
  if (kind == ScoreKind::gaussian && dim == 8) return visitor(ScoreType<GaussianScore<T, 8>>{});
  if (kind == ScoreKind::gaussian && dim == 16) return visitor(ScoreType<GaussianScore<T, 16>>{});
  if (kind == ScoreKind::mixture_shared && dim == 8) {
    if (panels == 1) return visitor(ScoreType<MixtureShared<T, 8, Solo, 1>>{});
    if constexpr (takes == Takes::score) {
      if (panels == 2) return visitor(ScoreType<MixtureShared<T, 8, Solo, 2>>{});
    }
    return visitor(ScoreType<MixtureShared<T, 8, Staged<Solo>>>{});
  }
  if (kind == ScoreKind::mixture_shared && dim == 16) return visitor(ScoreType<MixtureShared<T, 16, Staged<Solo>>>{});
  if (dim <= 8) return visit_kind<T, 8, Padded<8>, Staged<Padded<8>>, 0>(kind, visitor);
  if (dim <= 16) return visit_kind<T, 16, Padded<16>, Staged<Padded<16>>, 0>(kind, visitor);
  if (team_size(dim) <= warp_size) {
    using Team = ThreadTeam<usual_threads>;
    return visit_kind<T, slice_width, Team, Staged<Team>, 0>(kind, visitor);
  }
  return visit_large_team<T>(kind, visitor);
}

/// The same for what is only known at run time.
template <class T, class Visitor>
auto visit_device_score(Takes takes, ScoreKind kind, int dim, int panels, const Visitor& visitor) {
  return takes == Takes::score ? visit_device_score<T, Takes::score>(kind, dim, panels, visitor)
                               : visit_device_score<T, Takes::divergence>(kind, dim, panels, visitor);
}

/// Threads of a path in `dim` dimensions.
inline int threads_per_path(int dim) { return dim <= 16 ? 1 : team_size(dim); }
/// Threads of a block.
inline int threads_per_block(int dim) {
  const int team = threads_per_path(dim);
  return team > usual_threads ? team : usual_threads;
}
/// Bytes of shared memory that a block needs for panels of components.
inline std::size_t staged_bytes(Takes takes, ScoreKind kind, int dim, int panels) {
  return visit_device_score<float>(takes, kind, dim, panels, [&]<class S>(ScoreType<S>) -> std::size_t {
    const int size = threads_per_path(dim) * S::static_dim * panel_width;
    if constexpr (is_staged<decltype(S::team)>) {
      return static_cast<std::size_t>(staged_panels(panels, size)) * static_cast<std::size_t>(staged_size(size)) *
             sizeof(float);
    }
    return 0;
  });
}
/// Coordinates of a row of the tables.
inline int row_of(ScoreKind kind, int dim) {
  return threads_per_path(dim) *
         visit_device_score<float>(Takes::score, kind, dim, 0, []<class S>(ScoreType<S>) { return S::static_dim; });
}

}  // namespace scorepath::kernels::cuda
