#include "host/point_checks.hpp"

#include "host/cuda_rays.hpp"
#include "host/quadrature_check.hpp"

namespace scorepath {
namespace {

/// What the check of the quadrature spends, beyond its first round: a sixty-fourth to a sixteenth of the paths' own
/// score evaluations, but on short jobs up to as much as they cost, and on long ones no more than tells any error that
/// can matter (one thread does it); and how well it should know a small error, as a share of the standard error.
constexpr std::uint64_t least_share = 64, most_share = 16, short_job = 1u << 15, least_of_long_job = 1u << 22,
                        most_of_long_job = 1u << 24;
constexpr double quadrature_tolerance = 0.25;

/// The exact value, and float against double; false where it was broken off.
bool check_samples(const JobContext& job, const PointPlan& plan, PointRecord& record, const GoOn& go_on) {
  record.exact = plan.exact_log_density();
  const int most = engine_of(job.options) == Engine::rays ? arithmetic_rays(job) : arithmetic_samples;
  const auto count = static_cast<int>(std::min<std::uint64_t>(static_cast<std::uint64_t>(most), record.samples));
  if (count < 2) return true;
  const std::optional<kernels::Moments> arithmetic = plan.arithmetic_difference(count, go_on, record.device_values);
  if (!arithmetic.has_value()) return false;
  record.arithmetic = *arithmetic;
  record.check_evaluations += 2 * static_cast<std::uint64_t>(count) * plan.evaluations_per_sample();
  return true;
}

/// The check of the quadrature of a point of paths, as large as the point's own work allows.
QuadratureCheck quadrature_check(const PointPlan& plan, const PointRecord& record) {
  const std::uint64_t own = record.samples * plan.evaluations_per_sample();
  return {plan,
          {.tolerance = std::max(quadrature_tolerance * standard_error(plan, record.sum),
                                 smallest_flagged_error(plan.baseline() - record.sum.value.mean) / 4),
           .least = std::min(own / least_share, least_of_long_job),
           .most = std::max(std::min(own / most_share, most_of_long_job), std::min(own, short_job))}};
}

void take_quadrature(const QuadratureCheck& check, PointRecord& record) {
  record.quadrature = check.excess();
  record.check_evaluations += check.evaluations();
}

/// Of paths, two samples or more (rays are checked along rays of the check's own). Chains are no quadrature, and
/// steered paths know their own error.
bool has_quadrature(const JobContext& job, const PointRecord& record) {
  const Engine engine = engine_of(job.options);
  return engine != Engine::slices && engine != Engine::weights && engine != Engine::steered &&
         job.options.method != Method::ddpm && record.samples >= (engine == Engine::rays ? 1u : 2u);
}

}  // namespace

bool check_point(const JobContext& job, const PointPlan& plan, PointRecord& record, const GoOn& go_on) {
  if (!check_samples(job, plan, record, go_on)) return false;
  if (!has_quadrature(job, record) || record.quadrature.count > 0) return true;
  QuadratureCheck check = quadrature_check(plan, record);
  if (!check.run(go_on)) return false;
  take_quadrature(check, record);
  return true;
}

void check_quadratures_on_device(const JobContext& job, tbb::task_arena& arena,
                                 const std::vector<std::unique_ptr<PointPlan>>& plans,
                                 std::vector<PointRecord>& records, Meter& meter) {
  if (job.cuda == nullptr) return;
  std::vector<QuadratureCheck> checks;
  for (std::size_t p = 0; p < plans.size(); ++p) {
    if (!has_quadrature(job, records[p])) return;
    checks.push_back(quadrature_check(*plans[p], records[p]));
  }
  if (!devices_check(job, plans, checks)) return;
  try {
    if (!run_on_device(job, arena, plans, checks, [&] { return meter.report(0, 0); })) return;
  } catch (const kernels::cuda::DeviceOutOfMemory&) {
    return;
  }
  for (std::size_t p = 0; p < checks.size(); ++p) take_quadrature(checks[p], records[p]);
}

}  // namespace scorepath
