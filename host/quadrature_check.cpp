#include "host/quadrature_check.hpp"

#include <algorithm>

namespace scorepath {
namespace {

/// Where the draws of rays begin, away from those of the pilots.
constexpr std::uint64_t rays_begin = std::uint64_t{1} << 41;
/// Pairs of the first round; every other one doubles them.
constexpr std::size_t first_pairs = 16;
/// The least steps of the fine quadrature, tapered (stationary without a reference) with exact transitions: it has
/// twice the steps of the other else.
constexpr std::uint64_t least_fine_steps = 128;
/// Where a ray's quadrature starts, as a share of the finest variance: near zero, where its integrand has a limit of
/// its own (z.(Js)z rather than the divergence), which node 0 does not have. What is left out, half |s|^2 from there to
/// zero, is different in the two quadratures: for points far out the start is nearer, as near as float allows.
double ray_start(double finest_variance, double square_score) {
  constexpr double share = 1e-4, least_share = 1e-8;
  return finest_variance * std::max(share / (1.0 + finest_variance * square_score), least_share);
}
/// Nodes that a lane sums: a piece's sum is added to the others' in double.
constexpr std::size_t most_piece_steps = 1024;

}  // namespace

/// The quadrature along rays, its node 0 moved to a noise level next to zero.
PointPlan::Quadrature PointPlan::on_rays(const Quadrature& quadrature) const {
  const std::size_t steps = quadrature.steps();
  Quadrature rays(steps + 1);
  const double start = std::min(ray_start(finest_variance_, first_square_), 0.25 * quadrature.rho[1]);
  std::vector<kernels::TransitionStep> marginals{{1.0, 0.0, 0.0, start}};
  marginals.insert(marginals.end(), quadrature.transitions.begin(), quadrature.transitions.end());
  std::copy(quadrature.rho.begin() + 1, quadrature.rho.end(), rays.rho.begin() + 2);
  std::copy(quadrature.weight.begin(), quadrature.weight.end(), rays.weight.begin() + 1);
  rays.rho[1] = start;
  kernels::ray_transitions(marginals.data(), static_cast<int>(steps + 1), rays.transitions.data());
  return rays;
}

PointPlan::Quadrature PointPlan::own_rays() const {
  return engine_of(job_.options) == Engine::rays ? grid_ : on_rays(grid_);
}

PointPlan::Quadrature PointPlan::fine_rays() const {
  if (engine_of(job_.options) == Engine::rays) return on_ray(job_.rays.fine);
  Quadrature fine(std::max(2 * grid_.steps(), std::size_t{least_fine_steps}));
  const int steps = static_cast<int>(fine.steps());
  if (use_reference_) {
    kernels::tapered_grid(range_, finest_variance_, largest_variance_, steps, fine.nodes());
  } else {  // nothing is taken off that falls like 1/rho only
    kernels::stationary_grid(range_, finest_variance_, steps, fine.nodes());
  }
  kernels::exact_transitions(fine.rho.data(), steps, fine.transitions.data());
  return on_rays(fine);
}

/// Steps of a piece: a lane's sum of a fine grid's many small terms would lose them one by one.
std::size_t PointPlan::piece_steps() const { return std::min(grid_.steps() + 1, most_piece_steps); }

std::size_t PointPlan::ray_pieces(const Quadrature& rays) const {
  return (rays.steps() + piece_steps() - 1) / piece_steps();
}

PointPlan::Tables<float> PointPlan::ray_tables(const Quadrature& rays, std::size_t piece) const {
  Tables<float> tables;
  tables.view = tables_.view;
  tables.reference = tables_.reference;
  const std::size_t begin = piece * piece_steps(), end = std::min(begin + piece_steps(), rays.steps());
  fill_step_tables(tables, rays, begin, end, true);
  if (begin > 0) {  // the first node of a piece from z alone
    tables.steps[0].state = 0.0f;
    tables.steps[0].noise = static_cast<float>(kernels::sqrt(rays.transitions[begin].variance));
  }
  return tables;
}

kernels::PathJob<float> PointPlan::ray_job(const Tables<float>& tables) const {
  kernels::PathJob<float> job = path_job(tables, Draws::pilot);
  job.antithetic = true;
  job.sobol = {};
  return job;
}

std::uint64_t PointPlan::first_ray(std::uint64_t pair) const { return rays_begin + pair; }

std::vector<double> PointPlan::along_rays(const Quadrature& rays, std::uint64_t first, std::size_t pairs,
                                          const GoOn& go_on) const {
  std::vector<double> sums(pairs, 0.0);
  std::vector<float> values((pairs + 15) / 16 * 16);
  if (engine_of(job_.options) == Engine::rays) {
    Tables<float> tables;
    tables.view = tables_.view;
    tables.reference = tables_.reference;
    fill_rays(tables, rays);
    kernels::RayJob<float> job = ray_job(tables, Draws::pilot);
    job.antithetic = false;
    const bool whole = in_turns(std::uint64_t{job.steps}, static_cast<int>(pairs), go_on, [&](int from, int n) {
      job_.cpu.rays(job, first_ray(first + static_cast<std::uint64_t>(from)), n, values.data() + from);
    });
    if (!whole) return {};
    sums.assign(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(pairs));
    return sums;
  }
  for (std::size_t piece = 0; piece < ray_pieces(rays); ++piece) {
    const Tables<float> tables = ray_tables(rays, piece);
    const kernels::PathJob<float> job = ray_job(tables);
    const bool whole = in_turns(2 * std::uint64_t{job.steps}, static_cast<int>(pairs), go_on, [&](int from, int n) {
      job_.cpu.paths(job, first_ray(first + static_cast<std::uint64_t>(from)), n, values.data() + from);
    });
    if (!whole) return {};
    for (std::size_t i = 0; i < pairs; ++i) sums[i] += static_cast<double>(values[i]);
  }
  return sums;
}

QuadratureCheck::QuadratureCheck(const PointPlan& plan, const Budget& budget)
    : plan_(plan), budget_(budget), own_(plan.own_rays()), fine_(plan.fine_rays()), pairs_(first_pairs) {}

std::uint64_t QuadratureCheck::most_pairs() const { return budget_.most / per_pair() + first_pairs; }

void QuadratureCheck::take(std::vector<double> own, const std::vector<double>& fine) {
  std::vector<double> scratch(own.size());
  for (std::size_t i = 0; i < own.size(); ++i) own[i] -= fine[i];
  excess_ = kernels::merge(excess_, kernels::moments_of(own.data(), own.size(), scratch.data()));
  spent_ += own.size() * per_pair();
  const double error = 2.0 * kernels::sqrt(excess_.variance_of_mean());
  // A few rays that outweigh the others may have like ones not met yet.
  const bool settled = static_cast<double>(excess_.count) >= 5.0 * excess_.square_skewness();
  const bool known =
      spent_ >= budget_.least && settled && error <= std::max(0.5 * kernels::abs(excess_.mean), budget_.tolerance);
  pairs_ = known || spent_ + excess_.count * per_pair() > budget_.most ? 0 : excess_.count;
}

bool QuadratureCheck::run(const GoOn& go_on) {
  while (pairs_ > 0) {
    std::vector<double> own = plan_.along_rays(own_, first(), pairs_, go_on);
    if (own.empty()) return false;
    const std::vector<double> fine = plan_.along_rays(fine_, first(), pairs_, go_on);
    if (fine.empty()) return false;
    take(std::move(own), fine);
  }
  return true;
}

}  // namespace scorepath
