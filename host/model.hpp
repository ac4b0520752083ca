// A problem made ready for the numerics: any score as a mixture in double, in units of the data's own scale, with its
// schedule.
#pragma once

#include <vector>

#include <scorepath/options.hpp>
#include <scorepath/problem.hpp>

#include "kernels/schedule/schedule.hpp"
#include "kernels/score/model.hpp"
#include "kernels/score/reference.hpp"

namespace scorepath {

/// The canonical frame of this model: y = x / (a_start unit), noise ratios in units of unit^2. `unit` is a power of two
/// near the data's standard deviation, so that no magnitude of the user's data meets the ends of the float range.
class Model {
 public:
  /// Expects a validated problem, which must outlive the model where its score is a network. Errors: input (start data
  /// of a schedule that starts at zero noise).
  explicit Model(const Problem& problem, Start start = Start::t_min);
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  /// Null unless the score is a network: then the mixture stands for what a Gaussian N(0, I) is good for, a frame of
  /// the numerics.
  const Network* network() const { return network_; }
  const kernels::MixtureModel& mixture() const { return mixture_; }
  const kernels::NoiseSchedule& schedule() const { return *schedule_; }
  int dim() const { return mixture_.dim; }
  double unit() const { return unit_; }
  double t_min() const { return t_min_; }
  double t_max() const { return t_max_; }
  /// a(t) at the noise level whose density is asked for; 1 at zero noise.
  double a_start() const { return a_start_; }
  /// r at the query point and at t_min and t_max of the schedule, in units of unit^2.
  double start_ratio() const { return start_ratio_; }
  double first_ratio() const { return first_ratio_; }
  double last_ratio() const { return last_ratio_; }
  /// Below it the score is not used: first_ratio() where the points are data all the same, else 0.
  double least_ratio() const { return least_ratio_; }
  /// The schedule's prior at t_max is N(0, prior_variance I), canonical frame: that of X_T = 1, or what noise has
  /// reached where a(t) stays 1.
  double prior_variance() const;
  /// Mean and coordinate-wise variance of p_0 [dim], canonical frame.
  const std::vector<double>& mean() const { return mean_; }
  const std::vector<double>& variance() const { return variance_; }
  /// The Gaussian of these moments.
  kernels::ReferenceGaussian gaussian() const { return {dim(), mean_.data(), variance_.data()}; }

  /// A query point [dim] in the canonical frame -> y [dim].
  void to_canonical(const double* x, double* y) const;
  /// What is added to log p_Y(y) to give log p_X(x): -d ln(a_start unit).
  double log_jacobian() const;
  /// log p_X(x) [nat] at the noise level whose density is asked for, x given as y [dim].
  double log_density(const double* y) const;

 private:
  void take_components(const Problem& problem);
  void choose_unit();
  void take_schedule(const Schedule& schedule, Start start);

  const Network* network_ = nullptr;  // the problem's
  kernels::MixtureModel mixture_{};
  std::vector<double> log_weights_, means_, variances_, axes_, axis_variances_, mean_, variance_;
  std::vector<double> ddpm_table_;
  std::optional<kernels::NoiseSchedule> schedule_;
  double unit_ = 1.0, t_min_ = 0.0, t_max_ = 1.0, a_start_ = 1.0;
  double start_ratio_ = 0.0, first_ratio_ = 0.0, last_ratio_ = 0.0, least_ratio_ = 0.0;
};

}  // namespace scorepath
