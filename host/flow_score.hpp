// A score in double, as the probability flow asks for it: a mixture's in closed form, or a network's by forward mode.
#pragma once

#include <cstdint>
#include <memory>

#include "host/model.hpp"

namespace scorepath {

/// Belongs to one thread: it may work in memory of its own.
class FlowScore {
 public:
  virtual ~FlowScore() = default;
  /// s [dim] = grad log p_r at y; returns its divergence.
  virtual double operator()(const double* y, double r, double* s) = 0;
  /// Score evaluations that a call counts as.
  virtual std::uint64_t evaluations() const = 0;
};
std::unique_ptr<FlowScore> make_flow_score(const Model& model);

}  // namespace scorepath
