// Hutchinson's estimate along a trajectory that is already known: trajectory and trace apart (docs/theory.md, D22).
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include <scorepath/options.hpp>

#include "host/flow_path.hpp"
#include "kernels/random/noise.hpp"

namespace scorepath {

/// A trajectory at the nodes of its trace, and repetitions of the probe plan over them.
class FlowTrace {
 public:
  /// `path` with its steps kept.
  FlowTrace(const FlowPoint& point, const FlowPath& path, const Options& options);

  /// What the rule makes of the exact divergence, less the solver's integral [nat]: the quadrature's own error.
  double quadrature_error() const { return exact_ - path_.integral; }
  /// The value [nat] of repetition `repetition`. The pilot's draws are never the estimate's.
  double value(std::uint64_t repetition, bool pilot) const;
  /// Of one repetition; a product counts 2.
  std::uint64_t evaluations() const { return 2 * nodes_.size() * options_.probes; }

 private:
  struct Node {
    double r, factor, reference;  // noise level, 1/2 drho of the rule, -div g
  };
  class Probes;

  const FlowPoint& point_;
  const FlowPath& path_;
  const Options& options_;
  std::vector<Node> nodes_;
  std::vector<double> positions_, scores_, posteriors_;  // [nodes x dim], [nodes x dim], [nodes x K]
  double exact_ = 0.0;
};

}  // namespace scorepath
