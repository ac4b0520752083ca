// How far a path's quadrature and steps are off, from the same quadrature along rays.
//
// The mean of a quadrature sum_k w_k T(n_k) depends on the law of each n_k alone, not on how they hang together. Along
// a ray, n_k = tau_k z with one z for all nodes, every n_k has the law that it has along the path, and the integrand is
// a smooth function of rho: there the difference between a quadrature and a fine one is known to a few digits from a
// few rays, where along paths it would drown in their noise. It holds everything: the grid, the transition's own error,
// and step counts at which a coarser grid happens to agree.
#include <algorithm>

#include "host/point_plan.hpp"

namespace scorepath {
namespace {

/// Where the draws of rays begin, away from those of the pilots.
constexpr std::uint64_t rays_begin = std::uint64_t{1} << 41;
/// Pairs of the first round; every other one doubles them.
constexpr std::size_t first_pairs = 16;
/// The least steps of the fine quadrature, stationary with exact transitions: it has twice the steps of the other else.
constexpr std::uint64_t least_fine_steps = 128;
/// Where a ray's quadrature starts, as a share of the finest variance: near zero, where its integrand has a limit of
/// its own (z.(Js)z rather than the divergence), which node 0 does not have.
constexpr double ray_start = 1e-4;

}  // namespace

/// The quadrature along rays, its node 0 moved to a noise level next to zero.
PointPlan::Quadrature PointPlan::on_rays(const Quadrature& quadrature) const {
  const std::size_t steps = quadrature.steps();
  Quadrature rays(steps + 1);
  const double start = std::min(ray_start * finest_variance_, 0.25 * quadrature.rho[1]);
  std::vector<kernels::TransitionStep> marginals{{1.0, 0.0, 0.0, start}};
  marginals.insert(marginals.end(), quadrature.transitions.begin(), quadrature.transitions.end());
  std::copy(quadrature.rho.begin() + 1, quadrature.rho.end(), rays.rho.begin() + 2);
  std::copy(quadrature.weight.begin(), quadrature.weight.end(), rays.weight.begin() + 1);
  rays.rho[1] = start;
  kernels::ray_transitions(marginals.data(), static_cast<int>(steps + 1), rays.transitions.data());
  return rays;
}

/// The quadrature's value on antithetic pairs of rays [pairs]. Rays need no memory of where they come from: the nodes
/// are taken in pieces no longer than the path, so that the tables are no larger either. Empty where broken off.
std::vector<double> PointPlan::along_rays(const Quadrature& rays, std::uint64_t first, std::size_t pairs,
                                          const GoOn& go_on) const {
  std::vector<double> sums(pairs, 0.0);
  std::vector<float> values((pairs + 15) / 16 * 16);
  Tables<float> tables;
  tables.view = tables_.view;
  tables.reference = tables_.reference;
  const std::size_t piece = grid_.steps() + 1;
  for (std::size_t begin = 0; begin < rays.steps(); begin += piece) {
    const std::size_t end = std::min(begin + piece, rays.steps());
    fill_step_tables(tables, rays, begin, end, true);
    if (begin > 0) {  // the first node of a piece from z alone
      tables.steps[0].state = 0.0f;
      tables.steps[0].noise = static_cast<float>(kernels::sqrt(rays.transitions[begin].variance));
    }
    kernels::PathJob<float> job = path_job(tables, Draws::pilot);
    job.antithetic = true;
    const bool whole = in_turns(2 * std::uint64_t{job.steps}, static_cast<int>(pairs), go_on, [&](int from, int n) {
      job_.cpu.paths(job, rays_begin + first + static_cast<std::uint64_t>(from), n, values.data() + from);
    });
    if (!whole) return {};
    for (std::size_t i = 0; i < pairs; ++i) sums[i] += static_cast<double>(values[i]);
  }
  return sums;
}

std::optional<kernels::Moments> PointPlan::quadrature_difference(double tolerance, std::uint64_t least_evaluations,
                                                                 std::uint64_t most_evaluations,
                                                                 std::uint64_t& evaluations, const GoOn& go_on) const {
  Quadrature fine(std::max(2 * grid_.steps(), std::size_t{least_fine_steps}));
  const int fine_steps = static_cast<int>(fine.steps());
  kernels::stationary_grid(range_, finest_variance_, fine_steps, fine.nodes());
  kernels::exact_transitions(fine.rho.data(), fine_steps, fine.transitions.data());
  const Quadrature own_rays = on_rays(grid_), fine_rays = on_rays(fine);
  const std::uint64_t per_pair = 2 * (own_rays.steps() + fine_rays.steps());
  kernels::Moments excess;
  std::uint64_t spent = 0;
  for (std::size_t pairs = first_pairs;; pairs = excess.count) {
    std::vector<double> own = along_rays(own_rays, excess.count, pairs, go_on), scratch(pairs);
    if (own.empty()) return std::nullopt;
    const std::vector<double> reference = along_rays(fine_rays, excess.count, pairs, go_on);
    if (reference.empty()) return std::nullopt;
    for (std::size_t i = 0; i < pairs; ++i) own[i] -= reference[i];
    excess = kernels::merge(excess, kernels::moments_of(own.data(), pairs, scratch.data()));
    spent += pairs * per_pair;
    const double error = 2.0 * kernels::sqrt(excess.variance_of_mean());
    // A few rays that outweigh the others may have like ones not met yet.
    const bool settled = static_cast<double>(excess.count) >= 5.0 * excess.square_skewness();
    const bool known =
        spent >= least_evaluations && settled && error <= std::max(0.5 * kernels::abs(excess.mean), tolerance);
    if (known || spent + excess.count * per_pair > most_evaluations) break;
  }
  evaluations += spent;
  return excess;
}

}  // namespace scorepath
