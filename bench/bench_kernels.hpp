// What is measured inside an instruction set's objects, as tables of plain functions: the objects themselves know
// nothing of Google Benchmark, so that no inline function of it is compiled for a wide processor and then shared.
#pragma once

#include <cstdint>

#include "kernels/cpu/cpu_kernels.hpp"

namespace scorepath::bench {

/// One lane type. Null entries do not exist for it.
struct LaneKernels {
  const char* lane;  // "avx512", "avx512-scalar-vectorized", ...
  int width;         // paths per call of a lane
  /// Blocks 0 .. blocks - 1 of four words of each path -> out [4 blocks x width]. blocks is even.
  void (*words)(const kernels::Stream& stream, std::uint64_t first, int blocks, std::uint32_t* out);
  /// Normals 0 .. count - 1 of each path -> out [count x width]. count is a multiple of eight.
  void (*normals)(const kernels::Stream& stream, std::uint64_t first, int count, float* out);
  void (*paths)(const kernels::PathJob<float>& job, std::uint64_t first, int count, float* values);
  void (*slices)(const kernels::SliceJob<float>& job, std::uint64_t first, int count, float* values);
  void (*increments)(const kernels::IncrementJob<float>& job, std::uint64_t first, int count, float* values);
  void (*rays)(const kernels::RayJob<float>& job, std::uint64_t first, int count, float* values);
  /// One evaluation of the score (and divergence) at delta [dim x width] -> out [(dim + 1) x width].
  void (*evaluate)(const kernels::ScoreTables<float>& tables, const float* level, bool with_divergence,
                   const float* delta, float* out);
};

/// Work in registers alone: what the processor could do at most.
struct Limits {
  int fma_lanes;       // lane multiply-adds of one round
  int multiply_lanes;  // 32 x 32 -> 64 bit products of one round
  void (*fma)(long rounds);
  void (*multiply)(long rounds);
};

struct IsaKernels {
  LaneKernels pack, scalar_vectorized, scalar_plain;  // a scalar lane without `words` was not built
  Limits limits;
};

namespace baseline {
IsaKernels isa_kernels();
}
namespace avx2 {
IsaKernels isa_kernels();
}
namespace avx512 {
IsaKernels isa_kernels();
}

}  // namespace scorepath::bench
