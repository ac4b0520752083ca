// Tables of components read through shared memory: the threads of a block copy some panels, all paths of the block use
// them, then the next. A table that fits is copied once for all steps of the block's paths.
#pragma once

#include "kernels/cuda/thread_team.hpp"
#include "kernels/score/level.hpp"

namespace scorepath::kernels::cuda {

/// Floats of shared memory that a block may use for panels.
inline constexpr int most_staged = 8192;

/// Panels of `size` floats that are copied together; at least one must fit.
SP_HD constexpr int staged_panels(int panels, int size) {
  const int fit = most_staged / size;
  return fit < panels ? fit : panels;
}

/// Base with its panels in shared memory. All threads of a block ask for the same panels in the same order.
template <class Base>
class Staged : public Base {
 public:
  /// memory: shared, aligned to 16 bytes, [staged_panels(panels, size) x size].
  SP_HD Staged(const Base& base, float* memory, int panels, int size)
      : Base(base), memory_(memory), together_(staged_panels(panels, size)) {}

  SP_HD const float* panel(const float* table, int p, int panels, int size) const {
#if defined(__CUDA_ARCH__)
    if (p < first_ || p >= end_) {
      first_ = p;
      end_ = p + together_ < panels ? p + together_ : panels;
      const float* from = table + p * size;
      const int count = (end_ - p) * size;
      __syncthreads();  // the panels before these are done with
      for (int i = static_cast<int>(threadIdx.x); i < count; i += static_cast<int>(blockDim.x)) memory_[i] = from[i];
      __syncthreads();
    }
    return memory_ + (p - first_) * size;
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
