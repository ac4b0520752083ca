// The coordinates of a pack of paths: in registers where the dimension is known at compile time, else in the caller's
// memory.
#pragma once

#include "kernels/lane/lane.hpp"
#include "kernels/score/level.hpp"

namespace scorepath::kernels {

template <class F, int D>
struct Coordinates {
  F value[D];
  SP_HD explicit Coordinates(F*) {}
  SP_HD F* data() { return value; }
  SP_HD F& operator[](int j) { return value[j]; }
};
template <class F>
struct Coordinates<F, 0> {
  F* value;
  SP_HD explicit Coordinates(F* memory) : value(memory) {}
  SP_HD F* data() { return value; }
  SP_HD F& operator[](int j) { return value[j]; }
};

/// Coordinates that are computed where they are read: value(j).
template <class Function>
struct Computed {
  Function value;
  SP_HD explicit Computed(Function f) : value(f) {}
  SP_HD auto operator[](int j) const { return value(j); }
};

/// Lanes that one thread works in; made by make_workspace().
template <class F>
struct Workspace {
  F* noise;                                                      // [noise_chunk<F>(dim)]
  F* state;                                                      // [dim]
  F* delta;                                                      // [dim]
  F* score;                                                      // [dim]
  F* spare;                                                      // [dim]
  F* scratch;                                                    // [score_scratch_of(dim)]
  LaneLevel<F> level;                                            // [level_size + row], slices only
  F *field = nullptr, *older_field = nullptr, *stage = nullptr;  // [dim] each
  const F* normals = nullptr;  // [steps][dim] of the paths, where they are made beforehand; not on devices
};

/// Steps whose normals are generated together: few coordinates fill whole groups of sixteen normals that way (blocks of
/// four on scalar lanes), and packs share what comes before the first group among four of them.
template <class F>
SP_HD constexpr int steps_per_chunk(int dim) {
  constexpr int least = LaneTraits<F>::normals_together;
  constexpr int group = least < 16 ? least : 16;
  int steps = 1;
  while (dim <= 16 && (steps * dim % group != 0 || steps * dim < least)) steps *= 2;
  return steps;
}
/// Normals of one chunk, rounded up to whole groups of eight.
template <class F>
SP_HD constexpr int noise_chunk(int dim) {
  return (steps_per_chunk<F>(dim) * dim + 7) / 8 * 8;
}
/// Normals of the chunk that begins at step `first` of `steps`: the last one may be shorter.
template <class F>
SP_HD constexpr int normals_of_chunk(std::uint32_t first, std::uint32_t steps, int dim) {
  const auto chunk = static_cast<std::uint32_t>(steps_per_chunk<F>(dim));
  return static_cast<int>(steps - first < chunk ? steps - first : chunk) * dim;
}
/// Lanes of a whole workspace; level_size is 0 for paths.
template <class F>
SP_HD constexpr long workspace_size(int dim, long level_size) {
  return noise_chunk<F>(dim) + 7L * dim + score_scratch_of(dim) + level_size + dim;
}

/// A workspace over memory [workspace_size<F>(dim, level_size)].
template <class F>
SP_HD Workspace<F> make_workspace(F* memory, int dim) {
  F* state = memory + noise_chunk<F>(dim);
  F* delta = state + dim;
  F* score = delta + dim;
  F* spare = score + dim;
  F* field = spare + dim;
  F* older_field = field + dim;
  F* stage = older_field + dim;
  F* scratch = stage + dim;
  return {memory, state, delta, score, spare, scratch, {scratch + score_scratch_of(dim)}, field, older_field, stage};
}

}  // namespace scorepath::kernels
