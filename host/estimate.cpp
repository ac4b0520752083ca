// The main job, as numbered steps: validate, prepare, run batches, fold, report.
#include <scorepath/estimate.hpp>

#include <chrono>
#include <cmath>
#include <memory>

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
  if (options.threads == 0) resolved.threads = usable_cores();
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
  void finished(double se) { now_.worst_standard_error = std::max(now_.worst_standard_error, se); }
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

/// Runs every point's batches from where the stage stands to its target, and folds them in order. A point's next batch
/// begins where its last one ended, so a target that is raised later starts on whole batches.
void run_stage(const JobContext& job, tbb::task_arena& arena, Group& group, PointPlan::Draws draws, Stage& stage,
               Meter& meter) {
  struct Task {
    std::size_t point;
    std::uint64_t batch, samples;
  };
  const std::uint64_t per_batch = job.sampling.samples_per_batch();
  const bool keep = job.options.keep_samples && draws == PointPlan::Draws::estimate;
  std::vector<std::uint64_t> next(stage.done);
  for (std::size_t p = 0; !meter.stopped();) {
    std::vector<Task> tasks;
    for (; p < group.plans.size() && tasks.size() < most_tasks; p += next[p] >= stage.target[p] ? 1 : 0) {
      while (next[p] < stage.target[p] && tasks.size() < most_tasks) {
        const std::uint64_t count = std::min(per_batch, stage.target[p] - next[p]);
        tasks.push_back({p, (next[p] + per_batch - 1) / per_batch, count});
        next[p] += count;
      }
    }
    if (tasks.empty()) return;
    std::vector<BatchRecord> records(tasks.size());
    std::size_t reported = 0;
    const std::size_t done = parallel_chunks(
        arena, tasks.size(),
        [&](std::size_t i) {
          const Task& task = tasks[i];
          double* samples = keep ? group.samples[task.point].data() + task.batch * per_batch : nullptr;
          records[i] = group.plans[task.point]->run_batch(task.batch, task.samples, draws, samples);
        },
        [&](std::size_t finished) {
          std::uint64_t samples = 0;
          for (std::size_t i = reported; i < finished; ++i) samples += tasks[i].samples;
          const std::size_t batches = finished - reported;
          reported = finished;
          return meter.report(batches, samples);
        });
    for (std::size_t i = 0; i < done; ++i) {
      stage.sums[tasks[i].point] = merge(stage.sums[tasks[i].point], records[i]);
      stage.done[tasks[i].point] += tasks[i].samples;
    }
  }
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
      pilot.target[p] = std::max(pilot.target[p], sizing.pilot_samples);
    }
  }
  for (std::size_t p = 0; p < n; ++p) group.records[p].pilot_samples = pilot.done[p];
}

/// Raises the targets of points that missed the wanted standard error and may still spend; false where there are none.
bool extend_group(const JobContext& job, const Group& group, Stage& estimate) {
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
    for (const std::uint64_t samples : estimate.target) batches += samples / job.sampling.samples_per_batch();
    meter.planned(0, batches);
  }
  do {
    for (std::size_t p = 0; p < n && job.options.keep_samples; ++p) group.samples[p].resize(estimate.target[p]);
    run_stage(job, arena, group, PointPlan::Draws::estimate, estimate, meter);
  } while (sized && !meter.stopped() && extend_group(job, group, estimate));
  for (std::size_t p = 0; p < n; ++p) {
    group.records[p].sum = estimate.sums[p];
    group.records[p].samples = estimate.done[p];
    group.records[p].stopped = estimate.done[p] < estimate.target[p];
    if (job.options.keep_samples) group.samples[p].resize(estimate.done[p]);
    meter.finished(standard_error(*group.plans[p], estimate.sums[p]));
  }
}

/// Float against double, steps against coarser steps.
void check_point(const JobContext& job, const PointPlan& plan, PointRecord& record) {
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

  tbb::task_arena arena(resolved.threads);
  Meter meter(job, points.rows);
  // 3. Points in groups: plans [score evaluations: pilots and ends], batches [samples x evaluations of one], checks.
  const std::size_t group_size = 8 * static_cast<std::size_t>(resolved.threads);
  for (std::size_t first = 0; first < points.rows; first += group_size) {
    Group group;
    const std::size_t n = std::min(group_size, points.rows - first);
    group.plans.resize(n);
    group.records.resize(n);
    group.samples.resize(n);
    if (!meter.stopped()) {
      parallel_chunks(
          arena, n, [&](std::size_t p) { group.plans[p] = std::make_unique<PointPlan>(job, points.row(first + p)); },
          [&](std::size_t) { return meter.report(0, 0); });
    }
    if (!meter.stopped()) {
      run_group(job, arena, group, meter);
      parallel_chunks(
          arena, n, [&](std::size_t p) { check_point(job, *group.plans[p], group.records[p]); },
          [](std::size_t) { return true; });
    }
    // 4. Each point's number with its error budget.
    for (std::size_t p = 0; p < n; ++p) {
      PointResult point;
      if (group.plans[p] != nullptr && group.records[p].samples > 0) {
        point = make_point_result(job, *group.plans[p], group.records[p]);
        point.samples = std::move(group.samples[p]);
      } else {
        point.flags.push_back("stopped");
      }
      point.index = first + p;
      const bool reached = point.std_error.has_value() && *point.std_error <= resolved.target_se.value_or(HUGE_VAL);
      result.target_missed = result.target_missed || (resolved.target_se.has_value() && !reached);
      result.totals.paths += point.paths;
      result.totals.score_evaluations += point.score_evaluations;
      result.points.push_back(std::move(point));
    }
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
