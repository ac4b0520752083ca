// The kernels of steered paths: threads to paths, as in engine.cuh, for the formulas of kernels/steered.hpp.
#pragma once

#include "kernels/cuda/engine.cuh"
#include "kernels/steered.hpp"

namespace scorepath::kernels::cuda {

/// Stores the coordinates of every steered path of a launch, and what it carries.
template <bool carries, class Score, class F>
__device__ __forceinline__ void run_steered_paths(const SteeredLaunch& launch) {
  using Team = decltype(Score::team);
  F noise[uses_noise_memory<Score> ? 64 : 1], scratch[score_scratch];
  const Workspace<F> work{noise, nullptr, nullptr, nullptr, nullptr, scratch, {}};
  const Geometry& geometry = launch.geometry;
  const Team team = TeamMaker<Team>::make(geometry.team, launch.job.score.panels,
                                          static_cast<int>(geometry.team) * Score::static_dim);
  for (std::uint64_t piece = blockIdx.x; piece < geometry.pieces(); piece += gridDim.x) {
    const Place place = place_of(geometry, piece, threadIdx.x);
    if (place.is_empty) continue;
    const Batch batch = geometry.batches[place.batch];
    const PointPlace point = launch.points[batch.point];
    SteeredJob<float> job = launch.job;
    const PointShift shift(point.bytes);
    shift(job.score);
    shift(job.reference);
    shift(job.reference_inverse);
    shift(job.levels);
    shift(job.table);
    shift(job.start_mean), shift(job.start_deviation);
    if (carries) shift(job.coarse_table), shift(job.coarse_levels), shift(job.coarse_inverse);
    shift(job.far_slope), shift(job.far_square);
    job.noise.point = job.prior.point = point.key;
    const Score score(job.score, team);
    float* values = launch.values + std::uint64_t{place.batch} * (launch.numbers * geometry.places) + place.sample;
    float* coordinates = values + (carries ? carried_values : 0) * std::uint64_t{geometry.places};
    const auto store_coordinate = [&](int j, F y) __attribute__((always_inline)) {
      const int coordinate = team.first() + j;
      const bool stores = place.is_own && coordinate < score.path_dim;
      if (stores) coordinates[std::uint64_t(coordinate) * geometry.places] = static_cast<float>(y);
    };
    const Carried<F> carried =
        run_passes<carries>(score, job, batch.first + place.sample * batch.stride, work, store_coordinate);
    if (carries && place.stores) {
      values[0] = static_cast<float>(carried.value);
      values[geometry.places] = static_cast<float>(carried.sum);
      values[2 * geometry.places] = static_cast<float>(carried.square);
    }
  }
}

template <class Score, class F>
__global__ void __launch_bounds__(block_threads_of<decltype(Score::team)>, least_blocks)
    steered(const __grid_constant__ SteeredLaunch launch) {
  run_steered_paths<false, Score, F>(launch);
}

template <class Score, class F>
__global__ void __launch_bounds__(block_threads_of<decltype(Score::team)>, least_blocks)
    carried(const __grid_constant__ SteeredLaunch launch) {
  run_steered_paths<true, Score, F>(launch);
}

}  // namespace scorepath::kernels::cuda
