// What a score needs to know of the noise level r: a short row of numbers, the same for all lanes (paths share their
// step grid) or one per lane (slices have a level each). Scores read it through one of the two views below.
#pragma once

#include "kernels/lane/lane.hpp"

namespace scorepath::kernels {

/// A level that all lanes share: row[i] in every lane.
template <class F>
struct SharedLevel {
  const scalar_t<F>* row;
  SP_HD F operator[](int i) const { return broadcast<F>(row[i]); }
};

/// A level for each lane, in memory of the caller's. CUDA threads interleave theirs: number i of a thread is `stride`
/// numbers after its number i - 1.
template <class F>
struct LaneLevel {
  F* row;
  std::int64_t stride = 1;
  SP_HD F& operator[](int i) const { return row[offset(i)]; }
  SP_HD LaneLevel from(int i) const { return {row + offset(i), stride}; }
  SP_HD std::int64_t offset(int i) const { return width_v<F> == 1 ? i * stride : i; }
};

/// Components are stored in panels of this many, so that a panel's distances or sums fit the registers.
inline constexpr int panel_width = 8;
/// Weights are computed for a tile of this many panels at a time; between tiles the sums are rescaled to the new
/// maximum.
inline constexpr int tile_panels = 8;

/// Lanes that evaluate() may use as scratch where the dimension is known at compile time, and for any dimension.
inline constexpr int score_scratch = panel_width * tile_panels;
SP_HD constexpr int score_scratch_of(int dim) { return dim < score_scratch ? score_scratch : dim; }

SP_HD constexpr int panels_of(int components) { return (components + panel_width - 1) / panel_width; }

}  // namespace scorepath::kernels
