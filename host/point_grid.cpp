// Where a point's samples are placed: laws of slice times, step grids of paths, nodes of rays; and the pilot that fits
// them.
#include <algorithm>
#include <bit>

#include "host/point_plan.hpp"
#include "kernels/estimator/ray.hpp"

namespace scorepath {
namespace {

using kernels::Purpose;

constexpr int fitted_cells = 256;
constexpr int pilot_samples = 2048;
constexpr int pilot_bins = 16;
/// Least nodes of the quadrature that a ray's is held against.
constexpr std::uint64_t least_fine_nodes = 96;
constexpr double defensive_share =
    0.5;  // of a fitted law that stays as it was: less leaves tails too thin for honest intervals

}  // namespace

/// Runs a pilot of slices under the law of `nodes` and returns, for equal shares of it, how densely a law should sample
/// there: the integrand's spread around its local mean (the rest is the strata's), part of it evenly.
std::vector<double> PointPlan::pilot_spread(const std::vector<double>& nodes, const GoOn& go_on) {
  law_nodes_ = nodes;
  law_shape_ = kernels::CellShape::linear_in_root;
  Tables<float> tables;
  fill_tables(tables);
  kernels::SliceJob<float> job = slice_job(tables, Draws::pilot);
  job.points = kernels::Points::stratified;
  job.cancellation = true;  // uncancelled noise would drown what steps and laws can do something about
  job.log2_length = std::countr_zero(static_cast<unsigned>(pilot_samples));
  std::vector<float> values(pilot_samples);
  in_turns(job_.sampling.paths_per_sample, pilot_samples, go_on,
           [&](int from, int n) { job_.cpu.slices(job, static_cast<std::uint64_t>(from), n, values.data() + from); });
  extra_evaluations_ += pilot_samples * job_.sampling.paths_per_sample;

  constexpr int per_bin = pilot_samples / pilot_bins;
  std::vector<double> density(pilot_bins);
  double total = 0.0;
  for (int b = 0; b < pilot_bins; ++b) {
    double bin[per_bin], scratch[per_bin];
    std::copy_n(values.begin() + b * per_bin, per_bin, bin);
    density[static_cast<std::size_t>(b)] = kernels::sqrt(kernels::moments_of(bin, per_bin, scratch).variance());
    total += density[static_cast<std::size_t>(b)];
  }
  for (double& share : density) {
    share = total > 0.0 ? (1.0 - defensive_share) * share / total + defensive_share / pilot_bins : 1.0 / pilot_bins;
  }
  fitted_shares_ = density;
  return density;
}

void PointPlan::make_law(const GoOn& go_on) {
  const kernels::NoiseSchedule& schedule = job_.model.schedule();
  std::vector<double> log_snr(law_cells + 1), own(law_cells + 1);
  kernels::log_snr_nodes(range_.end, finest_variance_, law_cells, log_snr.data());
  const auto mix_with_log_snr = [&] {
    law_nodes_.resize(law_cells + 1);
    kernels::mix_nodes(own.data(), law_cells, log_snr.data(), law_cells, kernels::log_snr_share, law_cells,
                       law_nodes_.data());
    law_shape_ = kernels::CellShape::linear_in_rho;
  };
  switch (job_.options.time_law) {
    case TimeLaw::log_snr:
      law_nodes_ = log_snr;
      break;
    case TimeLaw::uniform:
      kernels::uniform_nodes(schedule, range_, law_cells, own.data());
      mix_with_log_snr();
      break;
    case TimeLaw::debiased:
      kernels::debiased_nodes(schedule, range_, law_cells, own.data());
      mix_with_log_snr();
      break;
    case TimeLaw::importance: {
      const std::vector<double> density = pilot_spread(log_snr, go_on);
      law_nodes_.resize(fitted_cells + 1);
      kernels::warp_nodes(log_snr.data(), law_cells, density.data(), pilot_bins, fitted_cells, law_nodes_.data());
      break;
    }
  }
}

RayRules::Rule::Rule(std::size_t n) : nodes(n), weights(n) {
  kernels::gauss_legendre(static_cast<int>(n), nodes.data(), weights.data());
}

RayRules::RayRules(const Options& resolved) {
  if (engine_of(resolved) != Engine::rays) return;
  own = Rule(resolved.steps);
  fine = Rule(std::max(3 * resolved.steps / 2, least_fine_nodes));
}

PointPlan::Quadrature PointPlan::on_ray(const RayRules::Rule& rule) const {
  const kernels::RayMap map{finest_variance_, std::max(largest_variance_ + range_.start, finest_variance_)};
  Quadrature ray(rule.nodes.size());
  for (std::size_t k = 0; k < rule.nodes.size(); ++k) {
    double tau, rate;
    map(rule.nodes[k], tau, rate);
    ray.rho[k + 1] = tau * tau;
    ray.weight[k + 1] = rule.weights[k] * rate;
  }
  return ray;
}

void PointPlan::make_grid(const GoOn& go_on) {
  const int steps = static_cast<int>(job_.options.steps);
  grid_ = Quadrature(job_.options.steps);
  const kernels::GridNodes nodes = grid_.nodes();
  const bool increments = follows_paths(engine_of(job_.options));
  const kernels::Rule rule = increments ? kernels::Rule::gregory : kernels::Rule::simpson;
  switch (job_.options.grid) {
    case Grid::tapered:
      kernels::tapered_grid(range_, finest_variance_, largest_variance_, steps, nodes, rule);
      break;
    case Grid::automatic:  // resolved before
    case Grid::stationary:
      kernels::stationary_grid(range_, finest_variance_, steps, nodes, rule);
      break;
    case Grid::log_snr:
      kernels::log_snr_grid(range_, finest_variance_, steps, nodes, rule);
      break;
    case Grid::uniform_t:
      kernels::uniform_time_grid(job_.model.schedule(), range_, steps, nodes, rule);
      break;
    case Grid::adaptive: {
      std::vector<double> law(fitted_cells + 1);
      const kernels::StationaryMap map{finest_variance_, range_.end};
      for (int k = 0; k <= fitted_cells; ++k) {
        double rate;
        map(static_cast<double>(k) / fitted_cells, law[static_cast<std::size_t>(k)], rate);
      }
      const std::vector<double> density = pilot_spread(law, go_on);
      std::vector<double> cumulative(pilot_bins + 1), slope(pilot_bins + 1);
      for (std::size_t b = 0; b < pilot_bins; ++b) cumulative[b + 1] = cumulative[b] + density[b];
      for (double& share : cumulative) share /= cumulative.back();
      kernels::WarpMap::make_slopes(pilot_bins, cumulative.data(), slope.data());
      kernels::clear(nodes, steps);
      kernels::add_piece(nodes, 0, steps, kernels::WarpMap{map, pilot_bins, cumulative.data(), slope.data()}, rule);
      break;
    }
  }
  if (job_.level.every > 1) {
    Quadrature level(job_.options.steps / job_.level.every);
    for (std::size_t k = 0; k < level.rho.size(); ++k) level.rho[k] = grid_.rho[k * job_.level.every];
    grid_ = level;  // without weights: steered paths take their own
  }
  if (engine_of(job_.options) == Engine::weights || engine_of(job_.options) == Engine::steered) return;
  if (job_.options.transition == Transition::exact) {
    kernels::exact_transitions(grid_.rho.data(), steps, grid_.transitions.data());
  } else {
    kernels::euler_maruyama_transitions(job_.model.schedule(), range_, grid_.rho.data(), steps,
                                        grid_.transitions.data());
  }
  take_first_node();
}

}  // namespace scorepath
