#include "host/cuda_rays.hpp"

#include <algorithm>

#include <oneapi/tbb/parallel_for.h>

#include "host/cuda_group.hpp"

namespace scorepath {
namespace {

using Plans = std::vector<std::unique_ptr<PointPlan>>;

/// Pairs of a batch: a launch has values for as many of each, and points need them in different numbers.
constexpr std::uint32_t most_pairs = 512;
/// Pairs of a launch: each piece keeps the values of its own.
constexpr std::size_t most_pairs_together = std::size_t{1} << 20;
constexpr CudaGroup::LaunchSize most_of_launch{most_pairs, most_pairs_together / most_pairs};

/// One of the two quadratures of all points' checks, its pieces' tables on the device.
class DeviceRays {
 public:
  using Side = const PointPlan::Quadrature& (QuadratureCheck::*)() const;

  /// Makes the tables, piece by piece; false where that was broken off.
  bool prepare(const JobContext& job, tbb::task_arena& arena, const Plans& plans,
               const std::vector<QuadratureCheck>& checks, Side side, const GoOn& go_on) {
    const std::size_t pieces = plans.front()->ray_pieces((checks.front().*side)());
    for (std::size_t piece = 0; piece < pieces; ++piece) {
      if (!go_on()) return false;
      std::vector<PointPlan::Tables<float>> tables(plans.size());
      arena.execute([&] {
        tbb::parallel_for(std::size_t{0}, plans.size(),
                          [&](std::size_t p) { tables[p] = plans[p]->ray_tables((checks[p].*side)(), piece); });
      });
      const auto paths = [&](std::size_t p) { return plans[p]->ray_job(tables[p]); };
      groups_.push_back(std::make_unique<CudaGroup>(job, CudaGroup::first_of(*job.cuda), plans, paths, most_of_launch));
    }
    return true;
  }

  /// Adds the values of the pairs of `batches` to sums [batches][pairs].
  bool add(const std::vector<kernels::cuda::Batch>& batches, Pace& pace, std::vector<std::vector<double>>& sums,
           const GoOn& go_on) {
    for (const std::unique_ptr<CudaGroup>& group : groups_) {
      const auto take = [&](std::size_t b, const float* values) {
        for (std::size_t i = 0; i < sums[b].size(); ++i) sums[b][i] += static_cast<double>(values[i]);
      };
      if (!group->values(batches, pace, take, go_on)) return false;
    }
    return true;
  }

 private:
  std::vector<std::unique_ptr<CudaGroup>> groups_;  // of the pieces
};

/// Device memory that a piece's launches take at most: batches as far as the checks may go.
std::size_t launch_bytes(const std::vector<QuadratureCheck>& checks) {
  std::size_t batches = 0;
  for (const QuadratureCheck& check : checks) {
    batches += std::min(check.most_pairs() / most_pairs + 1, std::uint64_t{most_of_launch.batches});
  }
  return CudaGroup::LaunchSize{most_pairs, std::min(batches, most_of_launch.batches)}.bytes();
}

}  // namespace

bool devices_check(const JobContext& job, const Plans& plans, const std::vector<QuadratureCheck>& checks) {
  // What estimates along rays is checked along so few that the processor does it.
  if (job.cuda == nullptr || checks.empty() || engine_of(job.options) == Engine::rays) return false;
  const kernels::cuda::Device& device = *job.cuda->front();
  std::uint64_t evaluations = 0;
  for (const QuadratureCheck& check : checks) evaluations += check.budget().least;
  if (evaluations < device.worthwhile_evaluations()) return false;
  const std::size_t pieces =
      plans.front()->ray_pieces(checks.front().own()) + plans.front()->ray_pieces(checks.front().fine());
  const std::size_t tables = 2 * plans.size() * PointPlan::bytes(job);  // rows are padded to up to twice
  return pieces * (tables + launch_bytes(checks)) < device.free_memory() / 2;
}

bool run_on_device(const JobContext& job, tbb::task_arena& arena, const Plans& plans,
                   std::vector<QuadratureCheck>& checks, const GoOn& go_on) {
  DeviceRays own, fine;
  if (!own.prepare(job, arena, plans, checks, &QuadratureCheck::own, go_on) ||
      !fine.prepare(job, arena, plans, checks, &QuadratureCheck::fine, go_on)) {
    return false;
  }
  Pace pace;
  while (true) {
    // 1. The rays of every check that is not done: batches of one point each.
    std::vector<kernels::cuda::Batch> batches;
    for (std::size_t p = 0; p < checks.size(); ++p) {
      for (std::size_t done = 0; done < checks[p].pairs(); done += most_pairs) {
        const std::size_t count = std::min<std::size_t>(most_pairs, checks[p].pairs() - done);
        batches.push_back({plans[p]->first_ray(checks[p].first() + done), static_cast<std::uint32_t>(p),
                           static_cast<std::uint32_t>(count), 1});
      }
    }
    if (batches.empty()) return true;
    // 2. Both quadratures along them.
    std::vector<std::vector<double>> values[2];
    for (std::vector<std::vector<double>>& side : values) {
      for (const kernels::cuda::Batch& batch : batches) side.emplace_back(batch.count, 0.0);
    }
    if (!own.add(batches, pace, values[0], go_on) || !fine.add(batches, pace, values[1], go_on)) return false;
    // 3. To the checks, point by point.
    for (std::size_t b = 0; b < batches.size();) {
      const std::uint32_t point = batches[b].point;
      std::vector<double> of_point[2];
      for (; b < batches.size() && batches[b].point == point; ++b) {
        for (int side = 0; side < 2; ++side)
          of_point[side].insert(of_point[side].end(), values[side][b].begin(), values[side][b].end());
      }
      checks[point].take(std::move(of_point[0]), of_point[1]);
    }
  }
}

}  // namespace scorepath
