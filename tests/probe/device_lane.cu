// The numerics compiled for the device, before there is a CUDA back end: one thread runs one path with the scalar float
// lane, through the same functions that the packs run. Built where a toolkit is; nothing here is launched.
#include "kernels/combinations.hpp"
#include "kernels/path.hpp"
#include "kernels/slice.hpp"

namespace scorepath::kernels::probe {

template <class Score>
__global__ void paths(Score score, PathJob<float> job, Workspace<float> work, float* values) {
  const std::uint64_t path = std::uint64_t{blockIdx.x} * blockDim.x + threadIdx.x;
  values[path] = run_paths<Score, float>(score, job, path, work);
}

template <class Score>
__global__ void slices(Score score, SliceJob<float> job, Workspace<float> work, float* values) {
  const std::uint64_t path = std::uint64_t{blockIdx.x} * blockDim.x + threadIdx.x;
  values[path] = run_slices<Score, float>(score, job, path, work);
}

template __global__ void paths(GaussianScore<float, 2>, PathJob<float>, Workspace<float>, float*);
template __global__ void paths(MixtureShared<float, 2>, PathJob<float>, Workspace<float>, float*);
template __global__ void paths(MixtureIsotropic<float, 0>, PathJob<float>, Workspace<float>, float*);
template __global__ void slices(MixtureShared<float, 2>, SliceJob<float>, Workspace<float>, float*);
template __global__ void slices(MixtureDiagonal<float, 0>, SliceJob<float>, Workspace<float>, float*);

}  // namespace scorepath::kernels::probe
