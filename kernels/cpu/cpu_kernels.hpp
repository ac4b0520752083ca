// What the CPU back end can run, once per instruction set: a table of plain functions, chosen at run time.
#pragma once

#include <cstdint>

#include "kernels/jobs.hpp"

namespace scorepath::kernels {

/// Results for samples first .. first + count - 1 go to values [count rounded up to 16]; the surplus is unspecified.
/// The double functions run the same formulas on the scalar double lane (arithmetic error, oracles).
struct CpuKernels {
  void (*slices)(const SliceJob<float>& job, std::uint64_t first, int count, float* values);
  void (*slices_double)(const SliceJob<double>& job, std::uint64_t first, int count, double* values);
  void (*paths)(const PathJob<float>& job, std::uint64_t first, int count, float* values);
  void (*paths_double)(const PathJob<double>& job, std::uint64_t first, int count, double* values);
  void (*increments)(const IncrementJob<float>& job, std::uint64_t first, int count, float* values);
  void (*increments_double)(const IncrementJob<double>& job, std::uint64_t first, int count, double* values);
  void (*rays)(const RayJob<float>& job, std::uint64_t first, int count, float* values);
  void (*rays_double)(const RayJob<double>& job, std::uint64_t first, int count, double* values);
  /// Chain c of a sample goes to values [c * stride + sample], stride a multiple of 16.
  void (*weights)(const WeightJob<float>& job, std::uint64_t first, int count, float* values, std::size_t stride);
  void (*weights_double)(const WeightJob<double>& job, std::uint64_t first, int count, double* values,
                         std::size_t stride);
  /// Number i of a path, what it carries (kernels/steered.hpp) and then its coordinates, goes to values [i * stride +
  /// path], stride a multiple of 16.
  void (*steered)(const SteeredJob<float>& job, std::uint64_t first, int count, float* values, std::size_t stride);
  void (*steered_double)(const SteeredJob<double>& job, std::uint64_t first, int count, double* values,
                         std::size_t stride);
  /// The rows [steps x level_size] that `tables` needs at the noise levels r [steps].
  void (*levels)(const ScoreTables<float>& tables, const float* r, std::uint32_t steps, float* rows);
  void (*levels_double)(const ScoreTables<double>& tables, const double* r, std::uint32_t steps, double* rows);
};

namespace baseline {
CpuKernels cpu_kernels();
}
namespace avx2 {
CpuKernels cpu_kernels();
}
namespace avx512 {
CpuKernels cpu_kernels();
}

}  // namespace scorepath::kernels
