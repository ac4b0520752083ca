// Tables of components read through shared memory: the threads of a block copy some panels, all paths of the block use
// them, then the next. A table that fits is copied once for all steps of the block's paths.
#pragma once

#include "kernels/cuda/thread_team.hpp"
#include "kernels/score/level.hpp"

namespace scorepath::kernels::cuda {

/// Floats of shared memory that a block may use for panels.
inline constexpr int most_staged = 8192;
/// A panel's numbers for the 32 coordinates of one thread of a team, and the gap between those of neighbours: without
/// it the threads of a team would ask the same banks at once.
inline constexpr int staged_slice = slice_width * panel_width;
inline constexpr int staged_gap = 4;

/// Where number i of a panel stands.
SP_HD constexpr int staged_place(int i) { return i + i / staged_slice * staged_gap; }
/// Floats that a panel of `size` takes.
SP_HD constexpr int staged_size(int size) { return staged_place(size); }

/// Panels of `size` floats that are copied together; one always is.
SP_HD constexpr int staged_panels(int panels, int size) {
  const int fit = most_staged / size > 1 ? most_staged / size : 1;
  return fit < panels ? fit : panels;
}

/// Base with its panels in shared memory. All threads of a block ask for the same panels in the same order.
template <class Base>
class Staged : public Base {
 public:
  /// memory: shared, aligned to 16 bytes, [staged_panels(panels, size) x staged_size(size)].
  SP_HD Staged(const Base& base, float* memory, int panels, int size)
      : Base(base), memory_(memory), together_(staged_panels(panels, size)) {}

  SP_HD int skew() const { return this->rank() * staged_gap; }

  SP_HD const float* panel(const float* table, int p, int panels, int size) const {
#if defined(__CUDA_ARCH__)
    if (p < first_ || p >= end_) {
      first_ = p;
      end_ = p + together_ < panels ? p + together_ : panels;
      const float* from = table + p * size;
      const int count = (end_ - p) * size;
      __syncthreads();  // the panels before these are done with
      // Slices are whole where there are several: their gaps may be counted over all panels at once.
      for (int i = static_cast<int>(threadIdx.x); i < count; i += static_cast<int>(blockDim.x)) {
        memory_[size < staged_slice ? i : staged_place(i)] = from[i];
      }
      __syncthreads();
    }
    return memory_ + (p - first_) * staged_size(size);
#else
    static_cast<void>(panels);
    return table + p * size;
#endif
  }

 private:
  float* memory_;
  int together_;
  mutable int first_ = 0, end_ = 0;  // the panels in memory
};

template <class Team>
inline constexpr bool is_staged = false;
template <class Base>
inline constexpr bool is_staged<Staged<Base>> = true;

}  // namespace scorepath::kernels::cuda
