// A point's tables in the layout of the device: one block of memory, rows of coordinates padded to what the kernel's
// threads have (scores.hpp). The one place that lists a job's tables.
#pragma once

#include <cstddef>
#include <cstring>

#include "kernels/jobs.hpp"

namespace scorepath::kernels::cuda {

/// Copies tables [outer x (coordinates x inner + tail)] one behind the other, or only counts them where `to` is null,
/// and moves the job's pointers to where the copies will be.
class TablePacker {
 public:
  /// `to` and `device`: where the block is filled, and where it will be on the device.
  TablePacker(int dim, int row, float* to, const float* device) : dim_(dim), row_(row), to_(to), device_(device) {}

  /// Floats so far.
  std::size_t used() const { return used_; }

  /// Plain numbers.
  void numbers(const float*& pointer, std::size_t count) {
    if (to_ != nullptr && count > 0) std::memcpy(to_ + used_, pointer, count * sizeof(float));
    place(pointer, count);
  }
  /// Rows of coordinates, `inner` numbers each and `tail` numbers behind; padding where a coordinate is none.
  void rows(const float*& pointer, std::size_t outer, std::size_t inner, std::size_t tail, float padding) {
    const std::size_t have = static_cast<std::size_t>(dim_) * inner, want = static_cast<std::size_t>(row_) * inner;
    for (std::size_t o = 0; o < outer && to_ != nullptr; ++o) {
      const float* from = pointer + o * (have + tail);
      float* to = to_ + used_ + o * (want + tail);
      for (std::size_t i = 0; i < want; ++i) to[i] = i < have ? from[i] : padding;
      for (std::size_t i = 0; i < tail; ++i) to[want + i] = from[have + i];
    }
    place(pointer, outer * (want + tail));
  }

 private:
  static constexpr std::size_t alignment = 32;  // floats: a line of the device's cache
  void place(const float*& pointer, std::size_t count) {
    pointer = device_ + used_;
    used_ += (count + alignment - 1) / alignment * alignment;
  }

  int dim_, row_;
  float* to_;
  const float* device_;
  std::size_t used_ = 0;
};

/// What a shape's kernels read of a score: its own numbers of the noise level, or those of rows that a job brings; and
/// whether they take divergences.
struct ScoreUse {
  bool levels_given, divergence;
};

/// The other pointers become null.
inline void pack_score(ScoreTables<float>& t, const ScoreUse& use, TablePacker& packer) {
  const auto panels = static_cast<std::size_t>(t.panels);
  const std::size_t width = panel_width;
  const auto components = static_cast<std::size_t>(t.components), axes = components * static_cast<std::size_t>(t.rank);
  const ScoreTables<float> all = t;
  t.reference = t.means = t.variances = t.log2_weights = t.negative_norms = t.square_norms = nullptr;
  t.axes = t.axis_variances = nullptr;
  const auto take = [](const float*& to, const float* from) -> const float*& { return to = from, to; };
  switch (t.kind) {
    case ScoreKind::gaussian:
      packer.rows(take(t.reference, all.reference), 1, 1, 0, 0.0f);
      if (!use.levels_given) packer.rows(take(t.variances, all.variances), 1, 1, 0, 1.0f);
      return;
    case ScoreKind::mixture_shared:
      packer.rows(take(t.reference, all.reference), 1, 1, 0, 0.0f);
      packer.rows(take(t.means, all.means), panels, width, 0, 0.0f);
      packer.numbers(take(t.log2_weights, all.log2_weights), panels * width);
      packer.numbers(take(t.negative_norms, all.negative_norms), panels * width);
      if (use.divergence) packer.numbers(take(t.square_norms, all.square_norms), panels * width);
      return;
    case ScoreKind::mixture_isotropic:
      packer.rows(take(t.means, all.means), panels, width, 0, 0.0f);
      if (!use.levels_given) packer.numbers(take(t.log2_weights, all.log2_weights), panels * width);
      if (!use.levels_given) packer.numbers(take(t.variances, all.variances), panels * width);
      return;
    case ScoreKind::mixture_diagonal:
      packer.rows(take(t.means, all.means), panels, width, 0, 0.0f);
      if (!use.levels_given) packer.numbers(take(t.log2_weights, all.log2_weights), panels * width);
      if (!use.levels_given) packer.rows(take(t.variances, all.variances), panels, width, 0, 1.0f);
      return;
    case ScoreKind::mixture_factored:
      packer.rows(take(t.means, all.means), components, 1, 0, 0.0f);
      packer.rows(take(t.axes, all.axes), axes, 1, 0, 0.0f);
      if (!use.levels_given) packer.numbers(take(t.axis_variances, all.axis_variances), axes);
      if (!use.levels_given) packer.numbers(take(t.variances, all.variances), components);
      if (!use.levels_given) packer.numbers(take(t.log2_weights, all.log2_weights), components);
      return;
  }
}

/// A score's rows of numbers for every step's noise level.
inline void pack_levels(const float*& levels, const ScoreTables<float>& score, std::size_t steps, TablePacker& packer) {
  const auto panels = static_cast<std::size_t>(score.panels);
  const std::size_t width = panel_width;
  switch (score.kind) {
    case ScoreKind::gaussian:
      return packer.rows(levels, steps, 1, 0, 0.0f);
    case ScoreKind::mixture_shared:
    case ScoreKind::mixture_isotropic:
    case ScoreKind::mixture_factored:
      return packer.numbers(levels, static_cast<std::size_t>(level_size(score)) * steps);
    case ScoreKind::mixture_diagonal:
      return packer.rows(levels, steps * panels, width, width, 0.0f);
  }
}

/// A table of steps of any kind.
template <class Row>
void pack_steps(const Row*& table, std::size_t steps, TablePacker& packer) {
  const float* numbers = reinterpret_cast<const float*>(table);
  packer.numbers(numbers, steps * (sizeof(Row) / sizeof(float)));
  table = reinterpret_cast<const Row*>(numbers);
}

/// The reference Gaussian of a job whose levels are tables, where it has one.
template <class Job>
void pack_reference(Job& job, std::size_t levels, TablePacker& packer) {
  job.reference.variances = nullptr;
  if (job.reference.present) {
    packer.rows(job.reference.mean, 1, 1, 0, 0.0f);
    packer.rows(job.reference_inverse, levels, 1, 0, 0.0f);
  } else {
    job.reference.mean = job.reference_inverse = nullptr;
  }
}

/// What every job has whose noise levels are tables. first_nodes: those of the reference before the first step.
template <class Job>
void pack_stepped(Job& job, bool divergence, TablePacker& packer, std::size_t first_nodes = 0) {
  const auto steps = std::size_t{job.steps};
  pack_score(job.score, {.levels_given = true, .divergence = divergence}, packer);
  pack_levels(job.levels, job.score, steps, packer);
  pack_reference(job, steps + first_nodes, packer);
  pack_steps(job.table, steps, packer);
}

inline void pack_tables(PathJob<float>& job, TablePacker& packer) {
  pack_stepped(job, false, packer);
  packer.rows(job.position, 1, 1, 0, 0.0f);
}

inline void pack_tables(IncrementJob<float>& job, TablePacker& packer) {
  pack_stepped(job, job.divergence, packer);
  packer.rows(job.first_difference, 1, 1, 0, 0.0f);
}

inline void pack_tables(RayJob<float>& job, TablePacker& packer) { pack_stepped(job, true, packer); }

inline void pack_tables(WeightJob<float>& job, TablePacker& packer) {
  pack_stepped(job, false, packer, 1);
  packer.rows(job.far_slope, 1, 1, 0, 0.0f);
  packer.rows(job.far_square, 1, 1, 0, 0.0f);
}

/// start_mean and its neighbours count for every path; what is not read is null.
inline void pack_tables(SteeredJob<float>& job, TablePacker& packer) {
  const std::size_t steps = job.steps, stages = job.two_stages ? 2 : 1;
  pack_score(job.score, {.levels_given = true, .divergence = job.density}, packer);
  pack_levels(job.levels, job.score, stages * steps, packer);
  pack_reference(job, steps, packer);
  pack_steps(job.table, steps, packer);
  const std::size_t coarse = job.coarse_steps;
  pack_levels(job.coarse_levels, job.score, 2 * coarse, packer);
  packer.rows(job.coarse_inverse, coarse, 1, 0, 0.0f);
  pack_steps(job.coarse_table, coarse, packer);
  packer.rows(job.start_mean, 1, 1, 0, 0.0f);
  packer.rows(job.start_deviation, 1, 1, 0, 0.0f);
  packer.rows(job.far_slope, 1, 1, 0, 0.0f);
  packer.rows(job.far_square, 1, 1, 0, 0.0f);
}

/// All but the Sobol' directions, which the points share.
inline void pack_tables(SliceJob<float>& job, TablePacker& packer) {
  const std::size_t cells = std::size_t{1} << job.law.cells_log2;
  pack_score(job.score, {.levels_given = false, .divergence = false}, packer);
  if (job.reference.present) {
    packer.rows(job.reference.mean, 1, 1, 0, 0.0f);
    packer.rows(job.reference.variances, 1, 1, 0, 1.0f);
  } else {
    job.reference.mean = job.reference.variances = nullptr;
  }
  packer.numbers(job.law.a, cells);
  packer.numbers(job.law.b, cells);
  packer.numbers(job.law.c, cells);
}

}  // namespace scorepath::kernels::cuda
