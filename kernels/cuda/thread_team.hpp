// A team of CUDA threads on one path, neighbours within the block: each has 32 of the path's coordinates in its
// registers. Their sums are added as neighbours in a binary tree: by shuffles within a warp, then through shared
// memory.
#pragma once

#include "kernels/lane/team.hpp"

namespace scorepath::kernels::cuda {

inline constexpr int warp_size = 32;
/// Threads of a block that runs paths: 128, or as many as a path's team has.
inline constexpr int usual_threads = 128;
inline constexpr int most_threads = 512;
/// Numbers that a team of more than a warp adds at once.
inline constexpr int most_sums = 8;

/// Threads of a team for `dim` coordinates: a power of two.
SP_HD constexpr int team_size(int dim) {
  int size = 1;
  while (size * slice_width < dim) size *= 2;
  return size;
}

/// Threads: of a block. With 128 a team is at most a warp, and each thread may have all the registers there are; larger
/// teams have blocks of 512, or as many as they need.
template <int Threads>
class ThreadTeam {
 public:
  static constexpr bool is_alone = false;
  static constexpr bool is_padded = true;
  static constexpr int block_threads = Threads;
  static constexpr bool spans_warps = Threads > usual_threads;
  /// More at once would cost registers that blocks of so many threads do not have.
  static constexpr int panel_alignment = spans_warps ? 4 : 16;

  /// exchange: shared memory [warps of the block x most_sums], where teams are larger than a warp.
  SP_HD ThreadTeam(int thread, int size, float* exchange)
      : thread_(thread), rank_(thread & (size - 1)), size_(size), exchange_(exchange) {}

  SP_HD int rank() const { return rank_; }
  SP_HD int size() const { return size_; }
  SP_HD int first() const { return rank_ * slice_width; }
  SP_HD static int skew() { return 0; }
  SP_HD int row(int) const { return size_ * slice_width; }
  SP_HD bool has(int j, int dim) const { return first() + j < dim; }
  template <class T>
  SP_HD static const T* panel(const T* table, int p, int, int size) {
    return table + p * size;
  }

  SP_HD void meet() const {
#if defined(__CUDA_ARCH__)
    if (size_ > 1) __syncthreads();
#endif
  }

  /// sum[i] of all threads of the team, on each of them.
  template <class F, int N>
  SP_HD void add(F (&sum)[N]) const {
#if defined(__CUDA_ARCH__)
    static_assert(N <= most_sums && sizeof(F) == sizeof(float));
    for (int distance = 1; distance < size_ && distance < warp_size; distance *= 2) {
      for (int i = 0; i < N; ++i) {
        sum[i] = sum[i] + F(__shfl_xor_sync(0xffffffffu, static_cast<float>(sum[i]), distance));
      }
    }
    const int warp = thread_ / warp_size;
    for (int distance = 1; spans_warps && distance * warp_size < size_; distance *= 2) {
      __syncthreads();
      if (thread_ % warp_size == 0) {
        for (int i = 0; i < N; ++i) exchange_[warp * most_sums + i] = static_cast<float>(sum[i]);
      }
      __syncthreads();
      for (int i = 0; i < N; ++i) sum[i] = sum[i] + F(exchange_[(warp ^ distance) * most_sums + i]);
    }
#else
    static_cast<void>(sum);  // never called: on the host one lane has all coordinates
#endif
  }

 private:
  int thread_, rank_, size_;
  float* exchange_;
};

}  // namespace scorepath::kernels::cuda

namespace scorepath::kernels {

template <class F, int N, int Threads, class Part>
SP_HD void sum_coordinates(const cuda::ThreadTeam<Threads>& team, int, F (&sum)[N], const Part& part) {
  part(0, slice_width, sum);
  team.add(sum);
}

}  // namespace scorepath::kernels
