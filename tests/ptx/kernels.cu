// Kernels that the interpreter runs: whole samples, one thread each, with a workspace of its own; and what larger
// kernels will be made of (shared memory, shuffles, tables of constants). Only compiled to PTX; nothing here is
// launched.
#include "kernels/combinations.hpp"
#include "kernels/path.hpp"
#include "kernels/slice.hpp"

namespace scorepath::kernels::interpreted {

template <class Score>
__global__ void paths(Score score, PathJob<float> job, float* memory, long per_thread, std::uint64_t first,
                      unsigned count, float* values) {
  const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= count) return;
  const Workspace<float> work = make_workspace(memory + i * per_thread, score.dim());
  values[i] = run_paths<Score, float>(score, job, first + i, work);
}

template <class Score>
__global__ void slices(Score score, SliceJob<float> job, float* memory, long per_thread, std::uint64_t first,
                       unsigned count, float* values) {
  const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= count) return;
  const Workspace<float> work = make_workspace(memory + i * per_thread, score.dim());
  values[i] = run_slices<Score, float>(score, job, first + i, work);
}

template __global__ void paths(MixtureShared<float, 2>, PathJob<float>, float*, long, std::uint64_t, unsigned, float*);
template __global__ void paths(MixtureIsotropic<float, 0>, PathJob<float>, float*, long, std::uint64_t, unsigned,
                               float*);
template __global__ void slices(MixtureShared<float, 2>, SliceJob<float>, float*, long, std::uint64_t, unsigned,
                                float*);
template __global__ void slices(MixtureDiagonal<float, 0>, SliceJob<float>, float*, long, std::uint64_t, unsigned,
                                float*);

/// The sum of a block of 32 n threads in double: shuffles within warps, then shared memory.
__global__ void block_sums(const float* values, unsigned count, double* sums) {
  __shared__ double of_warp[32];
  extern __shared__ double scaled[];
  const unsigned i = blockIdx.x * blockDim.x + threadIdx.x, lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  scaled[threadIdx.x] = i < count ? 2.0 * values[i] : 0.0;
  __syncthreads();
  double sum = scaled[blockDim.x - 1 - threadIdx.x];
  for (int distance = 16; distance > 0; distance /= 2) sum += __shfl_xor_sync(0xffffffffu, sum, distance);
  if (lane == 0) of_warp[warp] = sum;
  __syncthreads();
  if (threadIdx.x == 0) {
    double total = 0;
    for (unsigned w = 0; w < blockDim.x / 32; ++w) total += of_warp[w];
    sums[blockIdx.x] = total;
  }
}

__constant__ float weights[5] = {1.0f, -2.5f, 0.25f, 3.0f, 1e-3f};
__device__ const int powers[4] = {1, -10, 100, -1000};

/// Things that formulas do seldom: 64-bit and 8-bit integers, doubles, tables of constants, a local array.
__global__ void sundries(const std::int8_t* bytes, const std::uint64_t* wide, double* results,
                         std::uint64_t* integers) {
  const unsigned i = threadIdx.x;
  float recent[8];
  for (int k = 0; k < 8; ++k) recent[(k * 3 + i) % 8] = weights[k % 5] * static_cast<float>(k + bytes[i]);
  const std::uint64_t n = wide[i];
  const double x = static_cast<double>(n) / (1.0 + static_cast<double>(bytes[i]) * bytes[i]);
  results[i] = sqrt(x) + recent[i % 8] + powers[i & 3];
  integers[i] = __umul64hi(n, n ^ 0x9e3779b97f4a7c15u) + n / (i + 3) % 1000003 + __popcll(n) + __clzll(n) +
                (__brev(static_cast<unsigned>(n)) >> 3) + static_cast<std::uint64_t>(static_cast<long long>(x));
}

}  // namespace scorepath::kernels::interpreted
