// A point's plan under method ddpm: the chain's own noise levels in place of a grid, and the discrete sums.
#include "host/point_plan.hpp"
#include "kernels/estimator/ddpm.hpp"
#include "kernels/reduce/moments.hpp"

namespace scorepath {
namespace {

constexpr std::size_t bound_pairs = 32;  // antithetic, of each term of the bound

}  // namespace

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

/// The bound term by term: E|n/R + s|^2 of every step over antithetic pairs. Its noise is mostly that of |n|^2, of
/// which a Gaussian of the components' variances V at the point and that noise would have the share (V/(V + R))^2: that
/// much of it is taken at its mean. (All of it where R is small, where the cross term makes up for nearly all; none
/// where noise drowns the data, and s takes n/R away by itself.)
void PointPlan::take_bound_terms(const GoOn& go_on) {
  if (!job_.options.keep_terms) return;
  const kernels::MixtureModel& mixture = job_.model.mixture();
  const std::size_t d = y_.size();
  const kernels::Stream stream = kernels::make_stream(job_.options.seed, key_, kernels::Purpose::probe, false);
  const double per_unit = 1.0 / (job_.model.unit() * job_.model.unit());
  std::vector<double> z(d + 4), at(d), s(d), mean(d), variance(d), terms(static_cast<std::size_t>(mixture.components));
  double values[bound_pairs], scratch[bound_pairs];
  for (std::size_t k = 1; k <= grid_.steps(); ++k) {
    if (!go_on()) return bound_terms_.clear();
    const double before = grid_.rho[k - 1], here = grid_.rho[k], root = kernels::sqrt(here);
    kernels::posterior_weights(mixture, y_.data(), here, terms.data());
    kernels::moments(mixture, terms.data(), mean.data(), variance.data());
    for (std::size_t i = 0; i < bound_pairs; ++i) {
      values[i] = 0.0;
      for (std::size_t j = 0; j < d; j += 4) {
        double block[1][4];
        kernels::random_normals<double, 1>(stream, (k - 1) * bound_pairs + i, static_cast<std::uint32_t>(j / 4), block);
        std::copy_n(block[0], 4, z.begin() + static_cast<long>(j));
      }
      for (const double sign : {root, -root}) {
        for (std::size_t j = 0; j < d; ++j) at[j] = y_[j] + sign * z[j];
        kernels::score_and_divergence(mixture, at.data(), here, terms.data(), s.data());
        for (std::size_t j = 0; j < d; ++j)
          values[i] += 0.5 * (sign * z[j] / here + s[j]) * (sign * z[j] / here + s[j]);
      }
      for (std::size_t j = 0; j < d; ++j) {
        const double share = variance[j] / (variance[j] + here);
        values[i] -= share * share * (z[j] * z[j] - 1.0) / here;
      }
    }
    const kernels::Moments square = kernels::moments_of(values, bound_pairs, scratch);
    const double kappa = (per_unit + here) / (per_unit + before);
    const double value = kernels::bound_term(static_cast<int>(d), before, here, kappa, square.mean);
    bound_terms_.push_back({k == 1 ? value - job_.model.log_jacobian() : value,
                            0.5 * kappa * (here - before) * kernels::sqrt(square.variance_of_mean())});
    extra_evaluations_ += 2 * bound_pairs + 1;
  }
  // E log q(y_T | x) - E log p(y_T).
  const double far = grid_.rho.back();
  bound_terms_.push_back({-0.5 * static_cast<double>(d) * (1.0 + kernels::log_two_pi + kernels::log(far)) -
                              (*end_term_ - job_.model.log_jacobian()),
                          kernels::sqrt(baseline_variance_)});
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
