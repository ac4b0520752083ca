#include "bench/cuda/random.cuh"

namespace scorepath::bench {

RandomKernels reproducible_random() { return random_kernels_of<float>(); }

}  // namespace scorepath::bench
