#include "host/multilevel.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include "host/levels.hpp"
#include "host/parallel.hpp"
#include "host/point_group.hpp"
#include "host/sizing.hpp"
#include "kernels/reduce/student.hpp"

namespace scorepath {
namespace {

/// Paths of the first level's pilot; each level halves the step and wants 2^-1.5 times the paths.
constexpr double first_pilot_paths = 256.0;
/// Of what the last step took out, the share that may be left (host/point_result.cpp, of paths with noise), and the
/// share of a target that this may be.
constexpr double share_left = 0.2, share_of_target = 0.25;
/// A pilot is to be this share of its job, so that its variance is known well enough.
constexpr std::uint64_t pilot_share = 16;
/// Of a sample's variance, where an estimate that missed its target goes on by its own.
constexpr double margin = 1.1;

/// Runs the points of a group through pilots and estimate.
class MultilevelRun {
 public:
  MultilevelRun(const JobContext& job, tbb::task_arena& arena, Levels& levels, std::size_t points, Meter& meter)
      : job_(job),
        arena_(arena),
        levels_(levels),
        points_(points),
        meter_(meter),
        used_(points, job.options.target_se ? least_levels : levels.size()) {}

  void run() {
    meter_.planned(points_, points_ * 2 * levels_.size());
    run_pilots();
    meter_.sized();
    for (std::size_t p = 0; p < points_; ++p) aim(p, &Level::pilot);
    do {
      run_all(PointPlan::Draws::estimate, &Level::estimate);
    } while (!meter_.stopped() && extend());
  }
  std::size_t used(std::size_t p) const { return used_[p]; }

 private:
  void run_all(PointPlan::Draws draws, Stage Level::*stage) {
    for (const auto& level : levels_)
      if (!meter_.stopped()) run_stage(level->job, arena_, level->group, draws, (*level).*stage, meter_);
  }

  std::uint64_t pilot_paths(std::size_t l) const {
    const std::uint64_t most = job_.options.paths / (4 * levels_.size());
    const auto wanted = static_cast<std::uint64_t>(first_pilot_paths * std::exp2(-1.5 * static_cast<double>(l)));
    return std::max(std::min(wanted, most), least_level_paths);
  }

  /// Until the levels are enough and the pilots large enough for the jobs that they size.
  void run_pilots() {
    for (std::size_t p = 0; p < points_; ++p)
      for (std::size_t l = 0; l < used_[p]; ++l) levels_[l]->pilot.target[p] = pilot_paths(l);
    bool more = true;
    while (more && !meter_.stopped()) {
      run_all(PointPlan::Draws::pilot, &Level::pilot);
      more = false;
      for (std::size_t p = 0; p < points_ && job_.options.target_se && !meter_.stopped(); ++p)
        more = add_level(p) || grow_pilots(p) || more;
    }
  }
  bool add_level(std::size_t p) {
    if (used_[p] == levels_.size()) return false;
    const kernels::Moments& taken_out = levels_[used_[p] - 1]->pilot.leaning[p];
    const double left = share_left * (std::abs(taken_out.mean) + 2.0 * std::sqrt(taken_out.variance_of_mean()));
    if (!(left > share_of_target * *job_.options.target_se)) return false;
    levels_[used_[p]]->pilot.target[p] = pilot_paths(used_[p]);
    ++used_[p];
    return true;
  }
  bool grow_pilots(std::size_t p) {
    const std::vector<std::uint64_t> wanted = allocation(p, &Level::pilot);
    bool grows = false;
    for (std::size_t l = 0; l < used_[p]; ++l) {
      Stage& pilot = levels_[l]->pilot;
      const std::uint64_t share = wanted[l] / pilot_share / 16 * 16;
      if (share <= pilot.target[p]) continue;
      pilot.target[p] = share;
      grows = true;
    }
    return grows;
  }

  /// Paths of every level that the moments of a stage ask for, within what may be spent.
  std::vector<std::uint64_t> allocation(std::size_t p, Stage Level::*stage) const {
    const std::size_t used = used_[p];
    const std::vector<kernels::Moments> parts = parts_of(levels_, stage, p, used);
    std::uint64_t groups = 0;
    double sum = 0.0;  // of sqrt(V C)
    std::vector<double> share(used, 0.0);
    for (std::size_t l = 0; l < used; ++l) {
      const double variance = parts[l].count < 2 ? 0.0 : parts[l].variance(), cost = levels_[l]->evaluations(p);
      if (variance > 0.0) share[l] = std::sqrt(variance / cost);  // what is no number has no share
      sum += share[l] * cost;
      groups += parts[l].count / tame_group;
    }
    double scale = HUGE_VAL, total = 0.0;
    if (job_.options.target_se) {
      const bool sizes = stage == &Level::pilot;
      const double safety = sizes ? kernels::variance_safety(std::max<std::uint64_t>(groups / 3, 2)) : margin;
      const double target = *job_.options.target_se;
      scale = sum * safety / std::max(target * target - levels_[0]->group.plans[p]->baseline_variance(), 1e-300);
    }
    for (const double s : share) total += s;
    const std::uint64_t least = used * least_level_paths;
    const std::uint64_t pilots = std::min(done_of(levels_, &Level::pilot, p), job_.options.paths - least);
    const auto room = static_cast<double>(job_.options.paths - pilots - least);
    const double most = total > 0.0 ? room / total : 0.0;
    std::vector<std::uint64_t> paths(used, least_level_paths);
    for (std::size_t l = 0; l < used; ++l) {
      const double wanted = share[l] * std::min(scale, most);
      // Within the room each has its least beside its share, else a target's number, whole packs of it.
      const auto more = static_cast<std::uint64_t>(wanted);
      paths[l] = scale < most ? std::max(paths[l], (more + 15) / 16 * 16) : paths[l] + more;
    }
    return paths;
  }

  void aim(std::size_t p, Stage Level::*stage) {
    const std::vector<std::uint64_t> paths = allocation(p, stage);
    std::uint64_t batches = 0;
    for (std::size_t l = 0; l < used_[p]; ++l) {
      Stage& estimate = levels_[l]->estimate;
      const std::uint64_t target = std::max(paths[l], estimate.done[p]);
      batches += batches_between(job_.sampling, estimate.done[p], target);
      estimate.target[p] = target;
    }
    meter_.planned(0, batches);
  }

  /// Points that missed the target and may still spend go on, by their own variance.
  bool extend() {
    bool any = false;
    for (std::size_t p = 0; p < points_ && job_.options.target_se; ++p) {
      const kernels::Moments sum = sum_of_means(parts_of(levels_, &Level::estimate, p, used_[p]));
      const double variance = sum.variance_of_mean() + levels_[0]->group.plans[p]->baseline_variance();
      const std::uint64_t spent = done_of(levels_, &Level::pilot, p) + done_of(levels_, &Level::estimate, p);
      if (!(std::sqrt(variance) > *job_.options.target_se) || spent >= job_.options.paths) continue;
      aim(p, &Level::estimate);
      for (std::size_t l = 0; l < used_[p]; ++l)
        any = any || levels_[l]->estimate.target[p] > levels_[l]->estimate.done[p];
    }
    return any;
  }

  const JobContext& job_;
  tbb::task_arena& arena_;
  Levels& levels_;
  std::size_t points_;
  Meter& meter_;
  std::vector<std::size_t> used_;  ///< levels of each point
};

/// Float against double on every level that a point used; false where it was broken off.
bool check_arithmetic(const Levels& levels, std::size_t used, std::size_t p, PointRecord& record, const GoOn& go_on) {
  std::vector<kernels::Moments> parts;
  for (std::size_t l = 0; l < used; ++l) {
    const Level& level = *levels[l];
    const std::optional<kernels::Moments> difference =
        level.group.plans[p]->arithmetic_difference(arithmetic_samples, go_on, level.group.records[p].device_values);
    if (!difference) return false;
    parts.push_back(*difference);
    record.check_evaluations += static_cast<std::uint64_t>(2 * arithmetic_samples * level.evaluations(p));
  }
  record.arithmetic = sum_of_means(parts);
  return true;
}

/// What all levels together make of a point; `stage`: whose samples count.
PointResult make_multilevel_result(const JobContext& job, const Levels& levels, Stage Level::*stage, std::size_t used,
                                   std::size_t p, PointRecord& record) {
  record.sum.value = sum_of_means(parts_of(levels, stage, p, used));
  record.samples = done_of(levels, stage, p);
  record.leaning = ((*levels[used - 1]).*stage).leaning[p];
  std::uint64_t evaluations = record.check_evaluations;
  std::vector<PathLevelResult> account;
  for (std::size_t l = 0; l < used; ++l) {
    const Level& level = *levels[l];
    const PointPlan& plan = *level.group.plans[p];
    const Stage& own = level.*stage;
    record.sum.non_finite += own.sums[p].non_finite;
    const std::uint64_t each = plan.evaluations_per_sample();
    const std::uint64_t pilots = stage == &Level::pilot ? 0 : level.pilot.done[p];
    evaluations += (own.done[p] + pilots) * each + plan.extra_evaluations();
    const kernels::Moments m = of_level(level, own, p);
    PathLevelResult of{level.steps(), own.done[p], l == 0 ? plan.baseline() - m.mean : -m.mean, {}, each};
    if (m.count >= 2) of.std_error = std::sqrt(m.variance_of_mean());
    account.push_back(of);
  }
  if (!record.exact.has_value()) record.exact = levels[0]->group.plans[p]->exact_log_density();
  PointResult result = make_point_result(job, *levels[0]->group.plans[p], record);
  result.score_evaluations = evaluations;
  result.levels = std::move(account);
  return result;
}

}  // namespace

std::vector<PointResult> run_multilevel_points(const JobContext& job, tbb::task_arena& arena, MatrixView points,
                                               std::size_t first, std::size_t n, Meter& meter) {
  // 1. Plans of every level: the same grid, of which each takes its nodes.
  Levels levels;
  const std::size_t count = most_levels(job.options.steps);
  for (std::size_t l = 0; l < count; ++l) {
    levels.push_back(std::make_unique<Level>(job, n, l, count));
    Level& level = *levels.back();
    if (!meter.stopped()) level.group = open_group(level.job, arena, points, first, n, meter);
    if (!meter.stopped() && job.cuda != nullptr)
      level.group.cuda = std::make_unique<CudaGroup>(level.job, *job.cuda, level.group.plans);
  }
  // 2. Pilots, then the estimate.
  MultilevelRun run(job, arena, levels, n, meter);
  if (!meter.stopped()) run.run();
  // 3. Checks of float.
  for (const auto& level : levels) {
    if (level->group.cuda == nullptr || meter.stopped()) continue;
    const std::vector<std::vector<float>> values = level->group.cuda->sample_values(arithmetic_samples, 1);
    for (std::size_t p = 0; p < n; ++p) level->group.records[p].device_values = values[p];
    level->group.cuda.reset();
  }
  std::vector<PointRecord> records(n);
  std::size_t checked = 0;
  if (!meter.stopped()) {
    checked = parallel_chunks(
        arena, meter.checks, n,
        [&](std::size_t p) {
          return check_arithmetic(levels, run.used(p), p, records[p], [&] { return meter.beat(); });
        },
        [&](std::size_t) { return meter.report(0, 0); });
  }
  // 4. Results; stopped while the job was sized, the pilots are an estimate too.
  const auto reached = [&](Stage Level::*stage, std::size_t p) {
    return std::all_of(levels.begin(), levels.begin() + static_cast<std::ptrdiff_t>(run.used(p)),
                       [&](const auto& level) { return ((*level).*stage).done[p] >= 2; });
  };
  std::vector<PointResult> results;
  for (std::size_t p = 0; p < n; ++p) {
    records[p].stopped = p >= checked;
    Stage Level::*stage = reached(&Level::estimate, p) ? &Level::estimate : &Level::pilot;
    results.push_back(levels.back()->group.plans.size() == n && levels.back()->group.plans[p] != nullptr &&
                              reached(stage, p)
                          ? make_multilevel_result(job, levels, stage, run.used(p), p, records[p])
                          : stopped_point(first + p));
    results.back().index = first + p;
  }
  return results;
}

}  // namespace scorepath
