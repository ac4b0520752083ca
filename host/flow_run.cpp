// Points by the probability flow: each one's solution with its check, its trace by probes where asked, its result.
#include "host/flow_run.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "host/flow_path.hpp"
#include "host/flow_trace.hpp"
#include "host/parallel.hpp"
#include "host/point_group.hpp"
#include "host/point_result.hpp"
#include "kernels/reduce/student.hpp"

namespace scorepath {
namespace {

/// Each step's share of the error that is allowed in the end, and from one solution of a point to the next.
constexpr double share_of_step = 1.0 / 100.0, finer = 8.0;
constexpr int most_solutions = 7;
/// What a solution may be off by: its difference from the one before, and its own estimates so many times over; but no
/// less than so many steps' tolerances (half of what is allowed), since over few long steps all of these can be
/// small by chance. Wide enough at all points of data/mixtures, between components and far out, from 1 nat to 1e-10
/// (docs/theory.md, D22).
constexpr double estimates_over = 4.0, least_steps = 50.0;
/// What double loses along the way, relative to the numbers' size and per coordinate.
constexpr double double_rounding = 1e-14;
/// Repetitions that size a job with a target, and the head room for what they do not know.
constexpr std::uint64_t pilot_repetitions = 16, most_together = 4096;

double allowed_error(const Options& options, double value) { return options.atol + options.rtol * std::abs(value); }

struct Solution {
  FlowPath path;
  double error = 0.0;  ///< may be off by so much [nat]
  std::uint64_t evaluations = 0;
};

/// Solutions of falling tolerance, each the check of the next, until what the last may be off by is no more than is
/// allowed for its value. Where the solver comes to its end on the way, the last one that stands.
Solution solve_with_check(const FlowPoint& point, const Options& options, const GoOn& go_on) {
  const KeepSteps keep = options.divergence == Divergence::hutchinson ? KeepSteps::yes : KeepSteps::no;
  double tolerance = share_of_step * allowed_error(options, point.gaussian_value());
  FlowPath before = point.solve(finer * tolerance, KeepSteps::no, go_on);
  Solution s{{}, HUGE_VAL, before.evaluations};
  s.path.end = before.end;
  for (int count = 1; count < most_solutions && before.end == FlowEnd::reached; ++count) {
    FlowPath path = point.solve(tolerance, keep, go_on);
    s.evaluations += path.evaluations;
    const bool reached = path.end == FlowEnd::reached;
    if (path.end == FlowEnd::broken_off || (!reached && count == 1)) s.path.end = path.end;
    if (!reached) break;
    s.error =
        std::max(std::abs(path.value - before.value) + estimates_over * path.local_errors, least_steps * tolerance);
    const double allowed = allowed_error(options, path.value);
    s.path = std::move(path);
    if (s.error <= allowed) break;
    // The value may be much smaller than it looked from the Gaussian, and what is allowed with it.
    tolerance = std::min(tolerance / finer, share_of_step * allowed);
    before.value = s.path.value;
  }
  return s;
}

/// Repetitions of the probe plan, and their moments.
struct Repetitions {
  BatchRecord sum;
  std::uint64_t pilots = 0;
  std::vector<double> values;  ///< where they are kept
  bool broken_off = false;
};

Repetitions repeat(const FlowTrace& trace, std::uint64_t count, bool pilot, bool keep, const GoOn& go_on) {
  Repetitions done;
  std::vector<double> values, scratch;
  for (std::uint64_t first = 0; first < count; first += values.size()) {
    values.resize(std::min(most_together, count - first));
    scratch.resize(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (!go_on()) return done.broken_off = true, done;
      values[i] = trace.value(first + i, pilot);
      if (!std::isfinite(values[i])) done.sum.non_finite += 1;
    }
    done.sum.value = kernels::merge(done.sum.value, kernels::moments_of(values.data(), values.size(), scratch.data()));
    if (keep) done.values.insert(done.values.end(), values.begin(), values.end());
  }
  return done;
}

/// As many as were asked for, or as a pilot, whose draws are not used again, says that the target needs.
Repetitions repeat_as_asked(const FlowTrace& trace, const Options& options, const GoOn& go_on) {
  std::uint64_t count = options.paths, pilots = 0;
  if (options.target_se.has_value() && count > pilot_repetitions) {
    const Repetitions pilot = repeat(trace, pilot_repetitions, true, false, go_on);
    if (pilot.broken_off) return pilot;
    pilots = pilot_repetitions;
    const double variance = pilot.sum.value.variance() * kernels::variance_safety(pilot_repetitions - 1);
    const double needed = std::ceil(variance / (*options.target_se * *options.target_se));
    count =
        needed < static_cast<double>(count) ? std::max(static_cast<std::uint64_t>(needed), pilot_repetitions) : count;
  }
  Repetitions done = repeat(trace, count, false, options.keep_samples, go_on);
  done.pilots = pilots;
  return done;
}

/// The result of exact divergence: no draws, so the value is its own interval, and the error stands beside it.
void take_value(const Solution& s, PointResult& result) {
  result.log_density = result.ci95_lower = result.ci95_upper = s.path.value;
  result.std_error = 0.0;
  result.discretization_error = s.error;
}

void take_repetitions(const FlowTrace& trace, const Solution& s, Repetitions& done, PointResult& result) {
  const kernels::Moments& m = done.sum.value;
  result.paths = result.independent_samples = m.count;
  result.score_evaluations += (m.count + done.pilots) * trace.evaluations();
  result.samples = std::move(done.values);
  if (done.sum.non_finite > 0) return result.flags.push_back("non-finite-path");
  result.log_density = m.mean;
  result.discretization_error = s.error + std::abs(trace.quadrature_error());
  if (m.count < enough_samples) result.flags.push_back("small-sample");
  if (m.count < 2) return;
  const double se = kernels::sqrt(m.variance_of_mean());
  const kernels::SkewedReach reach = kernels::skewed_reach(m.skewness(), m.count, kernels::student_975(m.count - 1));
  if (has_heavy_tail(done.sum) && se > smallest_flagged_error(m.mean)) result.flags.push_back("heavy-tail");
  result.std_error = se;
  result.path_variance = m.variance();
  result.ci95_lower = m.mean - reach.below * se;
  result.ci95_upper = m.mean + reach.above * se;
}

/// Flags what is larger than was asked for, and an estimate that its error budget does not explain, which only the
/// exact value can tell.
void judge(const Options& options, PointResult& result) {
  if (!result.log_density.has_value()) return;
  const double se = result.std_error.value_or(0.0);
  const double matters =
      std::max({se, smallest_flagged_error(*result.log_density), allowed_error(options, *result.log_density)});
  if (!(*result.discretization_error <= matters)) result.flags.push_back("discretization");
  if (*result.truncation_error > matters) result.flags.push_back("truncation");
  if (*result.arithmetic_error > matters) result.flags.push_back("arithmetic");
  if (options.end != End::exact || !result.exact_log_density || !result.std_error) return;
  const double explained = 6.0 * se + *result.discretization_error + *result.arithmetic_error;
  if (std::abs(*result.log_density - *result.exact_log_density) >
      smallest_flagged_error(*result.log_density) + explained)
    result.flags.push_back("exact-mismatch");
}

/// Nothing where it was broken off.
std::optional<PointResult> run_point(const JobContext& job, const double* x, const GoOn& go_on) {
  const Options& options = job.options;
  const FlowPoint point(job.model, options, x);
  PointResult result;
  result.finest_variance = point.finest_variance();
  result.largest_noise = point.largest_noise();
  if (job.model.network() == nullptr) {
    const double exact = job.model.log_density(point.y().data());
    if (std::isfinite(exact)) result.exact_log_density = exact;
  }
  const Solution s = solve_with_check(point, options, go_on);
  if (s.path.end == FlowEnd::broken_off) return std::nullopt;
  result.score_evaluations = point.evaluations() + s.evaluations;
  result.solution_evaluations = point.evaluations() + s.path.evaluations;
  if (s.path.end != FlowEnd::reached) {
    // Of a solver that makes no headway there is no number worth having.
    result.flags.push_back(s.path.end == FlowEnd::too_many_steps ? "discretization" : "non-finite-path");
    return result;
  }
  result.truncation_error = s.path.truncation;
  result.arithmetic_error = double_rounding * (job.model.dim() + std::abs(point.gaussian_value()));
  if (options.divergence == Divergence::hutchinson) {
    const FlowTrace trace(point, s.path, options);
    Repetitions done = repeat_as_asked(trace, options, go_on);
    if (done.broken_off) return std::nullopt;
    take_repetitions(trace, s, done, result);
  } else {
    take_value(s, result);
  }
  judge(options, result);
  return result;
}

}  // namespace

std::vector<PointResult> run_flow_points(const JobContext& job, tbb::task_arena& arena, MatrixView points,
                                         std::size_t first, std::size_t n, Meter& meter) {
  meter.planned(n, n);
  std::vector<std::optional<PointResult>> done(n);
  std::size_t reported = 0;
  const auto work = [&](std::size_t p) {
    done[p] = run_point(job, points.row(first + p), [&] { return meter.beat(); });
    return done[p].has_value();
  };
  parallel_chunks(arena, meter.plans, n, work, [&](std::size_t finished) {
    std::uint64_t paths = 0;
    double worst = 0.0;
    const std::size_t batches = finished - reported;
    for (; reported < finished; ++reported) {
      paths += done[reported]->paths;
      worst = std::max(worst, done[reported]->std_error.value_or(0.0));
    }
    meter.finished(worst);
    return meter.report(batches, paths);
  });
  std::vector<PointResult> results;
  for (std::size_t p = 0; p < n; ++p) {
    results.push_back(done[p].has_value() ? std::move(*done[p]) : stopped_point(first + p));
    results.back().index = first + p;
  }
  return results;
}

}  // namespace scorepath
