// The measured loops over any lane type, internal to each translation unit.
#pragma once

#include "bench/bench_kernels.hpp"
#include "bench/isa/parts.hpp"
#include "kernels/cpu/isa/engine.hpp"

namespace scorepath::bench {
namespace {

using namespace scorepath::kernels;

template <class F>
void words(const Stream& stream, std::uint64_t first, int blocks, std::uint32_t* out) {
  for (int i = 0; i < blocks; i += 2) {
    word_t<F> group[2][4];
    random_words<F, 2>(stream, first, static_cast<std::uint32_t>(i), group);
    for (int q = 0; q < 8; ++q) store_words(out + (i * 4 + q) * width_v<F>, group[q / 4][q % 4]);
  }
}

template <class F>
void normals(const Stream& stream, std::uint64_t first, int count, float* out) {
  fill_normals<F>(stream, first, 0, count, reinterpret_cast<F*>(out));
}

template <class F>
void evaluate(const ScoreTables<float>& t, const float* level, bool with_divergence, const float* delta, float* out) {
  const MixtureShared<float, 0> score(t);
  F scratch[score_scratch];
  const F* at = reinterpret_cast<const F*>(delta);
  F* to = reinterpret_cast<F*>(out);
  if (with_divergence) {
    score.template evaluate<true>(at, SharedLevel<F>{level}, scratch, to, to[t.dim]);
  } else {
    score.template evaluate<false>(at, SharedLevel<F>{level}, scratch, to, to[t.dim]);
  }
}

/// run(score, sample, work) for every sample, for the scores and dimensions that the scalar lane is measured with.
template <class Job, class Run>
SP_HD void scalar_loop(const Job& job, std::uint64_t first, int count, float* values, const Run& run) {
  const Scratch<float> memory(workspace_size<float>(job.score.dim, 0));
  const Workspace<float> work = make_workspace(memory.lanes, job.score.dim);
  const auto each = [&](const auto& score) __attribute__((always_inline)) {
    for (int i = 0; i < count; ++i) values[i] = run(score, first + static_cast<std::uint64_t>(i), work);
  };
  const auto of_dimension = [&]<int D>(std::integral_constant<int, D>) __attribute__((always_inline)) {
    if (job.score.kind == ScoreKind::gaussian) return each(GaussianScore<float, D>(job.score));
    each(MixtureShared<float, D>(job.score));
  };
  switch (job.score.dim) {
    case 1:
      return of_dimension(std::integral_constant<int, 1>{});
    case 2:
      return of_dimension(std::integral_constant<int, 2>{});
    case 4:
      return of_dimension(std::integral_constant<int, 4>{});
    case 8:
      return of_dimension(std::integral_constant<int, 8>{});
    case 16:
      return of_dimension(std::integral_constant<int, 16>{});
    default:
      return of_dimension(std::integral_constant<int, 0>{});
  }
}

[[maybe_unused]] void scalar_paths(const PathJob<float>& job, std::uint64_t first, int count, float* values) {
  scalar_loop(
      job, first, count,
      values, [&](const auto& score, std::uint64_t path, const Workspace<float>& work) __attribute__((always_inline)) {
        return run_paths<std::decay_t<decltype(score)>, float>(score, job, path, work);
      });
}
[[maybe_unused]] void scalar_increments(const IncrementJob<float>& job, std::uint64_t first, int count, float* values) {
  scalar_loop(
      job, first, count,
      values, [&](const auto& score, std::uint64_t path, const Workspace<float>& work) __attribute__((always_inline)) {
        return run_increments<true>(score, job, path, work);
      });
}
[[maybe_unused]] void scalar_rays(const RayJob<float>& job, std::uint64_t first, int count, float* values) {
  scalar_loop(
      job, first, count,
      values, [&](const auto& score, std::uint64_t ray, const Workspace<float>& work) __attribute__((always_inline)) {
        return run_rays(score, job, ray, work);
      });
}

/// Slices of the two scores at run-time dimension.
[[maybe_unused]] void scalar_slices(const SliceJob<float>& job, std::uint64_t first, int count, float* values) {
  const auto& t = job.score;
  const Scratch<float> memory(workspace_size<float>(t.dim, level_size(t)));
  const Workspace<float> work = make_workspace(memory.lanes, t.dim);
  const MixtureShared<float, 0> score(t);
  for (int i = 0; i < count; ++i) {
    values[i] = run_slices<MixtureShared<float, 0>, float>(score, job, first + static_cast<std::uint64_t>(i), work);
  }
}

[[maybe_unused]] LaneKernels scalar_kernels(const char* lane) {
  return {lane,           1, words<float>, normals<float>, scalar_paths, scalar_slices, scalar_increments, scalar_rays,
          evaluate<float>};
}

}  // namespace
}  // namespace scorepath::bench
