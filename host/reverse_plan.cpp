// Making reverse paths ready: nodes from noise to data, a row for each step, where they start.
#include "host/reverse_plan.hpp"

#include <algorithm>

#include "host/far_noise.hpp"
#include "kernels/estimator/path_weights.hpp"
#include "kernels/score/reference.hpp"
#include "kernels/step/grid.hpp"
#include "kernels/step/reverse.hpp"

namespace scorepath {
namespace {

/// Of a step in u of the second-order method: its stages are explicit, and what is longer (few steps, or where noise
/// drowns the data) is a Gaussian's.
constexpr double longest_explicit_step = 1.0;

}  // namespace

ReversePlan::ReversePlan(const Model& model, const SampleOptions& resolved, const kernels::CpuKernels& cpu)
    : model_(model), options_(resolved), finest_(model.mixture().narrowest()) {
  place_range();
  make_grid();
  if (!options_.times.empty()) add_nodes_at_times();
  make_rows();
  make_start();
  fill_tables(cpu);
}

void ReversePlan::place_range() {
  const double spread = *std::max_element(model_.variance().begin(), model_.variance().end());
  const double noise = options_.log_density ? far_noise_of_sums(options_.steps) : far_noise;
  const double last = model_.last_ratio(), start = model_.start_ratio();
  const double far = options_.end == End::exact ? std::max(last, noise * spread) : last;
  range_ = {1.0 / (model_.unit() * model_.unit()), start,       far - start, model_.t_min(), model_.t_max(),
            model_.first_ratio() - start,          last - start};
}

void ReversePlan::make_grid() {
  const int steps = static_cast<int>(options_.steps);
  rho_.resize(options_.steps + 1);
  std::vector<double> weight(rho_.size());  // carried densities have weights of their own
  const kernels::GridNodes nodes{rho_.data(), weight.data()};
  const double r0 = finest_ + range_.start;
  switch (options_.grid) {
    case Grid::automatic:
    case Grid::adaptive:  // refused
    case Grid::tapered: {
      const double spread = *std::max_element(model_.variance().begin(), model_.variance().end());
      kernels::tapered_grid(range_, r0, spread + range_.start, steps, nodes);
      break;
    }
    case Grid::stationary:
      kernels::stationary_grid(range_, r0, steps, nodes);
      break;
    case Grid::log_snr:
      kernels::log_snr_grid(range_, r0, steps, nodes);
      break;
    case Grid::uniform_t:
      kernels::uniform_time_grid(model_.schedule(), range_, steps, nodes);
      break;
  }
}

double ReversePlan::rho_of(double t) const {
  if (t == range_.t_min) return range_.body_begin;
  if (t == range_.t_max) return range_.body_end;
  return kernels::rho_of_time(model_.schedule(), range_, t);
}

/// Nodes at the times asked for, between those of the grid.
void ReversePlan::add_nodes_at_times() {
  for (const double t : options_.times) {
    const double rho = rho_of(t);
    const auto above = std::lower_bound(rho_.begin(), rho_.end(), rho);
    if (above == rho_.end() || *above != rho) rho_.insert(above, rho);
  }
  const bool in_twos = options_.method == ReverseMethod::predictor_corrector;
  if (in_twos && rho_.size() % 2 == 0) rho_.insert(rho_.end() - 1, 0.5 * (rho_.end()[-1] + rho_.end()[-2]));
}

/// The step from node `node` to the one below it.
kernels::SteeredStep<double> ReversePlan::step_to(int node) const {
  const double lambda = *options_.lambda;
  const double above = rho_[static_cast<std::size_t>(node)], below = rho_[static_cast<std::size_t>(node) - 1];
  const double v = finest_ + range_.start;
  switch (options_.method) {
    case ReverseMethod::ancestral:
    case ReverseMethod::ddim:
      return kernels::reverse_gaussian(range_.start + above, range_.start + below, lambda);
    case ReverseMethod::second_order: {
      if (kernels::log1p((above - below) / (v + below)) <= longest_explicit_step)
        return kernels::reverse_shark(v + above, v + below, lambda);
      kernels::SteeredStep<double> step = kernels::reverse_gaussian(v + above, v + below, lambda);
      step.stage_state = 1.0;  // of the second stage, of which nothing is taken
      return step;
    }
    case ReverseMethod::euler_maruyama: {
      if (!kernels::lies_in_schedule(range_, below) || !kernels::lies_in_schedule(range_, above)) break;
      const auto time = [&](double rho) { return kernels::time_of_rho(model_.schedule(), range_, rho); };
      return kernels::reverse_euler_maruyama(model_.schedule(), range_, time(above), time(below), lambda);
    }
    case ReverseMethod::exponential:
    case ReverseMethod::predictor_corrector:
      break;
  }
  return kernels::reverse_gaussian(v + above, v + below, lambda);
}

/// Rows from the last node to node 0, the score's levels, and where a path stands in the schedule.
void ReversePlan::make_rows() {
  const int steps = static_cast<int>(rho_.size()) - 1;
  const double v = finest_ + range_.start;
  const bool corrects = options_.method == ReverseMethod::predictor_corrector;
  const auto stop_at = [&](int node) {
    const double rho = rho_[static_cast<std::size_t>(node)];
    if (!kernels::lies_in_schedule(range_, rho) && node > 0) return;
    const double t = kernels::time_of_rho(model_.schedule(), range_, rho);
    const double a = rho == 0.0 ? model_.a_start() : model_.schedule().a(t);
    stops_.push_back({static_cast<std::uint32_t>(rows_.size()), t, a * model_.unit(), rho});
  };
  const auto add = [&](const kernels::SteeredStep<double>& row, int node, bool leaves, double noise,
                       double second_level) {
    rows_.push_back(row);
    places_.push_back({node, leaves, noise});
    levels_.push_back(range_.start + rho_[static_cast<std::size_t>(node)]);
    if (two_stages()) levels_.push_back(second_level);
  };
  for (int node = steps; node >= 0; --node) {
    // Langevin steps after every second step: twos of a kind, whose error they tell (estimator/carried.hpp).
    if (corrects && node < steps && (steps - node) % 2 == 0) {
      const double here = v + rho_[static_cast<std::size_t>(node)],
                   before = v + rho_[static_cast<std::size_t>(node) + 1];
      const double delta = 0.5 * options_.corrector_size * kernels::log(before / here);
      for (std::uint64_t i = 0; i < 2 * options_.corrector_steps; ++i)
        add(kernels::langevin(here, delta), node, false, 0.0, 0.0);
    }
    stop_at(node);
    if (node > 0) {
      const double above = v + rho_[static_cast<std::size_t>(node)],
                   below = v + rho_[static_cast<std::size_t>(node) - 1];
      const kernels::SteeredStep<double> step = step_to(node);
      // Of two stages the second knows the noise: what is left of both is that of the linear equation.
      const double deviation =
          two_stages() ? kernels::reverse_gaussian(above, below, *options_.lambda).noise : step.noise;
      add(step, node, true, deviation * deviation, kernels::shark_middle(above, below) - finest_);
    }
  }
  if (options_.log_density) {  // the score at the end
    add(kernels::resting(), 0, false, 0.0, range_.start);
    const auto reference_divergence = [&](double rho) {
      return kernels::divergence(model_.gaussian(), range_.start + rho);
    };
    kernels::add_carried({rho_.data(), steps, v}, reference_divergence, places_.data(), static_cast<int>(rows_.size()),
                         rows_.data());
  }
  if (options_.times.empty()) return;
  std::erase_if(stops_, [&](const Stop& stop) {
    return std::none_of(options_.times.begin(), options_.times.end(), [&](double t) { return rho_of(t) == stop.rho; });
  });
}

/// Paths start from the Gaussian of the data's moments, noise added, or from the prior of X at t_max.
void ReversePlan::make_start() {
  const std::size_t d = dim();
  const double r = range_.start + range_.end;
  start_mean_.assign(d, 0.0);
  start_variance_ = model_.variance();
  for (double& variance : start_variance_) variance += r;
  far_slope_.assign(d, 0.0);
  far_square_.assign(d, 0.0);
  if (options_.end == End::exact) return;
  start_variance_.assign(d, model_.prior_variance());
  for (std::size_t j = 0; j < d; ++j) start_mean_[j] = -model_.mean()[j];
  const std::vector<double> none(d, 0.0), of_prior(d, model_.prior_variance() - r);  // noise r added
  const kernels::ReferenceGaussian prior{model_.dim(), none.data(), of_prior.data()}, g = model_.gaussian();
  const double* m = model_.mean().data();
  kernels::make_far_end(prior, g, m, r, far_slope_.data(), far_square_.data());
  far_constant_ = kernels::log_density(prior, m, r) - kernels::log_density(g, m, r);
}

}  // namespace scorepath
