#include "bench/cuda/random.cuh"
#include "kernels/cuda/fast_lane.hpp"

namespace scorepath::bench {

RandomKernels fast_random() { return random_kernels_of<kernels::cuda::FastReal>(); }

}  // namespace scorepath::bench
