// From a point's batch records to its result.
#include "host/point_result.hpp"

#include <algorithm>
#include <cmath>

#include "kernels/reduce/student.hpp"

namespace scorepath {
namespace {

/// What the double arithmetic around the samples may lose, relative to the number.
constexpr double double_rounding = 1e-14;
/// Samples per squared skewness under which an interval is flagged. Cochran (1977, 2.15) asks for 25 where the interval
/// is symmetric. A choice between limits that were tried with corrected intervals: 9 flags 58% of sound runs of 256
/// paths, 4 leaves edm with uniform times at 84% coverage unflagged (4096 paths).
constexpr double heavy_tail_limit = 5.0;

/// Of the smallest error that is flagged: a standard error up to which samples yet rarer than those drawn can hardly
/// raise the error to it.
constexpr double least_heavy_share = 0.1;

/// What a systematic error may be: its mean, and two standard errors of it.
double reach_of(const kernels::Moments& difference) {
  return std::abs(difference.mean) + 2.0 * kernels::sqrt(difference.variance_of_mean());
}

/// Rays differ by their quadrature's error and by rounding; what they have in common of either is in no spread. It
/// belongs in the error bar, since there is nothing else in it: the reach of both checks is about two deviations.
void widen_by_what_rays_share(PointResult& result) {
  const double shared = std::hypot(result.discretization_error.value_or(0.0), result.arithmetic_error.value_or(0.0));
  const double below = std::hypot(*result.log_density - *result.ci95_lower, shared);
  const double above = std::hypot(*result.ci95_upper - *result.log_density, shared);
  result.std_error = std::hypot(*result.std_error, 0.5 * shared);
  result.ci95_lower = *result.log_density - below;
  result.ci95_upper = *result.log_density + above;
}

/// What path weights say of themselves.
void add_weights(const JobContext& job, const PointPlan& plan, const PointRecord& record, PointResult& result) {
  constexpr double least_effective = static_cast<double>(enough_samples), most_pareto_k = 0.7;
  const bool extrapolates = weight_target(job.options) == WeightTarget::extrapolated;
  result.weights = weight_account(record.chains, plan.baseline(), job.sampling.paths_per_sample);
  const Soundness worst = soundness_of(record.chains, extrapolates ? kernels::weight_chains : 1);
  result.effective_sample_size = worst.effective_sample_size;
  result.weights->pareto_k = worst.pareto_k;
  const bool few = worst.effective_sample_size < std::min(least_effective, static_cast<double>(record.chains.size()));
  // A bound is a mean of logarithms, which have no such tails.
  if (weight_target(job.options) != WeightTarget::bound && (few || worst.pareto_k.value_or(0.0) > most_pareto_k))
    result.flags.push_back("ess-collapse");
  if (job.options.form == Form::feynman_kac) return;  // its steps' error is not known
  result.discretization_error = 0.0;                  // none against the chain
  if (!extrapolates || record.chains.size() < 2) return;
  // What is left of the chain's error: by the difference of two extrapolations, which is known no better than the
  // estimate itself and may vanish by chance, and a tenth of what was taken out by the last doubling.
  constexpr double share_of_doubling = 0.1, largest_doubling = 0.3;
  const kernels::Moments left = extrapolation_error(record.chains);
  const double deviation = kernels::sqrt(left.variance_of_mean());
  const double doubling = std::abs(last_doubling(record.chains));
  const double mean = std::max(std::abs(left.mean), share_of_doubling * doubling);
  result.discretization_error = mean + 2.0 * deviation;
  const double se = result.std_error.value_or(0.0);
  const double matters = std::max(se, smallest_flagged_error(*result.log_density));
  const bool stands_out = std::abs(left.mean) > std::max(2.0 * deviation, matters);
  if (stands_out || share_of_doubling * doubling > 2.0 * matters || doubling > largest_doubling)
    result.flags.push_back("discretization");
  if (!result.ci95_lower) return;
  // Its mean is in the interval, as the quadrature's error is in that of rays.
  result.ci95_lower = *result.log_density - std::hypot(*result.log_density - *result.ci95_lower, left.mean);
  result.ci95_upper = *result.log_density + std::hypot(*result.ci95_upper - *result.log_density, left.mean);
}

/// Paths that the score steers: a share of what was taken out of them on the mean (Richardson). Along the flow, where
/// pairs of steps tell it, of what they would differ by if none cancelled another.
void add_leaning(const Options& options, const kernels::Moments& leaning, PointResult& result) {
  constexpr double along_flow = 0.05, with_noise = 0.2, with_much_noise = 1.0;
  if (leaning.count < 1) return;
  const double share = options.lambda == 1.0 ? along_flow : options.lambda < 0.0 ? with_much_noise : with_noise;
  const double left = share * std::abs(leaning.mean);
  result.discretization_error = left;
  if (!result.ci95_lower) return;
  result.ci95_lower = *result.log_density - std::hypot(*result.log_density - *result.ci95_lower, left);
  result.ci95_upper = *result.log_density + std::hypot(*result.ci95_upper - *result.log_density, left);
}

/// Standard errors, and at least the 95% interval's reach, that an estimate may lie from the exact value, beyond its
/// systematic errors.
constexpr double most_standard_errors = 6.0;

/// The estimate is off by more than its error budget says: draws met too little of what matters, or a systematic error
/// is larger than stated. Only the exact value can tell. widened: the error bar holds the systematic errors already.
bool misses_exact(const PointResult& result, bool widened) {
  if (!result.exact_log_density || !result.std_error || !result.ci95_lower) return false;
  const double systematic = widened ? 0.0
                                    : result.discretization_error.value_or(0.0) +
                                          result.truncation_error.value_or(0.0) + result.arithmetic_error.value_or(0.0);
  const double difference = *result.log_density - *result.exact_log_density;  // too high where positive
  const double reach =
      difference > 0.0 ? *result.log_density - *result.ci95_lower : *result.ci95_upper - *result.log_density;
  const double most =
      std::max({reach, most_standard_errors * *result.std_error, smallest_flagged_error(*result.log_density)});
  return std::abs(difference) > most + systematic;
}

void flag_if_large(const std::optional<double>& error, double std_error, const char* flag, PointResult& result) {
  if (error.has_value() && *error > std::max(std_error, smallest_flagged_error(*result.log_density)))
    result.flags.push_back(flag);
}

}  // namespace

BatchRecord merge(const BatchRecord& a, const BatchRecord& b) {
  return {kernels::merge(a.value, b.value), a.non_finite + b.non_finite};
}

bool has_infinite_variance(const Options& options) {
  if (options.sampler == Sampler::paths) return false;
  const bool cancelled =
      options.cancellation == Cancellation::on || options.control_variate == ControlVariate::gaussian;
  const bool even_in_t = options.time_law == TimeLaw::uniform || options.time_law == TimeLaw::debiased;
  return !cancelled || (even_in_t && options.antithetic == Antithetic::off);
}

bool has_heavy_tail(const BatchRecord& sum) {
  if (sum.value.count < enough_samples) return false;
  return static_cast<double>(sum.value.count) < heavy_tail_limit * sum.value.square_skewness();
}

double standard_error(const PointPlan& plan, const BatchRecord& sum) {
  if (sum.value.count < 2) return 0.0;
  return kernels::sqrt(sum.value.variance_of_mean() + plan.baseline_variance());
}

PointResult make_point_result(const JobContext& job, const PointPlan& plan, const PointRecord& record) {
  PointResult result;
  result.paths = record.samples * job.sampling.paths_per_sample;
  result.score_evaluations = (record.samples + record.pilot_samples) * plan.evaluations_per_sample() +
                             plan.extra_evaluations() + record.check_evaluations;
  result.independent_samples = record.sum.value.count;
  result.finest_variance = plan.finest_variance();
  result.largest_noise = plan.largest_noise();
  result.fitted_shares = plan.fitted_shares();
  if (record.exact.has_value() && std::isfinite(*record.exact)) result.exact_log_density = record.exact;
  if (record.stopped) result.flags.push_back("stopped");
  if (record.sum.value.count == 0) return result;
  const double value = plan.baseline() - record.sum.value.mean;
  if (record.sum.non_finite > 0 || !std::isfinite(value)) {
    result.flags.push_back("non-finite-path");
    return result;
  }
  result.log_density = value;
  const double se = standard_error(plan, record.sum);
  if (has_infinite_variance(job.options)) {
    result.flags.push_back("infinite-variance");
  } else if (record.sum.value.count >= 2) {
    const kernels::Moments& m = record.sum.value;
    const kernels::SkewedReach reach = kernels::skewed_reach(m.skewness(), m.count, kernels::student_975(m.count - 1));
    if (has_heavy_tail(record.sum) && se > least_heavy_share * smallest_flagged_error(value))
      result.flags.push_back("heavy-tail");
    result.std_error = se;
    result.path_variance = static_cast<double>(result.paths) * record.sum.value.variance_of_mean();
    // The value is the baseline minus the mean: what the mean may lie too high, the value may lie too low.
    result.ci95_lower = value - reach.above * se;
    result.ci95_upper = value + reach.below * se;
  }
  if (record.sum.value.count < enough_samples) result.flags.push_back("small-sample");

  const bool weights = is_weighed(job.options), steered = engine_of(job.options) == Engine::steered;
  if (weights) {
    add_weights(job, plan, record, result);
  } else if (steered) {
    add_leaning(job.options, record.leaning, result);
  } else if (job.options.sampler == Sampler::slices || job.options.method == Method::ddpm) {
    result.discretization_error = 0.0;  // ddpm: its sums are what is asked for
  } else if (record.quadrature.count >= 2 && std::isfinite(reach_of(record.quadrature))) {
    result.discretization_error = reach_of(record.quadrature);
  } else {
    result.flags.push_back("discretization");
  }
  // Weights under the prior are of the model that starts there, to which the data's own far end is nothing.
  // Where steered paths end is not the law for which the plan knows it.
  if (!steered || job.options.end == End::exact) result.truncation_error = weights ? 0.0 : plan.truncation_error();
  // Where steered paths end is another law's than that of the end term.
  if ((job.options.method == Method::elbo && !steered) || job.options.method == Method::ddpm)
    result.end_term = plan.end_term();
  result.vlb_terms = plan.bound_terms();
  if (record.arithmetic.count >= 2) {
    result.arithmetic_error = reach_of(record.arithmetic) + double_rounding * std::abs(plan.baseline());
  }
  if (!weights) flag_if_large(result.discretization_error, se, "discretization", result);
  flag_if_large(result.truncation_error, se, "truncation", result);
  if (plan.is_beyond_arithmetic()) {
    result.flags.push_back("arithmetic");
  } else {
    flag_if_large(result.arithmetic_error, se, "arithmetic", result);
  }
  const bool rays = engine_of(job.options) == Engine::rays;
  if (rays && result.std_error) widen_by_what_rays_share(result);
  if (estimates_log_density(job.options) && misses_exact(result, rays)) result.flags.push_back("exact-mismatch");
  return result;
}

}  // namespace scorepath
