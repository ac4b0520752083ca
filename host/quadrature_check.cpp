// The same point by slices.
#include "host/quadrature_check.hpp"

#include <cmath>

#include "host/point_result.hpp"

namespace scorepath {
namespace {

/// Slices from which a fitted law is worth its pilot of 4096.
constexpr std::uint64_t enough_for_a_pilot = 32768;

}  // namespace

SliceEstimate estimate_by_slices(const JobContext& job, const double* x, std::uint64_t paths) {
  Options options = job.options;
  options.sampler = Sampler::slices;
  options.time_law = paths >= enough_for_a_pilot ? TimeLaw::importance : TimeLaw::log_snr;
  options.time_points = TimePoints::stratified;
  options.antithetic = Antithetic::on;
  options.cancellation = Cancellation::on;
  options.control_variate = ControlVariate::gaussian;
  options.target_se.reset();
  options.paths = paths;
  const JobContext slices{job.model, options, job.cpu, make_sampling(options)};
  const PointPlan plan(slices, x);
  BatchRecord sum;
  for (std::uint64_t b = 0; b < slices.sampling.batches(); ++b)
    sum = merge(sum, plan.run_batch(b, slices.sampling.samples_in(b), PointPlan::Draws::pilot));
  SliceEstimate estimate;
  estimate.value = plan.baseline() - sum.value.mean;
  estimate.evaluations = slices.sampling.paths() + plan.extra_evaluations();
  // An error bar of skewed samples is too short: it counts twice.
  if (sum.non_finite == 0 && sum.value.count >= enough_samples)
    estimate.variance = sum.value.variance_of_mean() * (has_heavy_tail(sum) ? 4.0 : 1.0);
  return estimate;
}

}  // namespace scorepath
