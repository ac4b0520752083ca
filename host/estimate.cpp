// The main job, as numbered steps: validate, prepare, run batches, fold, report.
#include <scorepath/estimate.hpp>

#include <chrono>
#include <cmath>
#include <memory>
#include <new>
#include <string>

#include <fmt/format.h>

#include "host/check.hpp"
#include "host/check_points.hpp"
#include "host/cpu_dispatch.hpp"
#include "host/parallel.hpp"
#include "host/point_result.hpp"
#include "host/sizing.hpp"
#include "kernels/reduce/student.hpp"

namespace scorepath {
namespace {

using Clock = std::chrono::steady_clock;

/// Samples on which float is compared with double, and fine steps with coarse ones.
constexpr int arithmetic_samples = 16;
constexpr int step_samples = 1024;
/// Paths are held against slices, one for every 32 score evaluations of the paths (3% of the work), within bounds.
constexpr std::uint64_t slice_share = 32, least_slices = 256, most_slices = std::uint64_t{1} << 20;
/// Bytes of tables that points worked on together may take.
constexpr std::size_t largest_group = std::size_t{1} << 29;

Options resolve(const Options& options) {
  validate(options);
  Options resolved = options;
  resolved.method = Method::density_formula;
  SP_VALIDATE(available(options.backend), resource,
              fmt::format("backend {} is not available ({}) use cpu or auto", name_of(options.backend),
                          why_unavailable(options.backend)));
  SP_VALIDATE(options.arithmetic == Arithmetic::reproducible, usage,
              "arithmetic fast is not available (it belongs to the CUDA back end) use reproducible");
  resolved.backend = Backend::cpu;
  resolved.threads = arena_threads(options.threads == 0 ? usable_cores() : options.threads);
  return resolved;
}

/// Where the run stands; asks the caller now and then whether to go on.
class Meter {
 public:
  Meter(const JobContext& job, std::uint64_t points) : job_(job), points_(points), start_(Clock::now()) {}

  /// `points` more of them are going to take `batches` in all. The others are expected to take as many each.
  void planned(std::uint64_t points, std::uint64_t batches) {
    planned_points_ += points;
    planned_batches_ += batches;
    now_.batches_total = planned_batches_ * points_ / planned_points_;
  }
  /// The worst standard error of the points that are being worked on, or were just finished.
  void running(double se) { now_.worst_standard_error = std::max(finished_worst_, se); }
  void finished(double se) { now_.worst_standard_error = finished_worst_ = std::max(finished_worst_, se); }
  bool report(std::uint64_t batches, std::uint64_t samples) {
    now_.batches_done += batches;
    now_.paths_done += samples * job_.sampling.paths_per_sample;
    const bool paths = job_.options.sampler == Sampler::paths;
    now_.path_steps_done = now_.paths_done * (paths ? job_.options.steps : 1);
    now_.seconds = seconds();
    if (job_.options.progress && job_.options.progress(now_) == Continue::no) stopped_ = true;
    return !stopped_;
  }
  double seconds() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }
  bool stopped() const { return stopped_; }

 private:
  const JobContext& job_;
  std::uint64_t points_, planned_points_ = 0, planned_batches_ = 0;
  Clock::time_point start_;
  Progress now_;
  double finished_worst_ = 0.0;
  bool stopped_ = false;
};

/// A group of points on its way: plans, records, and the batches that are still to be run.
struct Group {
  std::vector<std::unique_ptr<PointPlan>> plans;
  std::vector<PointRecord> records;
  std::vector<std::vector<double>> samples;
};

/// One kind of draws of a group: what is done, and up to where it should go.
struct Stage {
  std::vector<BatchRecord> sums;            ///< folded over batches in order
  std::vector<std::uint64_t> done, target;  ///< samples

  Stage(std::size_t points, std::uint64_t samples) : sums(points), done(points, 0), target(points, samples) {}
};

/// Batches that are in memory at once, however many a job has.
constexpr std::size_t most_tasks = std::size_t{1} << 16;

/// Runs every point's batches from where the stage stands to its target, a batch of each point in turn, so that a run
/// that is stopped leaves a number for each, and folds them in order. A point's next batch begins where its last one
/// ended, so a target that is raised later starts on whole batches.
void run_stage(const JobContext& job, tbb::task_arena& arena, Group& group, PointPlan::Draws draws, Stage& stage,
               Meter& meter) {
  struct Task {
    std::size_t point;
    std::uint64_t batch, samples;
  };
  const std::uint64_t per_batch = job.sampling.samples_per_batch();
  const bool estimates = draws == PointPlan::Draws::estimate;
  const bool keep = job.options.keep_samples && estimates;
  std::vector<std::uint64_t> next(stage.done);
  while (!meter.stopped()) {
    std::vector<Task> tasks;
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
    if (tasks.empty()) return;
    std::vector<BatchRecord> records(tasks.size());
    std::size_t folded = 0;
    parallel_chunks(
        arena, tasks.size(),
        [&](std::size_t i) {
          const Task& task = tasks[i];
          double* samples = keep ? group.samples[task.point].data() + task.batch * per_batch : nullptr;
          records[i] = group.plans[task.point]->run_batch(task.batch, task.samples, draws, samples);
        },
        [&](std::size_t finished) {
          const std::size_t batches = finished - folded;
          std::uint64_t samples = 0;
          for (; folded < finished; ++folded) {
            const Task& task = tasks[folded];
            stage.sums[task.point] = merge(stage.sums[task.point], records[folded]);
            stage.done[task.point] += task.samples;
            samples += task.samples;
          }
          double worst = 0.0;
          for (std::size_t p = 0; p < group.plans.size() && estimates; ++p)
            worst = std::max(worst, standard_error(*group.plans[p], stage.sums[p]));
          meter.running(worst);
          return meter.report(batches, samples);
        });
  }
}

/// Batches from `done` samples to `target`.
std::uint64_t batches_between(const Sampling& s, std::uint64_t done, std::uint64_t target) {
  return target <= done ? 0 : (target - done + s.samples_per_batch() - 1) / s.samples_per_batch();
}

/// Pilots, whose draws the estimate never sees, until they are large enough to size the job: no stopping on one's own
/// noise. Sets the estimate's targets.
void size_group(const JobContext& job, tbb::task_arena& arena, Group& group, Stage& estimate, Meter& meter) {
  const std::size_t n = group.plans.size();
  Stage pilot(n, first_pilot(job.sampling));
  for (bool more = pilot.target[0] > 0; more && !meter.stopped();) {
    run_stage(job, arena, group, PointPlan::Draws::pilot, pilot, meter);
    more = false;
    for (std::size_t p = 0; p < n && !meter.stopped(); ++p) {
      const Sizing sizing = size_job(job.sampling, *job.options.target_se, pilot.sums[p].value,
                                     group.plans[p]->baseline_variance(), pilot.done[p]);
      estimate.target[p] = sizing.samples;
      more = more || sizing.pilot_samples > pilot.target[p];
      meter.planned(0, batches_between(job.sampling, pilot.target[p], sizing.pilot_samples));
      pilot.target[p] = std::max(pilot.target[p], sizing.pilot_samples);
    }
  }
  for (std::size_t p = 0; p < n; ++p) group.records[p].pilot_samples = pilot.done[p];
}

/// Raises the targets of points that missed the wanted standard error and may still spend; false where there are none.
bool extend_group(const JobContext& job, const Group& group, Stage& estimate, Meter& meter) {
  bool any = false;
  for (std::size_t p = 0; p < group.plans.size(); ++p) {
    const double variance = group.plans[p]->baseline_variance();
    if (standard_error(*group.plans[p], estimate.sums[p]) <= *job.options.target_se) continue;
    const std::uint64_t most = most_samples(job.sampling, group.records[p].pilot_samples);
    const std::uint64_t wanted =
        extended_samples(job.sampling, *job.options.target_se, estimate.sums[p].value, variance);
    if (estimate.done[p] % job.sampling.samples_per_batch() != 0 && estimate.done[p] >= most) continue;
    const std::uint64_t target = std::min(std::max(wanted, estimate.done[p]), most);
    any = any || target > estimate.done[p];
    meter.planned(0, batches_between(job.sampling, estimate.done[p], target));
    estimate.target[p] = std::max(target, estimate.done[p]);
  }
  return any;
}

/// Batches for all points of the group, with the sizes that the options or the target ask for.
void run_group(const JobContext& job, tbb::task_arena& arena, Group& group, Meter& meter) {
  const std::size_t n = group.plans.size();
  Stage estimate(n, job.sampling.samples);
  const bool sized = job.options.target_se.has_value();
  meter.planned(n, n * (sized ? 1 : job.sampling.batches()));  // a pilot batch each until more is known
  if (sized) {
    size_group(job, arena, group, estimate, meter);
    std::uint64_t batches = 0;
    for (const std::uint64_t samples : estimate.target) batches += batches_between(job.sampling, 0, samples);
    meter.planned(0, batches);
  }
  do {
    for (std::size_t p = 0; p < n && job.options.keep_samples; ++p) group.samples[p].resize(estimate.target[p]);
    run_stage(job, arena, group, PointPlan::Draws::estimate, estimate, meter);
  } while (sized && !meter.stopped() && extend_group(job, group, estimate, meter));
  for (std::size_t p = 0; p < n; ++p) {
    group.records[p].sum = estimate.sums[p];
    group.records[p].samples = estimate.done[p];
    group.records[p].stopped = estimate.done[p] < estimate.target[p];
    if (job.options.keep_samples) group.samples[p].resize(estimate.done[p]);
    meter.finished(standard_error(*group.plans[p], estimate.sums[p]));
  }
}

/// Float against double, steps against coarser steps, paths against slices. x [dim].
void check_point(const JobContext& job, const PointPlan& plan, const double* x, PointRecord& record) {
  const auto count = static_cast<int>(std::min<std::uint64_t>(arithmetic_samples, record.samples));
  if (count < 2) return;
  const std::uint64_t per_sample = plan.evaluations_per_sample();
  record.arithmetic = plan.arithmetic_difference(count);
  record.check_evaluations += 2 * static_cast<std::uint64_t>(count) * per_sample;
  if (has_inexact_steps(job.options) && plan.steps_can_be_merged()) {
    const auto steps = static_cast<int>(std::min<std::uint64_t>(step_samples, record.samples));
    record.step = plan.step_difference(steps);
    record.check_evaluations += static_cast<std::uint64_t>(steps) * (per_sample + per_sample / 2);
  }
  if (job.options.sampler == Sampler::paths) {
    const std::uint64_t share = record.samples * per_sample / slice_share;
    record.slices = estimate_by_slices(job, x, std::clamp(share, least_slices, most_slices));
    record.check_evaluations += record.slices.evaluations;
  }
}

std::string memory_message(std::size_t done, std::size_t points) {
  return fmt::format(
      "memory ran out after {} of {} points (the next ones need more than this machine grants) use fewer "
      "threads, steps, components or kept samples",
      done, points);
}

/// Points that are worked on together: enough to keep the threads busy, as long as their tables fit in `largest_group`.
std::size_t points_together(const JobContext& job) {
  const std::size_t fit = largest_group / std::max<std::size_t>(PointPlan::bytes(job), 1);
  return std::clamp<std::size_t>(fit, 1, 8 * static_cast<std::size_t>(job.options.threads));
}

/// A point that the run never reached.
PointResult stopped_point(std::size_t index) {
  PointResult point;
  point.index = index;
  point.flags.push_back("stopped");
  return point;
}

/// Plans, batches and checks of the points [first, first + n). Returns their results, in order.
std::vector<PointResult> run_points(const JobContext& job, tbb::task_arena& arena, MatrixView points, std::size_t first,
                                    std::size_t n, Meter& meter) {
  Group group;
  group.plans.resize(n);
  group.records.resize(n);
  group.samples.resize(n);
  parallel_chunks(
      arena, n, [&](std::size_t p) { group.plans[p] = std::make_unique<PointPlan>(job, points.row(first + p)); },
      [&](std::size_t) { return meter.report(0, 0); });
  if (!meter.stopped()) {
    run_group(job, arena, group, meter);
    parallel_chunks(
        arena, n, [&](std::size_t p) { check_point(job, *group.plans[p], points.row(first + p), group.records[p]); },
        [](std::size_t) { return true; });
  }
  std::vector<PointResult> results;
  for (std::size_t p = 0; p < n; ++p) {
    if (group.plans[p] == nullptr || group.records[p].samples == 0) {
      results.push_back(stopped_point(first + p));
      continue;
    }
    results.push_back(make_point_result(job, *group.plans[p], group.records[p]));
    results.back().index = first + p;
    results.back().samples = std::move(group.samples[p]);
  }
  return results;
}

}  // namespace

Result estimate_log_density(const Problem& problem, MatrixView points, const Options& options) {
  // 1. Everything is checked before anything is computed.
  validate(problem);
  check_points(problem, points);
  const Options resolved = resolve(options);
  const Isa isa = active_isa();
  // 2. The model in the numerics' own frame and units; the plan of samples, randomisations and batches.
  const Model model(problem);
  const kernels::CpuKernels cpu = cpu_kernels(isa);
  const JobContext job{model, resolved, cpu, make_sampling(resolved)};
  Result result;
  result.options = resolved;
  result.schedule = name_of(problem.schedule.kind);
  result.method = name_of(resolved.method);
  result.sampler = name_of(resolved.sampler);
  result.backend = name_of(resolved.backend);
  result.device = processor_name();
  result.isa = name_of(isa);
  result.arithmetic = name_of(resolved.arithmetic);
  result.quantity = resolved.end == End::exact ? Quantity::log_density : Quantity::lower_bound;
  result.threads = resolved.threads;
  if (model.start_ratio() > 0.0)
    result.warnings.push_back("log_density is that of X at t_min (the points are not moved back)");

  if (resolved.end == End::prior)
    result.warnings.push_back(
        "the lower bound is that of the model that starts from the prior; against the data's own density it may lie on "
        "either side, by truncation_error");

  tbb::task_arena arena(resolved.threads);
  Meter meter(job, points.rows);
  // 3. Points in groups: plans [score evaluations: pilots and ends], batches [samples x evaluations of one], checks.
  const std::size_t group_size = points_together(job);
  for (std::size_t first = 0; first < points.rows && !meter.stopped() && !result.out_of_memory; first += group_size) {
    const std::size_t n = std::min(group_size, points.rows - first);
    try {
      for (PointResult& point : run_points(job, arena, points, first, n, meter))
        result.points.push_back(std::move(point));
    } catch (const std::bad_alloc&) {
      // What is finished must not be lost with the rest.
      SP_VALIDATE(first > 0, resource, memory_message(0, points.rows));
      result.out_of_memory = true;
      result.warnings.push_back(memory_message(first, points.rows));
    }
  }
  while (result.points.size() < points.rows) result.points.push_back(stopped_point(result.points.size()));
  // 4. The whole of them.
  for (const PointResult& point : result.points) {
    const bool reached = point.std_error.has_value() && *point.std_error <= resolved.target_se.value_or(HUGE_VAL);
    result.target_missed = result.target_missed || (resolved.target_se.has_value() && !reached);
    result.totals.paths += point.paths;
    result.totals.score_evaluations += point.score_evaluations;
  }
  result.stopped = meter.stopped();
  result.totals.points = points.rows;
  result.totals.path_steps = result.totals.paths * (resolved.sampler == Sampler::paths ? resolved.steps : 1);
  result.totals.seconds = meter.seconds();
  // 5. The oracle's word, for comparison only.
  const std::vector<double> exact = exact_log_density(problem, points);
  for (std::size_t i = 0; i < exact.size(); ++i) {
    if (std::isfinite(exact[i])) result.points[i].exact_log_density = exact[i];
  }
  return result;
}

}  // namespace scorepath
