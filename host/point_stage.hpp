// The batches of a group of points: run from where they stand to where they should go, and folded in order.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <oneapi/tbb/task_arena.h>

#include <scorepath/matrix_view.hpp>

#include "host/cuda_group.hpp"
#include "host/meter.hpp"
#include "host/point_plan.hpp"
#include "host/point_result.hpp"

namespace scorepath {

/// A group of points on its way: plans, records, and the batches that are still to be run.
struct Group {
  std::vector<std::unique_ptr<PointPlan>> plans;
  std::vector<PointRecord> records;
  std::vector<std::vector<double>> samples;  ///< with Options::keep_samples
  std::unique_ptr<CudaGroup> cuda;           ///< runs the batches, where the job is the devices'
};

/// Plans of the points [first, first + n); incomplete where the meter has stopped.
Group open_group(const JobContext& job, tbb::task_arena& arena, MatrixView points, std::size_t first, std::size_t n,
                 Meter& meter);

/// One kind of draws of a group: what is done, and up to where it should go.
struct Stage {
  std::vector<BatchRecord> sums;            ///< folded over batches in order
  std::vector<std::uint64_t> done, target;  ///< samples
  std::vector<std::vector<Chains>> chains;  ///< path weights only: of all samples
  std::vector<kernels::Moments> leaning;    ///< steered paths only: what pairs of steps differ by, summed

  Stage(std::size_t points, std::uint64_t samples)
      : sums(points), done(points, 0), target(points, samples), chains(points), leaning(points) {}
};

/// Runs every point's batches from where the stage stands to its target, a batch of each point in turn, so that a run
/// that is stopped leaves a number for each, and folds them in order. A point's next batch begins where its last one
/// ended, so a target that is raised later starts on whole batches.
void run_stage(const JobContext& job, tbb::task_arena& arena, Group& group, PointPlan::Draws draws, Stage& stage,
               Meter& meter);

/// Batches from `done` samples to `target`.
inline std::uint64_t batches_between(const Sampling& s, std::uint64_t done, std::uint64_t target) {
  return target <= done ? 0 : (target - done + s.samples_per_batch() - 1) / s.samples_per_batch();
}

}  // namespace scorepath
