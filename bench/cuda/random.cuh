// Random words and normals alone, as every thread of a path makes them: counted in registers, stored once a thread.
#pragma once

#include "bench/cuda/random.hpp"
#include "kernels/random/noise.hpp"

namespace scorepath::bench {

/// Sums, so that no normal can be left out: one addition each, which the rate includes.
template <class F>
__global__ void normals(const __grid_constant__ RandomLaunch launch) {
  constexpr int blocks = kernels::LaneTraits<F>::philox_blocks;
  const std::uint64_t path = std::uint64_t{blockIdx.x} * blockDim.x + threadIdx.x;
  F sum(0.0f);
  for (std::uint32_t round = 0; round < launch.rounds; ++round) {
    F z[blocks][4];
    kernels::random_normals<F, blocks>(launch.stream, path, round * blocks, z);
    for (int i = 0; i < 4 * blocks; ++i) sum = sum + z[i / 4][i % 4];
  }
  launch.sums[path] = static_cast<float>(sum);
}

/// Exclusive or in place of the sum.
template <class F>
__global__ void words(const __grid_constant__ RandomLaunch launch) {
  constexpr int blocks = kernels::LaneTraits<F>::philox_blocks;
  const std::uint64_t path = std::uint64_t{blockIdx.x} * blockDim.x + threadIdx.x;
  std::uint32_t sum = 0;
  for (std::uint32_t round = 0; round < launch.rounds; ++round) {
    std::uint32_t w[blocks][4];
    kernels::random_words<F, blocks>(launch.stream, path, round * blocks, w);
    for (int i = 0; i < 4 * blocks; ++i) sum ^= w[i / 4][i % 4];
  }
  launch.sums[path] = __uint_as_float(sum);
}

template <class F>
RandomKernels random_kernels_of() {
  return {reinterpret_cast<const void*>(words<F>), reinterpret_cast<const void*>(normals<F>),
          4 * kernels::LaneTraits<F>::philox_blocks};
}

}  // namespace scorepath::bench
