// The kernels: thin loops that map threads to samples and call the formulas of kernels/path.hpp and kernels/slice.hpp.
#pragma once

#include "kernels/cuda/launch.hpp"
#include "kernels/cuda/scores.hpp"
#include "kernels/path.hpp"
#include "kernels/slice.hpp"

namespace scorepath::kernels::cuda {

template <class Team>
inline constexpr int block_threads_of = usual_threads;
template <>
inline constexpr int block_threads_of<ThreadTeam<most_threads>> = most_threads;

/// Blocks that a multiprocessor must hold: with one, a thread may have all the registers that it wants.
inline constexpr int least_blocks = 1;

template <class Team>
__device__ __forceinline__ Team make_team(std::uint32_t size) {
  if constexpr (requires { Team::block_threads; }) {
    __shared__ float exchange[Team::block_threads / warp_size * most_sums];
    return Team(static_cast<int>(threadIdx.x), static_cast<int>(size), exchange);
  } else {
    return Team{};
  }
}

/// The team of the calling thread, `size` threads on a path; panels: of the score's components.
template <class Team>
struct TeamMaker {
  __device__ __forceinline__ static Team make(std::uint32_t size, int, int) { return make_team<Team>(size); }
};
template <class Base>
struct TeamMaker<Staged<Base>> {
  __device__ __forceinline__ static Staged<Base> make(std::uint32_t size, int panels, int row) {
    extern __shared__ __align__(16) float staged_memory[];
    return {make_team<Base>(size), staged_memory, panels, row * panel_width};
  }
};

/// Pointers into the tables of point 0 to those of point `point`.
class PointShift {
 public:
  __device__ explicit PointShift(std::int64_t bytes) : bytes_(bytes) {}
  template <class T>
  __device__ void operator()(const T*& pointer) const {
    pointer = reinterpret_cast<const T*>(reinterpret_cast<const char*>(pointer) + bytes_);
  }
  __device__ void operator()(ScoreTables<float>& t) const {
    (*this)(t.reference);
    (*this)(t.means);
    (*this)(t.variances);
    (*this)(t.log2_weights);
    (*this)(t.negative_norms);
    (*this)(t.square_norms);
  }
  __device__ void operator()(ReferenceTables<float>& t) const {
    (*this)(t.mean);
    (*this)(t.variances);
  }

 private:
  std::int64_t bytes_;
};

template <class Score>
inline constexpr bool uses_noise_memory = Score::static_dim <= 16 && decltype(Score::team)::is_padded;

template <class Score, class F>
__global__ void __launch_bounds__(block_threads_of<decltype(Score::team)>, least_blocks)
    paths(const __grid_constant__ PathLaunch launch) {
  using Team = decltype(Score::team);
  F noise[uses_noise_memory<Score> ? 64 : 1], scratch[score_scratch];
  const Workspace<F> work{noise, nullptr, nullptr, nullptr, scratch, {}};
  const Team team = TeamMaker<Team>::make(launch.geometry.team, launch.job.score.panels,
                                          static_cast<int>(launch.geometry.team) * Score::static_dim);
  for (std::uint64_t piece = blockIdx.x; piece < launch.geometry.pieces(); piece += gridDim.x) {
    const Place place = place_of(launch.geometry, piece, threadIdx.x);
    if (place.is_empty) continue;
    const Batch batch = launch.geometry.batches[place.batch];
    PathJob<float> job = launch.job;
    const PointPlace point = launch.points[batch.point];
    const PointShift shift(point.bytes);
    shift(job.score);
    shift(job.reference);
    shift(job.reference_inverse);
    shift(job.levels);
    shift(job.table);
    shift(job.position);
    job.noise.point = point.key;
    const F value = run_paths<Score, F>(Score(job.score, team), job, batch.first + place.sample * batch.stride, work);
    if (place.stores) {
      launch.values[std::uint64_t{place.batch} * launch.geometry.places + place.sample] = static_cast<float>(value);
    }
  }
}

template <class Score, class F>
__global__ void __launch_bounds__(block_threads_of<decltype(Score::team)>, least_blocks)
    slices(const __grid_constant__ SliceLaunch launch) {
  using Team = decltype(Score::team);
  F noise[uses_noise_memory<Score> ? 64 : 1], scratch[score_scratch];
  const std::uint32_t path = blockIdx.x * launch.geometry.samples_per_piece() + threadIdx.x / launch.geometry.team;
  const Workspace<F> work{noise,   nullptr, nullptr,
                          nullptr, scratch, {reinterpret_cast<F*>(launch.levels) + path, launch.level_stride}};
  const Team team = TeamMaker<Team>::make(launch.geometry.team, launch.job.score.panels,
                                          static_cast<int>(launch.geometry.team) * Score::static_dim);
  for (std::uint64_t piece = blockIdx.x; piece < launch.geometry.pieces(); piece += gridDim.x) {
    const Place place = place_of(launch.geometry, piece, threadIdx.x);
    if (place.is_empty) continue;
    const Batch batch = launch.geometry.batches[place.batch];
    SliceJob<float> job = launch.job;
    const PointPlace point = launch.points[batch.point];
    const PointShift shift(point.bytes);
    shift(job.score);
    shift(job.reference);
    shift(job.law.a);
    shift(job.law.b);
    shift(job.law.c);
    job.noise.point = job.time.point = job.scramble.point = point.key;
    const F value = run_slices<Score, F>(Score(job.score, team), job, batch.first + place.sample * batch.stride, work);
    if (place.stores) {
      launch.values[std::uint64_t{place.batch} * launch.geometry.places + place.sample] = static_cast<float>(value);
    }
  }
}

}  // namespace scorepath::kernels::cuda
