// The probability flow of one query point: from the point to where noise drowns the data, by an adaptive solver.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include <scorepath/options.hpp>

#include "host/flow_score.hpp"
#include "host/model.hpp"
#include "kernels/estimator/flow.hpp"

namespace scorepath {

/// Trial steps of one solution, at most.
inline constexpr std::uint64_t most_flow_steps = 10000;

enum class FlowEnd { reached, too_many_steps, non_finite, broken_off };
enum class KeepSteps { no, yes };

/// One solution. log p(x) = value, or with another value of the integral: value + integral - that.
struct FlowPath {
  FlowEnd end = FlowEnd::non_finite;
  double value = 0.0;         ///< log p(x) [nat], the user's frame
  double integral = 0.0;      ///< int 1/2 (div s - div g) drho [nat], by the solver
  double local_errors = 0.0;  ///< sum over steps of what each one's error estimate says it did to the value [nat]
  double truncation = 0.0;    ///< |log prior - log p_T| where it ends [nat]; 0 with the exact end, and of a network,
                              ///< whose flow has no other
  std::uint64_t evaluations = 0;
  std::vector<double> begins;  ///< [steps + 1] u at which each step begins, and the end; where steps are kept
  std::vector<double> dense;   ///< [steps x 5 x (dim + 1)] kernels::dense_coefficients
};

class FlowPoint {
 public:
  FlowPoint(const Model& model, const Options& options, const double* x);

  /// Solves with an error of at most `tolerance` nat in each step's effect on the value, and in its state, whose
  /// coordinates are of about one.
  FlowPath solve(double tolerance, KeepSteps keep, const std::function<bool()>& go_on) const;

  const Model& model() const { return model_; }
  std::uint32_t key() const { return key_; }
  const std::vector<double>& y() const { return y_; }
  /// Of the variable u: 0 at the point.
  double length() const { return length_; }
  double start() const { return start_; }
  const kernels::FlowMap& map() const { return map_; }
  kernels::FlowFrame frame() const { return {model_.gaussian(), start_}; }
  /// [data^2], the finest scale on the way and the noise at the far end.
  double finest_variance() const { return finest_ * model_.unit() * model_.unit(); }
  double largest_noise() const { return (start_ + range_) * model_.unit() * model_.unit(); }
  /// Evaluations that found the finest scale.
  std::uint64_t evaluations() const { return evaluations_; }
  /// log g(x) [nat], the user's frame: about how large numbers are.
  double gaussian_value() const { return gaussian_value_; }

 private:
  struct Scratch;
  void take_end(const double* state, FlowPath& path) const;

  const Model& model_;
  const End end_;
  std::uint32_t key_;
  std::vector<double> y_, first_;  // first_ [dim + 1]: the state at the point
  double start_ = 0.0, range_ = 0.0, finest_ = 0.0, length_ = 0.0, gaussian_value_ = 0.0;
  kernels::FlowMap map_{};
  std::uint64_t evaluations_ = 0;
};

}  // namespace scorepath
