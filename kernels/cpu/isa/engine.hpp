// The loops over packs, for whatever pack this translation unit is compiled for. All of it is internal to the unit: an
// inline function that another unit also defines could be merged with a wider instruction set's.
#pragma once

#include <cstdlib>
#include <new>

#include "kernels/bridge.hpp"
#include "kernels/combinations.hpp"
#include "kernels/cpu/cpu_kernels.hpp"
#include "kernels/cpu/pack.hpp"
#include "kernels/increments.hpp"
#include "kernels/path.hpp"
#include "kernels/rays.hpp"
#include "kernels/slice.hpp"
#include "kernels/weights.hpp"

namespace scorepath::kernels {
namespace {

/// Memory of one call, aligned for packs.
template <class F>
struct Scratch {
  F* lanes;
  explicit Scratch(long count)
      : lanes(static_cast<F*>(std::aligned_alloc(64, (static_cast<std::size_t>(count) * sizeof(F) + 63) / 64 * 64))) {
    if (lanes == nullptr) throw std::bad_alloc();
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() { std::free(lanes); }
};

#if defined(SCOREPATH_ISA_BASELINE) && defined(__x86_64__)
constexpr bool emulates_fma = true;
#else
constexpr bool emulates_fma = false;
#endif

/// The double lane checks and calibrates, and where fma is emulated nothing else counts: one run-time dimension serves
/// them. Packs get the specialised ones.
template <class F, class T, class Visitor>
SP_HD void visit(const ScoreTables<T>& tables, const Visitor& visitor) {
  if constexpr (is_double_v<F> || emulates_fma) {
    visit_score_of_dimension<0>(tables, visitor);
  } else {
    visit_score(tables, visitor);
  }
}

template <class F>
void slice_loop(const SliceJob<scalar_t<F>>& job, std::uint64_t first, int count, scalar_t<F>* values) {
  const long levels = level_size(job.score);
  const Scratch<F> memory(workspace_size<F>(job.score.dim, levels));
  const Workspace<F> work = make_workspace(memory.lanes, job.score.dim);
  visit<F>(
      job.score, [&](const auto& score) __attribute__((always_inline)) {
        for (int i = 0; i < count; i += width_v<F>) {
          store(values + i,
                run_slices<std::decay_t<decltype(score)>, F>(score, job, first + static_cast<std::uint64_t>(i), work));
        }
      });
}

/// run(i, score, path, work) for every pack of samples, i its first one's place.
template <class F, class Job, class Run>
SP_HD void loop_over_packs(const Job& job, std::uint64_t first, int count, const Run& run) {
  const Scratch<F> memory(workspace_size<F>(job.score.dim, 0));
  const Workspace<F> work = make_workspace(memory.lanes, job.score.dim);
  visit<F>(
      job.score, [&](const auto& score) __attribute__((always_inline)) {
        for (int i = 0; i < count; i += width_v<F>) {
          run(i, score, first + static_cast<std::uint64_t>(i), work);
        }
      });
}

/// What a pack of a job works in: with the normals of its paths, where they are Sobol' points.
template <class F>
class PathSpace {
 public:
  template <class Job>
  explicit PathSpace(const Job& job)
      : sobol_(job.sobol),
        noise_(job.noise),
        steps_(job.steps),
        dim_(job.score.dim),
        memory_(sobol_.directions != nullptr ? static_cast<long>(bridge_memory(steps_, dim_)) : 1) {}
  Workspace<F> of(std::uint64_t first, Workspace<F> work) const {
    if (sobol_.directions != nullptr)
      work.normals = fill_bridged_normals<F>(sobol_, noise_, first, steps_, dim_, memory_.lanes);
    return work;
  }

 private:
  const SobolPaths& sobol_;
  const Stream& noise_;
  std::uint32_t steps_;
  int dim_;
  Scratch<F> memory_;
};

template <class F>
void path_loop(const PathJob<scalar_t<F>>& job, std::uint64_t first, int count, scalar_t<F>* values) {
  const PathSpace<F> space(job);
  loop_over_packs<F>(
      job, first, count,
      [&](int i, const auto& score, std::uint64_t path, const Workspace<F>& work) __attribute__((always_inline)) {
        store(values + i, run_paths<std::decay_t<decltype(score)>, F>(score, job, path, space.of(path, work)));
      });
}

template <class F>
void increment_loop(const IncrementJob<scalar_t<F>>& job, std::uint64_t first, int count, scalar_t<F>* values) {
  const PathSpace<F> space(job);
  loop_over_packs<F>(
      job, first, count,
      [&](int i, const auto& score, std::uint64_t path, const Workspace<F>& given) __attribute__((always_inline)) {
        const Workspace<F> work = space.of(path, given);
        store(values + i, job.divergence ? run_increments<true>(score, job, path, work)
                                         : run_increments<false>(score, job, path, work));
      });
}

template <class F>
void ray_loop(const RayJob<scalar_t<F>>& job, std::uint64_t first, int count, scalar_t<F>* values) {
  loop_over_packs<F>(
      job, first,
      count, [&](int i, const auto& score, std::uint64_t ray, const Workspace<F>& work) __attribute__((always_inline)) {
        store(values + i, run_rays(score, job, ray, work));
      });
}

template <class F>
void weight_loop(const WeightJob<scalar_t<F>>& job, std::uint64_t first, int count, scalar_t<F>* values,
                 std::size_t stride) {
  loop_over_packs<F>(
      job, first, count,
      [&](int i, const auto& score, std::uint64_t path, const Workspace<F>& work) __attribute__((always_inline)) {
        const ChainValues<F> weights = run_weights(score, job, path, work);
        for (std::size_t c = 0; c < weight_chains; ++c) store(values + c * stride + i, weights.chain[c]);
      });
}

template <class T>
void level_loop(const ScoreTables<T>& tables, const T* r, std::uint32_t steps, T* rows) {
  visit_score_of_dimension<0>(
      tables, [&](const auto& score) __attribute__((always_inline)) {
        for (std::uint32_t k = 0; k < steps; ++k) {
          score.template fill_level<T>(
              r[k], rows + static_cast<std::size_t>(k) * static_cast<std::size_t>(score.level_size()));
        }
      });
}

}  // namespace
}  // namespace scorepath::kernels
