// A point's plan under method ddpm: the chain's own noise levels in place of a grid, and the discrete sums.
#include "host/point_plan.hpp"
#include "kernels/estimator/ddpm.hpp"

namespace scorepath {

/// R_0 = 0, R_1 .. R_T of the chain, in units of the data squared.
std::vector<double> PointPlan::ddpm_levels() const {
  const kernels::NoiseSchedule& schedule = job_.model.schedule();
  std::vector<double> levels(job_.options.steps + 1, 0.0);
  const auto last = static_cast<double>(job_.options.steps);
  for (std::size_t k = 1; k < levels.size(); ++k) {
    const double share = static_cast<double>(k) / last;
    const double from = job_.model.t_min();
    levels[k] =
        schedule.noise_ratio(k + 1 < levels.size() ? from + (job_.model.t_max() - from) * share : job_.model.t_max());
  }
  return levels;
}

/// The chain's reference is N(0, I), its nodes are its levels; the sum of Li & Yan ends a level earlier, and has no far
/// end.
void PointPlan::take_ddpm() {
  const std::vector<double> levels = ddpm_levels();
  const double per_unit = 1.0 / (job_.model.unit() * job_.model.unit());
  const bool of_chain = is_chain_of_ddpm(job_.options.form);
  if (of_chain) {
    reference_mean_.assign(y_.size(), 0.0);
    reference_variance_.assign(y_.size(), per_unit);
  }
  grid_ = Quadrature(of_chain ? levels.size() - 1 : levels.size() - 2);
  for (std::size_t k = 1; k <= grid_.steps(); ++k) {
    grid_.rho[k] = levels[k] * per_unit;
    if (!of_chain) grid_.weight[k] = per_unit * kernels::li_yan_weight(levels[k], levels[k + 1]);
  }
  kernels::exact_transitions(grid_.rho.data(), static_cast<int>(grid_.steps()), grid_.transitions.data());
  if (of_chain) return take_far_end();

  const auto d = static_cast<double>(y_.size());
  double of_dimension = kernels::li_yan_constant(levels[1]);
  for (std::size_t k = 1; k <= grid_.steps(); ++k) {
    if (job_.options.form == Form::li_yan_corrected)
      of_dimension += kernels::li_yan_correction(levels[k], levels[k + 1]);
    of_dimension -= 0.5 * grid_.weight[k] / grid_.rho[k];  // d/(2 rho), which the integrand has taken off
    if (use_reference_) baseline_ -= grid_.weight[k] * expected_integrand_of_reference(grid_.rho[k]);
  }
  baseline_ += d * of_dimension;
}

/// E 1/2 ( |n/rho + g|^2 - d/rho ), closed form: n/rho + g = n (1/rho - 1/(V + rho)) + (m - x)/(V + rho).
double PointPlan::expected_integrand_of_reference(double rho) const {
  double sum = 0.0;
  for (std::size_t j = 0; j < y_.size(); ++j) {
    const double inverse = 1.0 / (reference_variance_[j] + rho);
    const double pull = (reference_mean_[j] - y_[j]) * inverse;
    // rho (1/rho - inverse)^2 - 1/rho
    sum += rho * inverse * inverse - 2.0 * inverse + pull * pull;
  }
  return 0.5 * sum;
}

}  // namespace scorepath
