// The probability flow of one query point: range, start, the adaptive solver's loop, the far end.
#include "host/flow_path.hpp"

#include <algorithm>
#include <cmath>

#include "host/far_noise.hpp"
#include "host/point_key.hpp"
#include "kernels/estimator/far_end.hpp"
#include "kernels/step/embedded_pair.hpp"

namespace scorepath {
namespace {

/// r0 over the finest variance, C over the largest scale, and the first step for the tolerance: what measured best of a
/// few (docs/methods.md). Each moves steps, none of them the answer.
constexpr double over_finest = 2.0, over_largest = 10.0, first_step = 3.0, longest_first_step = 1.5;
/// Below so much of the numbers' size rounding is all that an error estimate sees.
constexpr double rounding = 1e-15;
constexpr std::uint64_t steps_between_questions = 16;

}  // namespace

FlowPoint::FlowPoint(const Model& model, const Options& options, const double* x)
    : model_(model),
      end_(options.end),
      key_(point_key(x, static_cast<std::size_t>(model.dim()))),
      y_(static_cast<std::size_t>(model.dim())),
      first_(y_.size() + 1) {
  model.to_canonical(x, y_.data());
  start_ = model.start_ratio();
  double distance = 0.0;
  for (std::size_t j = 0; j < y_.size(); ++j) {
    const double difference = y_[j] - model.mean()[j];
    distance += difference * difference / static_cast<double>(y_.size());
    first_[j] = difference / kernels::sqrt(model.variance()[j] + start_);
  }
  const double largest = distance + *std::max_element(model.variance().begin(), model.variance().end());
  const double far = end_ == End::exact ? std::max(model.last_ratio(), far_noise * largest) : model.last_ratio();
  range_ = far - start_;
  if (model.network() != nullptr) {
    finest_ = start_;  // what p_r is smooth over there, whatever the network has learned
  } else {
    std::vector<double> posterior(static_cast<std::size_t>(model.mixture().components));
    kernels::posterior_weights(model.mixture(), y_.data(), start_, posterior.data());
    int levels = 0;
    finest_ = kernels::finest_variance_on_the_way(model.mixture(), y_.data(), start_, range_, posterior.data(), levels);
    evaluations_ = 1 + static_cast<std::uint64_t>(levels);
  }
  map_ = {over_finest * finest_, over_largest * (largest + start_)};
  length_ = map_.of(range_);
  gaussian_value_ = kernels::log_density(frame().g, y_.data(), start_) + model.log_jacobian();
}

/// What a solution works in, and the field over it.
struct FlowPoint::Scratch {
  std::vector<double> y, pull, state, next, error, k;
  std::unique_ptr<FlowScore> score;
  kernels::FlowField<FlowScore> field;
  explicit Scratch(const FlowPoint& p)
      : y(p.y_.size()),
        pull(p.y_.size()),
        state(p.first_),
        next(state.size()),
        error(state.size()),
        k(state.size() * kernels::DormandPrince::stages),
        score(make_flow_score(p.model_)),
        field{*score, p.frame(), p.map_, y.data(), pull.data()} {}
};

FlowPath FlowPoint::solve(double tolerance, KeepSteps keep, const std::function<bool()>& go_on) const {
  Scratch s(*this);
  const int n = static_cast<int>(s.state.size());
  const double allowed = std::max(tolerance, rounding * (model_.dim() + std::abs(gaussian_value_)));
  FlowPath path;
  double u = 0.0, h = std::min(longest_first_step, first_step * kernels::exp(0.2 * kernels::log(allowed)));
  kernels::StepControl control;
  s.field(u, s.state.data(), s.k.data());
  path.evaluations = s.score->evaluations();
  for (std::uint64_t trial = 0; u < length_; ++trial) {
    if (trial == most_flow_steps) return path.end = FlowEnd::too_many_steps, path;
    // A network's evaluation may take as long as all those of a mixture.
    if ((model_.network() != nullptr || trial % steps_between_questions == 0) && !go_on())
      return path.end = FlowEnd::broken_off, path;
    const bool is_last = u + h >= length_ * (1.0 - 1e-12);
    if (is_last) h = length_ - u;
    kernels::embedded_step(s.field, u, h, n, s.state.data(), s.k.data(), s.next.data(), s.error.data());
    path.evaluations += (kernels::DormandPrince::stages - 1) * s.score->evaluations();
    const double effect = std::abs(s.field.effect(s.error.data()));
    double square = 0.0;
    for (std::size_t j = 0; j < y_.size(); ++j) square += s.error[j] * s.error[j];
    const double of_state = std::max(kernels::sqrt(square), std::abs(s.error.back()));
    // max() would let NaN pass.
    const bool stands = control.accepts((effect < of_state ? of_state : effect) / allowed);
    if (!stands && h < 1e-12 * length_) return path;
    if (stands) {
      if (keep == KeepSteps::yes) {
        const std::size_t at = path.dense.size();
        path.begins.push_back(u);
        path.dense.resize(at + 5 * s.state.size());
        kernels::dense_coefficients(h, n, s.state.data(), s.next.data(), s.k.data(), path.dense.data() + at);
      }
      path.local_errors += effect;
      u = is_last ? length_ : u + h;
      std::swap(s.state, s.next);
      std::copy(s.k.end() - n, s.k.end(), s.k.begin());
    }
    h *= control.factor();
  }
  if (keep == KeepSteps::yes) path.begins.push_back(length_);
  path.integral = s.state.back();
  take_end(s.state.data(), path);
  path.end = std::isfinite(path.value) ? FlowEnd::reached : FlowEnd::non_finite;
  return path;
}

/// The far end is exact, or the schedule's prior: the model is then the flow that starts there.
void FlowPoint::take_end(const double* state, FlowPath& path) const {
  const double r = start_ + range_;
  const kernels::FlowFrame of = frame();
  std::vector<double> y(y_.size()), terms(static_cast<std::size_t>(model_.mixture().components));
  of.position(state, range_, y.data());
  const double gaussian = of.gaussian_part(state) - path.integral + model_.log_jacobian();
  const double at_end = kernels::log_density(of.g, y.data(), r);
  const double prior = kernels::expected_log_prior(model_.dim(), y.data(), 0.0, model_.prior_variance());
  if (model_.network() != nullptr) return void(path.value = gaussian + (prior - at_end));
  const double exact = kernels::log_density(model_.mixture(), y.data(), r, terms.data());
  path.evaluations += 1;
  if (end_ == End::prior) path.truncation = std::abs(prior - exact);
  path.value = gaussian + ((end_ == End::prior ? prior : exact) - at_end);
}

}  // namespace scorepath
