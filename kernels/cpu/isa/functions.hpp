// What the translation units of one instruction set offer each other.
#pragma once

#include "kernels/cpu/cpu_kernels.hpp"

namespace scorepath::kernels::SCOREPATH_ISA_NAME {

void run_slices_float(const SliceJob<float>& job, std::uint64_t first, int count, float* values);
void run_paths_float(const PathJob<float>& job, std::uint64_t first, int count, float* values);
void run_increments_float(const IncrementJob<float>& job, std::uint64_t first, int count, float* values);
void run_rays_float(const RayJob<float>& job, std::uint64_t first, int count, float* values);
void run_weights_float(const WeightJob<float>& job, std::uint64_t first, int count, float* values, std::size_t stride);
void run_steered_float(const SteeredJob<float>& job, std::uint64_t first, int count, float* values, std::size_t stride);

void run_steered_double(const SteeredJob<double>& job, std::uint64_t first, int count, double* values,
                        std::size_t stride);

}  // namespace scorepath::kernels::SCOREPATH_ISA_NAME
