// The kernels: thin loops that map threads to samples and call the formulas of kernels/path.hpp,
// kernels/increments.hpp, kernels/rays.hpp, kernels/weights.hpp and kernels/slice.hpp.
#pragma once

#include "kernels/cuda/launch.hpp"
#include "kernels/cuda/scores.hpp"
#include "kernels/increments.hpp"
#include "kernels/path.hpp"
#include "kernels/rays.hpp"
#include "kernels/slice.hpp"
#include "kernels/weights.hpp"

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
    (*this)(t.axes);
    (*this)(t.axis_variances);
  }
  __device__ void operator()(ReferenceTables<float>& t) const {
    (*this)(t.mean);
    (*this)(t.variances);
  }

 private:
  std::int64_t bytes_;
};

/// Where the values of a launch go: one for a sample, or one for each chain that weighs it.
template <class F>
__device__ __forceinline__ void store_values(const Geometry& geometry, float* values, const Place& place, F value) {
  values[std::uint64_t{place.batch} * geometry.places + place.sample] = static_cast<float>(value);
}
template <class F>
__device__ __forceinline__ void store_values(const Geometry& geometry, float* values, const Place& place,
                                             const ChainValues<F>& value) {
  float* of_batch = values + std::uint64_t{place.batch} * (weight_chains * geometry.places) + place.sample;
  for (std::uint32_t c = 0; c < weight_chains; ++c) of_batch[c * geometry.places] = static_cast<float>(value.chain[c]);
}

/// Stores value(sample, its point's place) of every sample that the calling thread has part in.
template <class Launch, class Value>
__device__ __forceinline__ void for_each_sample(const Launch& launch, const Value& value) {
  for (std::uint64_t piece = blockIdx.x; piece < launch.geometry.pieces(); piece += gridDim.x) {
    const Place place = place_of(launch.geometry, piece, threadIdx.x);
    if (place.is_empty) continue;
    const Batch batch = launch.geometry.batches[place.batch];
    const auto v = value(batch.first + place.sample * batch.stride, launch.points[batch.point]);
    if (place.stores) store_values(launch.geometry, launch.values, place, v);
  }
}

template <class Score>
inline constexpr bool uses_noise_memory = Score::static_dim <= 16 && decltype(Score::team)::is_padded;

/// Scores whose step loops are compiled for plain steps too: there a test costs more than a sum.
template <class Score>
inline constexpr bool has_forms = std::is_same_v<decltype(Score::team), Solo>;

/// run_paths() compiled for the form of the job.
template <class Score, class F>
__device__ __forceinline__ F run_paths_of_form(PathForm form, const Score& score, const PathJob<float>& job,
                                               std::uint64_t path, const Workspace<F>& work) {
  if constexpr (has_forms<Score>) {
    if (form == PathForm::plain) return run_paths<Score, F, PathForm::plain>(score, job, path, work);
    if (form == PathForm::plain_pairs) return run_paths<Score, F, PathForm::plain_pairs>(score, job, path, work);
  }
  return run_paths<Score, F>(score, job, path, work);
}

/// Stores run(score, job, sample, work) of every sample of a launch whose levels are tables: all but slices.
template <class Score, class F, class Launch, class Run>
__device__ __forceinline__ void run_samples(const Launch& launch, const Run& run) {
  using Team = decltype(Score::team);
  F noise[uses_noise_memory<Score> ? 64 : 1], scratch[score_scratch];
  const Workspace<F> work{noise, nullptr, nullptr, nullptr, nullptr, scratch, {}};
  const Team team = TeamMaker<Team>::make(launch.geometry.team, launch.job.score.panels,
                                          static_cast<int>(launch.geometry.team) * Score::static_dim);
  for_each_sample(
      launch, [&](std::uint64_t sample, const PointPlace& point) __attribute__((always_inline)) {
        auto job = launch.job;
        const PointShift shift(point.bytes);
        shift(job.score);
        shift(job.reference);
        shift(job.reference_inverse);
        shift(job.levels);
        shift(job.table);
        if constexpr (requires { job.position; }) shift(job.position);
        if constexpr (requires { job.first_difference; }) shift(job.first_difference);
        if constexpr (requires { job.far_slope; }) shift(job.far_slope), shift(job.far_square);
        job.noise.point = point.key;
        return run(Score(job.score, team), job, sample, work);
      });
}

template <class Score, class F>
__global__ void __launch_bounds__(block_threads_of<decltype(Score::team)>, least_blocks)
    paths(const __grid_constant__ PathLaunch launch) {
  run_samples<Score, F>(
      launch, [&](const Score& score, const auto& job, std::uint64_t sample, const Workspace<F>& work) __attribute__((
                  always_inline)) { return run_paths_of_form<Score, F>(launch.form, score, job, sample, work); });
}

template <class Score, class F>
__global__ void __launch_bounds__(block_threads_of<decltype(Score::team)>, least_blocks)
    increments(const __grid_constant__ IncrementLaunch launch) {
  run_samples<Score, F>(
      launch, [&](const Score& score, const auto& job, std::uint64_t sample, const Workspace<F>& work)
                  __attribute__((always_inline)) { return run_increments<true>(score, job, sample, work); });
}

template <class Score, class F>
__global__ void __launch_bounds__(block_threads_of<decltype(Score::team)>, least_blocks)
    score_increments(const __grid_constant__ IncrementLaunch launch) {
  run_samples<Score, F>(
      launch, [&](const Score& score, const auto& job, std::uint64_t sample, const Workspace<F>& work)
                  __attribute__((always_inline)) { return run_increments<false>(score, job, sample, work); });
}

template <class Score, class F>
__global__ void __launch_bounds__(block_threads_of<decltype(Score::team)>, least_blocks)
    rays(const __grid_constant__ RayLaunch launch) {
  run_samples<Score, F>(
      launch, [&](const Score& score, const auto& job, std::uint64_t sample, const Workspace<F>& work)
                  __attribute__((always_inline)) { return run_rays(score, job, sample, work); });
}

template <class Score, class F>
__global__ void __launch_bounds__(block_threads_of<decltype(Score::team)>, least_blocks)
    weights(const __grid_constant__ WeightLaunch launch) {
  run_samples<Score, F>(
      launch, [&](const Score& score, const auto& job, std::uint64_t sample, const Workspace<F>& work)
                  __attribute__((always_inline)) { return run_weights(score, job, sample, work); });
}

template <class Score, class F>
__global__ void __launch_bounds__(block_threads_of<decltype(Score::team)>, least_blocks)
    slices(const __grid_constant__ SliceLaunch launch) {
  using Team = decltype(Score::team);
  F noise[uses_noise_memory<Score> ? 64 : 1], scratch[score_scratch];
  const std::uint32_t slot = blockIdx.x * launch.geometry.samples_per_piece() + threadIdx.x / launch.geometry.team;
  const Workspace<F> work{noise,
                          nullptr,
                          nullptr,
                          nullptr,
                          nullptr,
                          scratch,
                          {reinterpret_cast<F*>(launch.levels) + slot, launch.level_stride}};
  const Team team = TeamMaker<Team>::make(launch.geometry.team, launch.job.score.panels,
                                          static_cast<int>(launch.geometry.team) * Score::static_dim);
  for_each_sample(
      launch, [&](std::uint64_t slice, const PointPlace& point) __attribute__((always_inline)) {
        SliceJob<float> job = launch.job;
        const PointShift shift(point.bytes);
        shift(job.score);
        shift(job.reference);
        shift(job.law.a);
        shift(job.law.b);
        shift(job.law.c);
        job.noise.point = job.time.point = job.scramble.point = point.key;
        return run_slices<Score, F>(Score(job.score, team), job, slice, work);
      });
}

}  // namespace scorepath::kernels::cuda
