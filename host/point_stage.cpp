#include "host/point_stage.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "host/parallel.hpp"

namespace scorepath {
namespace {

/// The log of a mean weight is no mean of batches: its moments are made of all weights, when a stage's batches are
/// done.
void take_weights(const JobContext& job, Stage& stage) {
  const WeightTarget target = weight_target(job.options);
  for (std::size_t p = 0; p < stage.sums.size(); ++p)
    if (!stage.chains[p].empty()) stage.sums[p].value = weight_moments(stage.chains[p], target);
}

/// Batches that are in memory at once, however many a job has.
constexpr std::size_t most_tasks = std::size_t{1} << 16;

}  // namespace

Group open_group(const JobContext& job, tbb::task_arena& arena, MatrixView points, std::size_t first, std::size_t n,
                 Meter& meter) {
  Group group;
  group.plans.resize(n);
  group.records.resize(n);
  group.samples.resize(n);
  parallel_chunks(
      arena, meter.plans, n,
      [&](std::size_t p) {
        group.plans[p] = std::make_unique<PointPlan>(job, points.row(first + p), [&] { return meter.beat(); });
        return true;
      },
      [&](std::size_t) { return meter.report(0, 0); });
  return group;
}

void run_stage(const JobContext& job, tbb::task_arena& arena, Group& group, PointPlan::Draws draws, Stage& stage,
               Meter& meter) {
  const std::uint64_t per_batch = job.sampling.samples_per_batch();
  const bool estimates = draws == PointPlan::Draws::estimate;
  const bool weights = is_weighed(job.options);
  const bool keeps_samples = job.options.keep_samples && estimates;
  const bool keep = weights || engine_of(job.options) == Engine::steered || keeps_samples;
  struct Done {
    BatchRecord record;
    PointPlan::Kept kept;
  };
  std::vector<std::uint64_t> next(stage.done);
  while (!meter.stopped()) {
    std::vector<BatchTask> tasks;
    for (bool more = true; more && tasks.size() < most_tasks;) {
      more = false;
      for (std::size_t p = 0; p < group.plans.size(); ++p) {
        if (next[p] >= stage.target[p]) continue;
        const std::uint64_t count = std::min(per_batch, stage.target[p] - next[p]);
        tasks.push_back({p, (next[p] + per_batch - 1) / per_batch, count});
        next[p] += count;
        more = true;
      }
    }
    if (tasks.empty()) break;
    std::vector<Done> done(tasks.size());
    std::size_t folded = 0;
    const auto report = [&](std::size_t finished) {
      const std::size_t batches = finished - folded;
      std::uint64_t samples = 0;
      for (; folded < finished; ++folded) {
        const BatchTask& task = tasks[folded];
        stage.sums[task.point] = merge(stage.sums[task.point], done[folded].record);
        stage.done[task.point] += task.samples;
        samples += estimates ? task.samples : 0;
        const PointPlan::Kept kept = std::move(done[folded].kept);
        std::vector<double>& values = group.samples[task.point];
        if (keeps_samples) values.insert(values.end(), kept.samples.begin(), kept.samples.end());
        if (!kept.leaning.empty()) {
          std::vector<double> scratch(kept.leaning.size());
          stage.leaning[task.point] = kernels::merge(
              stage.leaning[task.point], kernels::moments_of(kept.leaning.data(), kept.leaning.size(), scratch.data()));
        }
        std::vector<Chains>& chains = stage.chains[task.point];
        chains.insert(chains.end(), kept.chains.begin(), kept.chains.end());
      }
      double worst = 0.0;
      for (std::size_t p = 0; p < group.plans.size() && estimates; ++p)
        worst = std::max(worst, standard_error(*group.plans[p], stage.sums[p]));
      // The samples of a level are no estimates of their own.
      if (job.options.form != Form::multilevel) meter.running(worst);
      return meter.report(batches, samples);
    };
    if (group.cuda != nullptr) {
      const auto take = [&](std::size_t i, const BatchRecord& record, const float* values, std::size_t stride) {
        done[i].record = record;
        if (values != nullptr) done[i].kept = group.plans[tasks[i].point]->kept_of(values, stride, tasks[i].samples);
      };
      group.cuda->run(tasks, draws, keep, meter.batches, take, report);
      continue;
    }
    const auto work = [&](std::size_t i) {
      const BatchTask& task = tasks[i];
      const std::optional<BatchRecord> record = group.plans[task.point]->run_batch(
          task.batch, task.samples, draws, [&] { return meter.beat(); }, keep ? &done[i].kept : nullptr);
      if (record.has_value()) done[i].record = *record;
      return record.has_value();
    };
    parallel_chunks(arena, meter.batches, tasks.size(), work, report);
  }
  if (weights) take_weights(job, stage);
}

}  // namespace scorepath
