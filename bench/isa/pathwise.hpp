// One pack of paths with score, divergence and the sums of the pathwise log-density, in the stationary frame around the
// query point.
#pragma once

#include "bench/bench_kernels.hpp"
#include "kernels/cpu/isa/engine.hpp"

namespace scorepath::bench {
namespace {

using namespace scorepath::kernels;

/// -log p(x) but for constants (bench/jobs.cpp adds them): the Stratonovich sum, its leading bias taken off, and Z_N's
/// part of the far end. previous [dim].
template <class Score, class F>
SP_HD F run_pathwise(const Score& score, const PathwiseJob& job, std::uint64_t first_path, const Workspace<F>& work,
                     F* memory) {
  constexpr int D = Score::static_dim;
  const int d = score.dim();
  const auto chunk = static_cast<std::uint32_t>(steps_per_chunk<F>(d));
  const auto level_size = static_cast<std::size_t>(score.level_size());
  Coordinates<F, D> state(work.state), delta(work.delta), s(work.score), previous(memory), change(memory + d);
  F work_sum = constant<F>(0.0);   // (S_{k-1} + S_k) . (Z_k - Z_{k-1})
  F drift_sum = constant<F>(0.0);  // Z.S + div S + |S|^2

  F divergence;
  for (int j = 0; j < d; ++j) state[j] = delta[j] = constant<F>(0.0);
  score.template evaluate<true>(delta.data(), SharedLevel<F>{job.levels}, work.scratch, s.data(), divergence);
  F scale = broadcast<F>(job.scales[0]);
  const F first_divergence = divergence * (scale * scale);
  F term = first_divergence;
  for (int j = 0; j < d; ++j) {
    previous[j] = s[j] * scale;
    term = fma(previous[j], previous[j], term);
  }
  const F first_term = term;

  const F decay = broadcast<F>(job.decay);
  const F kick = broadcast<F>(job.kick);
  for (std::uint32_t k = 0; k < job.steps; ++k) {
    if (k % chunk == 0) {
      fill_normals<F>(job.noise, first_path, block_of_step(k, static_cast<std::uint32_t>(d)),
                      normals_of_chunk<F>(k, job.steps, d), work.noise);
    }
    const F* z = work.noise + (k % chunk) * static_cast<std::uint32_t>(d);
    scale = broadcast<F>(job.scales[k + 1]);
    for (int j = 0; j < d; ++j) {
      change[j] = fma(kick, z[j], decay * state[j]);
      state[j] = state[j] + change[j];
      delta[j] = state[j] * scale;
    }
    const SharedLevel<F> level{job.levels + (k + 1) * level_size};
    score.template evaluate<true>(delta.data(), level, work.scratch, s.data(), divergence);
    term = divergence * (scale * scale);
    for (int j = 0; j < d; ++j) {
      const F scaled = s[j] * scale;
      term = fma(scaled, state[j] + scaled, term);
      work_sum = fma(previous[j] + scaled, change[j], work_sum);
      previous[j] = scaled;
    }
    drift_sum = drift_sum + term;
  }

  const F step = broadcast<F>(job.step);
  drift_sum = fma(first_term - term, constant<F>(0.5), drift_sum);
  F total = (work_sum + drift_sum * step) * constant<F>(0.5);
  total = fma(step * constant<F>(0.25), first_divergence - divergence * (scale * scale), total);
  F square = constant<F>(0.0);
  for (int j = 0; j < d; ++j) {
    const F difference = state[j] - broadcast<F>(job.end_mean[j]);
    square = fma(difference, difference, square);
  }
  return fma(square, broadcast<F>(job.end_inverse_variance) * constant<F>(0.5), total);
}

template <int D, class F>
SP_HD void pathwise_loop(const PathwiseJob& job, std::uint64_t first, int count, float* values) {
  const auto& t = job.score;
  const MixtureShared<float, D> score(t);
  const Scratch<F> memory(workspace_size<F>(t.dim, 0) + 2L * t.dim);
  const Workspace<F> work = make_workspace(memory.lanes, t.dim);
  for (int i = 0; i < count; i += width_v<F>) {
    store(values + i, run_pathwise<MixtureShared<float, D>, F>(score, job, first + static_cast<std::uint64_t>(i), work,
                                                               memory.lanes + workspace_size<F>(t.dim, 0)));
  }
}

template <class F>
void pathwise(const PathwiseJob& job, std::uint64_t first, int count, float* values) {
  if (job.static_dimension && job.score.dim == 2) return pathwise_loop<2, F>(job, first, count, values);
  if (job.static_dimension && job.score.dim == 8) return pathwise_loop<8, F>(job, first, count, values);
  if (job.static_dimension && job.score.dim == 16) return pathwise_loop<16, F>(job, first, count, values);
  pathwise_loop<0, F>(job, first, count, values);
}

}  // namespace
}  // namespace scorepath::bench
