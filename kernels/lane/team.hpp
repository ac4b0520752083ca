// Who works on a path: one lane alone, or a team of CUDA threads of which each has 32 of the path's coordinates.
//
// Scores and integrands are written for the coordinates that the caller's thread has; sum_coordinates() is the only
// place where they meet. Sums go over 32 coordinates at a time, and the sums of these slices are added as neighbours in
// a binary tree, whoever adds them: a lane alone gets the bits of a team.
//
// A team says which thread the caller is (`rank()` of `size()`), `first()` its first coordinate (a multiple of 32),
// `row(dim)` the length of a row of the tables with their padding, `has(j, dim)` whether its coordinate j is one at
// all; after `meet()` a thread sees what the others have written to memory. `panel()` is where a panel of components is
// read; there the caller's numbers stand `skew()` further back than in the table.
#pragma once

#include "kernels/lane/lane.hpp"

namespace scorepath::kernels {

/// Coordinates of one thread of a team.
inline constexpr int slice_width = 32;

/// Bytes at a multiple of which a row of D padded floats stands on the device.
template <int D>
inline constexpr int row_alignment = D == 0       ? 4
                                     : D % 4 == 0 ? 16
                                     : D % 2 == 0 ? 8
                                                  : 4;

/// One lane has all coordinates.
struct Solo {
  static constexpr bool is_alone = true;
  static constexpr bool is_padded = false;
  static constexpr int panel_alignment = 16;  // bytes that a thread loads of a panel at once
  SP_HD static int rank() { return 0; }
  SP_HD static int size() { return 1; }
  SP_HD static void meet() {}
  SP_HD static int first() { return 0; }
  SP_HD static int skew() { return 0; }
  SP_HD static int row(int dim) { return dim; }
  SP_HD static bool has(int, int) { return true; }
  template <class T>
  SP_HD static const T* panel(const T* table, int p, int, int size) {
    return table + p * size;
  }
};

/// One CUDA thread has all coordinates, fewer than its D registers; tables have rows of D, padded with zeros. A padded
/// coordinate stays 0 and adds 0 to every sum, so the bits are those of Solo.
template <int D>
struct Padded {
  static constexpr bool is_alone = true;
  static constexpr bool is_padded = true;
  static constexpr int panel_alignment = D <= 8 ? 16 : 4;  // more at once costs registers
  SP_HD static int rank() { return 0; }
  SP_HD static int size() { return 1; }
  SP_HD static void meet() {}
  SP_HD static int first() { return 0; }
  SP_HD static int skew() { return 0; }
  SP_HD static int row(int) { return D; }
  SP_HD static bool has(int j, int dim) { return j < dim; }
  template <class T>
  SP_HD static const T* panel(const T* table, int p, int, int size) {
    return table + p * size;
  }
};

/// The order of sums over more coordinates than a slice, on one lane: part(from, to, sums) adds those of [from, to).
template <class F, int N, class Part>
static SP_HD_CALL void sum_slices(int dim, F (&sum)[N], const Part& part) {
  constexpr int most_levels = 10;  // 2^14 coordinates
  const int slices = (dim + slice_width - 1) / slice_width;
  F waiting[most_levels][N];  // sums of whole subtrees, by their level
  int level = 0;
  for (int s = 0;; ++s) {
    F own[N];
    for (int i = 0; i < N; ++i) own[i] = s == 0 ? sum[i] : constant<F>(0.0);
    if (s < slices) {
      const int from = s * slice_width;
      part(from, from + slice_width < dim ? from + slice_width : dim, own);
    }
    for (level = 0; (s >> level & 1) != 0; ++level) {
      for (int i = 0; i < N; ++i) own[i] = waiting[level][i] + own[i];
    }
    for (int i = 0; i < N; ++i) waiting[level][i] = own[i];
    if (s + 1 >= slices && (s & (s + 1)) == 0) break;  // a whole tree, its missing slices added as zeros
  }
  for (int i = 0; i < N; ++i) sum[i] = waiting[level][i];
}

/// sum[i] becomes the sum over all coordinates of the path, on every thread of the team; sum holds what the first slice
/// starts from. part(from, to, sums) adds the caller's local coordinates [from, to).
template <class F, int N, class Part>
SP_HD void sum_coordinates(const Solo&, int dim, F (&sum)[N], const Part& part) {
  if (dim <= slice_width) return part(0, dim, sum);
  F own[N];  // copies, so that the usual case keeps all it has in registers
  for (int i = 0; i < N; ++i) own[i] = sum[i];
  const Part adds = part;
  sum_slices<F, N>(dim, own, adds);
  for (int i = 0; i < N; ++i) sum[i] = own[i];
}
template <class F, int N, int D, class Part>
SP_HD void sum_coordinates(const Padded<D>&, int, F (&sum)[N], const Part& part) {
  part(0, D, sum);
}

/// |x|^2 over all coordinates of the path; x [dim] the caller's.
template <class F, class Team>
SP_HD F square_norm(const Team& team, int dim, const F* x) {
  F sum[1] = {constant<F>(0.0)};
  sum_coordinates(
      team, dim, sum, [&](int from, int to, F(&part)[1]) __attribute__((always_inline)) {
        for (int j = from; j < to; ++j) part[0] = fma(x[j], x[j], part[0]);
      });
  return sum[0];
}

}  // namespace scorepath::kernels
