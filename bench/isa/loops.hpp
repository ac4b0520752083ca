// The measured loops over any lane type, internal to each translation unit.
#pragma once

#include "bench/isa/parts.hpp"
#include "bench/isa/pathwise.hpp"

namespace scorepath::bench {
namespace {

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

/// The engine's loop over paths for the scores that the scalar lane is measured with.
template <class Score>
SP_HD void scalar_path_loop(const Score& score, const PathJob<float>& job, std::uint64_t first, int count,
                            float* values) {
  const Scratch<float> memory(workspace_size<float>(job.score.dim, 0));
  const Workspace<float> work = make_workspace(memory.lanes, job.score.dim);
  for (int i = 0; i < count; ++i) {
    values[i] = run_paths<Score, float>(score, job, first + static_cast<std::uint64_t>(i), work);
  }
}

template <int D>
SP_HD void scalar_paths_of_dimension(const PathJob<float>& job, std::uint64_t first, int count, float* values) {
  const auto& t = job.score;
  if (t.kind == ScoreKind::gaussian) {
    return scalar_path_loop(GaussianScore<float, D>(t), job, first, count, values);
  }
  const MixtureShared<float, D> score(t);
  scalar_path_loop(score, job, first, count, values);
}

[[maybe_unused]] void scalar_paths(const PathJob<float>& job, std::uint64_t first, int count, float* values) {
  switch (job.score.dim) {
    case 1:
      return scalar_paths_of_dimension<1>(job, first, count, values);
    case 2:
      return scalar_paths_of_dimension<2>(job, first, count, values);
    case 4:
      return scalar_paths_of_dimension<4>(job, first, count, values);
    case 8:
      return scalar_paths_of_dimension<8>(job, first, count, values);
    case 16:
      return scalar_paths_of_dimension<16>(job, first, count, values);
    default:
      return scalar_paths_of_dimension<0>(job, first, count, values);
  }
}

/// Slices of the two scores at run-time dimension.
[[maybe_unused]] void scalar_slices(const SliceJob<float>& job, std::uint64_t first, int count, float* values) {
  const auto& t = job.score;
  const Scratch<float> memory(workspace_size<float>(t.dim, level_size(t.kind, t.dim, t.panels)));
  const Workspace<float> work = make_workspace(memory.lanes, t.dim);
  const MixtureShared<float, 0> score(t);
  for (int i = 0; i < count; ++i) {
    values[i] = run_slices<MixtureShared<float, 0>, float>(score, job, first + static_cast<std::uint64_t>(i), work);
  }
}

[[maybe_unused]] LaneKernels scalar_kernels(const char* lane) {
  return {lane, 1, words<float>, normals<float>, scalar_paths, scalar_slices, pathwise<float>, evaluate<float>};
}

}  // namespace
}  // namespace scorepath::bench
