// Rounds of batches over the points of a group, sized by a target where there is one; then their checks.
#include "host/point_group.hpp"

#include <memory>
#include <utility>

#include "host/parallel.hpp"
#include "host/point_checks.hpp"
#include "host/point_stage.hpp"
#include "host/sizing.hpp"

namespace scorepath {
namespace {

/// Bytes of tables that points worked on together may take.
constexpr std::size_t largest_group = std::size_t{1} << 29;

/// Pilots, whose draws the estimate never sees, until they are large enough to size the job: no stopping on one's own
/// noise. Sets the estimate's targets, and returns the pilots.
Stage size_group(const JobContext& job, tbb::task_arena& arena, Group& group, Stage& estimate, Meter& meter) {
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
  return pilot;
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
  Stage pilot(n, 0);
  if (sized) {
    pilot = size_group(job, arena, group, estimate, meter);
    std::uint64_t batches = 0;
    for (const std::uint64_t samples : estimate.target) batches += batches_between(job.sampling, 0, samples);
    meter.planned(0, batches);
    meter.sized();
  }
  do {
    // Reserved, not filled: pages are taken as batches are done.
    for (std::size_t p = 0; p < n && job.options.keep_samples; ++p) group.samples[p].reserve(estimate.target[p]);
    run_stage(job, arena, group, PointPlan::Draws::estimate, estimate, meter);
  } while (sized && !meter.stopped() && extend_group(job, group, estimate, meter));
  for (std::size_t p = 0; p < n; ++p) {
    PointRecord& record = group.records[p];
    record.sum = estimate.sums[p];
    record.chains = std::move(estimate.chains[p]);
    record.leaning = estimate.leaning[p];
    record.samples = estimate.done[p];
    record.stopped = estimate.done[p] < estimate.target[p];
    if (record.samples == 0) {  // stopped while the job was sized: the pilot is an estimate too
      record.sum = pilot.sums[p];
      record.chains = std::move(pilot.chains[p]);
      record.leaning = pilot.leaning[p];
      record.samples = std::exchange(record.pilot_samples, 0);
      record.stopped = true;
    }
    meter.finished(standard_error(*group.plans[p], record.sum));
  }
}

}  // namespace

std::size_t points_together(const JobContext& job) {
  // Points along the flow share nothing but the progress report.
  if (job.options.method == Method::ode) return 64 * static_cast<std::size_t>(job.options.threads);
  const std::size_t fit = largest_group / std::max<std::size_t>(PointPlan::bytes(job), 1);
  return std::clamp<std::size_t>(fit, 1, 8 * static_cast<std::size_t>(job.options.threads));
}

PointResult stopped_point(std::size_t index) {
  PointResult point;
  point.index = index;
  point.flags.push_back("stopped");
  return point;
}

std::vector<PointResult> run_points(const JobContext& job, tbb::task_arena& arena, MatrixView points, std::size_t first,
                                    std::size_t n, Meter& meter) {
  Group group = open_group(job, arena, points, first, n, meter);
  if (!meter.stopped() && job.cuda != nullptr) {
    group.cuda = std::make_unique<CudaGroup>(job, *job.cuda, group.plans);
  }
  if (!meter.stopped()) run_group(job, arena, group, meter);
  if (!meter.stopped() && group.cuda != nullptr) {
    const std::vector<std::vector<float>> values =
        group.cuda->sample_values(arithmetic_samples, arithmetic_stride(job.sampling, arithmetic_samples));
    for (std::size_t p = 0; p < n; ++p) group.records[p].device_values = values[p];
  }
  group.cuda.reset();
  if (!meter.stopped()) check_quadratures_on_device(job, arena, group.plans, group.records, meter);
  std::size_t checked = 0;
  if (!meter.stopped()) {
    checked = parallel_chunks(
        arena, meter.checks, n,
        [&](std::size_t p) {
          return check_point(job, *group.plans[p], group.records[p], [&] { return meter.beat(); });
        },
        [&](std::size_t) { return meter.report(0, 0); });
  }
  for (std::size_t p = checked; p < n; ++p) group.records[p].stopped = true;
  std::vector<PointResult> results;
  for (std::size_t p = 0; p < n; ++p) {
    if (group.plans[p] == nullptr || group.records[p].samples == 0) {
      results.push_back(stopped_point(first + p));
      continue;
    }
    PointRecord& record = group.records[p];
    if (!record.exact.has_value()) record.exact = group.plans[p]->exact_log_density();
    results.push_back(make_point_result(job, *group.plans[p], record));
    results.back().index = first + p;
    results.back().samples = std::move(group.samples[p]);
    if (job.options.keep_samples) {
      for (const Chains& sample : record.chains)
        results.back().samples.push_back(group.plans[p]->sample_of(sample.chain[0]));
    }
  }
  return results;
}

}  // namespace scorepath
