// The kernel that turns the values of batches into their records: a block for each batch.
#pragma once

#include "kernels/cuda/launch.hpp"

namespace scorepath::kernels::cuda {

/// The threads of a block, as those who sum a batch.
struct BlockWorkers {
  SP_HD static std::uint32_t rank() {
#if defined(__CUDA_ARCH__)
    return threadIdx.x;
#else
    return 0;
#endif
  }
  SP_HD static std::uint32_t size() {
#if defined(__CUDA_ARCH__)
    return blockDim.x;
#else
    return 1;
#endif
  }
  SP_HD static void meet() {
#if defined(__CUDA_ARCH__)
    __syncthreads();
#endif
  }
};

__global__ void __launch_bounds__(reduce_threads) reduce(const __grid_constant__ ReduceLaunch launch) {
  extern __shared__ double memory[];
  const std::uint64_t b = blockIdx.x;
  const BatchRecord record = batch_record(BlockWorkers{}, launch.values + b * launch.stride, launch.batches[b].count,
                                          launch.log2_length, memory);
  if (threadIdx.x == 0) launch.records[b] = record;
}

}  // namespace scorepath::kernels::cuda
