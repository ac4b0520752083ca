// Making a point ready: noise range, reference Gaussian, far end, time law or step grid, lane tables.
#include "host/point_plan.hpp"

#include <algorithm>

#include "host/far_noise.hpp"
#include "host/point_key.hpp"
#include "host/sobol_tables.hpp"
#include "kernels/estimator/far_end.hpp"
#include "kernels/estimator/path_weights.hpp"
#include "kernels/estimator/ray.hpp"

namespace scorepath {
namespace {

using kernels::Purpose;

constexpr double farthest = 1e14;  // mean square distance of a point from the data's mean over their variance

}  // namespace

PointPlan::PointPlan(const JobContext& job, const double* x, const GoOn& go_on)
    : job_(job),
      key_(point_key(x, static_cast<std::size_t>(job.model.dim()))),
      y_(static_cast<std::size_t>(job.model.dim())) {
  job.model.to_canonical(x, y_.data());
  place_range();
  look_around();
  if (job.options.method == Method::ddpm) {
    take_ddpm();
    take_bound_terms(go_on);
    fill_tables(tables_);
    return;
  }
  switch (engine_of(job.options)) {
    case Engine::slices:
      take_far_end();
      make_law(go_on);
      break;
    case Engine::paths:
    case Engine::increments:
    case Engine::steered:
    case Engine::weights:
      take_far_end();
      make_grid(go_on);
      break;
    case Engine::rays:
      baseline_ = kernels::log_density(reference(), y_.data(), range_.start) + job.model.log_jacobian();
      grid_ = on_ray(job.rays.own);
      break;
  }
  fill_tables(tables_);
}

/// The Gaussian that the data look like from the point: mean and variances of the components' posterior there. It is
/// the control variate's reference (it leaves less variance than the data's overall moments, the more the better the
/// components are apart). Increments and rays have the data's overall moments instead: what is left at the far end must
/// be small on every path, not only on average. Laws and grids resolve the finest scale that is met from there to the
/// far end.
void PointPlan::look_around() {
  const kernels::MixtureModel& mixture = job_.model.mixture();
  const std::size_t d = y_.size();
  std::vector<double> posterior(static_cast<std::size_t>(mixture.components));
  reference_mean_.resize(d);
  reference_variance_.resize(d);
  kernels::posterior_weights(mixture, y_.data(), range_.start, posterior.data());
  if (follows_paths(engine_of(job_.options)) || engine_of(job_.options) == Engine::rays) {
    reference_mean_ = job_.model.mean();
    reference_variance_ = job_.model.variance();
  } else {
    kernels::moments(mixture, posterior.data(), reference_mean_.data(), reference_variance_.data());
  }
  int levels = 0;
  finest_variance_ =
      kernels::finest_variance_on_the_way(mixture, y_.data(), range_.start, range_.end, posterior.data(), levels);
  extra_evaluations_ += 1 + static_cast<std::uint64_t>(levels);
  use_reference_ = job_.options.control_variate == ControlVariate::gaussian;
}

/// From the point's noise level to where noise drowns the data, however far from them the point lies.
void PointPlan::place_range() {
  const Model& model = job_.model;
  double distance = 0.0;
  for (std::size_t j = 0; j < y_.size(); ++j) {
    const double difference = y_[j] - model.mean()[j];
    distance += difference * difference / static_cast<double>(y_.size());
  }
  const double spread = *std::max_element(model.variance().begin(), model.variance().end());
  const Engine engine = engine_of(job_.options);
  const double noise = engine == Engine::steered ? std::max(far_noise_of_steered, far_noise_of_sums(job_.options.steps))
                       : engine == Engine::increments ? far_noise_of_sums(job_.options.steps)
                                                      : far_noise;
  const double far = job_.options.end == End::exact && job_.options.method != Method::ddpm
                         ? std::max(model.last_ratio(), noise * (spread + distance))
                         : model.last_ratio();
  largest_variance_ = spread + distance;
  is_beyond_arithmetic_ = distance > farthest * spread;
  const double start = model.start_ratio();
  range_ = {1.0 / (model.unit() * model.unit()),
            start,
            far - start,
            model.t_min(),
            model.t_max(),
            model.first_ratio() - start,
            model.last_ratio() - start};
}

void PointPlan::take_far_end() {
  const Model& model = job_.model;
  const kernels::ReferenceGaussian g = model.gaussian();
  const double r = range_.start + range_.end;
  std::vector<double> scratch(y_.size() + 4), terms(static_cast<std::size_t>(model.mixture().components));
  const kernels::Stream stream = kernels::make_stream(job_.options.seed, key_, Purpose::prior, false);
  const kernels::Moments difference =
      kernels::far_end_difference(model.mixture(), g, y_.data(), range_.end, r, stream, scratch.data(), terms.data());
  extra_evaluations_ += 2 * kernels::far_end_pairs;
  const double exact = kernels::expected_log_density(g, y_.data(), range_.end, r) + difference.mean;
  double far_end = exact;
  std::vector<double> prior_mean, prior_total;
  if (job_.options.end == End::prior) {
    far_end = kernels::expected_log_prior(model.dim(), y_.data(), range_.end, model.prior_variance());
    truncation_error_ = std::abs(far_end - exact);
    prior_mean.assign(y_.size(), 0.0);
    prior_total.assign(y_.size(), model.prior_variance() - r);  // a Gaussian, noise r added
  } else {
    baseline_variance_ = difference.variance_of_mean();
  }
  end_term_ = far_end + model.log_jacobian();
  if (engine_of(job_.options) == Engine::weights || engine_of(job_.options) == Engine::steered) {
    if (job_.options.form == Form::feynman_kac)
      return take_feynman_kac({model.dim(), prior_mean.data(), prior_total.data()});
    if (prior_mean.empty()) return take_far_end_of_paths(g, difference.mean);
    return take_far_end_of_paths({model.dim(), prior_mean.data(), prior_total.data()}, 0.0);
  }
  baseline_ = far_end + model.log_jacobian();
  if (use_reference_) {
    const double least = model.least_ratio();
    const double own = least > 0.0 ? kernels::denoised_log_density(reference(), y_.data(), least)
                                   : kernels::log_density(reference(), y_.data(), range_.start);
    baseline_ += own - kernels::expected_log_density(reference(), y_.data(), range_.end, r);
  }
}

/// Path weights, and paths that the score steers, have their own far end each: that of the Gaussian `far`; `correction`
/// [nat] is added to its logarithm.
void PointPlan::take_far_end_of_paths(const kernels::ReferenceGaussian& far, double correction) {
  const double r = range_.start + range_.end;
  far_slope_.resize(y_.size());
  far_square_.resize(y_.size());
  kernels::make_far_end(far, reference(), y_.data(), r, far_slope_.data(), far_square_.data());
  baseline_ = kernels::log_density(reference(), y_.data(), range_.start) + job_.model.log_jacobian() + correction +
              kernels::log_density(far, y_.data(), r) - kernels::log_density(reference(), y_.data(), r);
}

/// log w = log pi(Y_R) - int div s dr: the prior's quadratic by itself, and what the reference's divergence, which is
/// taken off that of the score, comes to.
void PointPlan::take_feynman_kac(const kernels::ReferenceGaussian& prior) {
  const double r = range_.start + range_.end;
  const std::vector<double> flat(y_.size(), HUGE_VAL);  // log of a Gaussian as wide as that is a constant
  far_slope_.resize(y_.size());
  far_square_.resize(y_.size());
  kernels::make_far_end(prior, {prior.dim, reference_mean_.data(), flat.data()}, y_.data(), r, far_slope_.data(),
                        far_square_.data());
  baseline_ = kernels::log_density(prior, y_.data(), r) + job_.model.log_jacobian();
  for (const double v : reference_variance_) baseline_ += kernels::log((v + r) / (v + range_.start));
}

/// Node 0 is the point itself: there E n.s/rho -> div s, so the integrand is div s + |s|^2/2, known without noise.
void PointPlan::take_first_node() {
  const auto d = y_.size();
  std::vector<double> s(d), terms(static_cast<std::size_t>(job_.model.mixture().components));
  const auto integrand = [&](double divergence) {
    double square = 0.0;
    for (const double component : s) square += component * component;
    return divergence + 0.5 * square;
  };
  double first =
      integrand(kernels::score_and_divergence(job_.model.mixture(), y_.data(), range_.start, terms.data(), s.data()));
  extra_evaluations_ += 1;
  for (const double component : s) first_square_ = kernels::fma(component, component, first_square_);
  if (use_reference_) {
    first_difference_ = s;
    first -= integrand(kernels::score_and_divergence(reference(), y_.data(), range_.start, s.data()));
    for (std::size_t j = 0; j < d; ++j) first_difference_[j] -= s[j];
  }
  double noise = 0.0;  // the constant of the |n|^2 term that is not cancelled
  for (std::size_t k = 1; k < grid_.rho.size() && !cancels(); ++k) {
    const bool noisy = grid_.transitions[k - 1].variance > 0.0;  // else the term is not in the samples either
    if (noisy) noise -= 0.5 * static_cast<double>(d) * grid_.weight[k] / grid_.rho[k];
  }
  baseline_ -= grid_.weight[0] * first + noise;
}

}  // namespace scorepath
