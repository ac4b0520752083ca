// Hutchinson's estimate along a trajectory that is already known: nodes from its dense output, probes by their plan.
#include "host/flow_trace.hpp"

#include "kernels/estimator/probe_plan.hpp"
#include "kernels/score/jacobian.hpp"
#include "kernels/step/embedded_pair.hpp"

namespace scorepath {

FlowTrace::FlowTrace(const FlowPoint& point, const FlowPath& path, const Options& options)
    : point_(point), path_(path), options_(options), nodes_(options.steps) {
  const kernels::MixtureModel& mixture = point.model().mixture();
  const auto d = static_cast<std::size_t>(mixture.dim), count = static_cast<std::size_t>(mixture.components);
  positions_.resize(nodes_.size() * d);
  scores_.resize(nodes_.size() * d);
  posteriors_.resize(nodes_.size() * count);
  const kernels::FlowFrame frame = point.frame();
  const double spacing = point.length() / static_cast<double>(nodes_.size());
  std::vector<double> state(d + 1);
  std::size_t step = 0;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    const double u = (static_cast<double>(i) + 0.5) * spacing;
    while (step + 2 < path.begins.size() && path.begins[step + 1] < u) ++step;
    const double theta = (u - path.begins[step]) / (path.begins[step + 1] - path.begins[step]);
    kernels::dense_state(path.dense.data() + step * 5 * state.size(), static_cast<int>(state.size()), theta,
                         state.data());
    double rho, speed;
    point.map()(u, rho, speed);
    double* y = positions_.data() + i * d;
    frame.position(state.data(), rho, y);
    Node& node = nodes_[i];
    node.r = point.start() + rho;
    node.factor = 0.5 * speed * spacing * kernels::trace_weight(static_cast<int>(i), static_cast<int>(nodes_.size()));
    node.reference = 0.0;
    for (const double v : point.model().variance()) node.reference += 1.0 / (v + node.r);
    const double divergence =
        kernels::score_and_divergence(mixture, y, node.r, posteriors_.data() + i * count, scores_.data() + i * d);
    exact_ = kernels::fma(node.factor, divergence + node.reference, exact_);
  }
}

/// The probes of one repetition, in their order.
class FlowTrace::Probes {
 public:
  Probes(ProbePlan plan, int dim, const kernels::Stream& stream, std::uint64_t repetition)
      : plan_(plan), dim_(dim), words_(stream, repetition), v_(static_cast<std::size_t>(dim)) {
    if (plan == ProbePlan::hadamard) {
      flips_.resize(v_.size());
      rows_.resize(kernels::hadamard_order(dim));
      used_ = rows_.size();
    }
  }
  /// The `probe`-th one of a node: `fixed` keeps as many as a node has.
  const double* next(std::size_t probe) {
    switch (plan_) {
      case ProbePlan::hadamard:
        if (used_ == rows_.size()) {
          kernels::begin_hadamard_cycle(words_, dim_, flips_.data(), rows_.data());
          used_ = 0;
        }
        kernels::hadamard_probe(rows_[used_++], dim_, flips_.data(), v_.data());
        break;
      case ProbePlan::fresh:
        kernels::fill_signs(words_, dim_, v_.data());
        break;
      case ProbePlan::fixed: {
        const std::size_t at = probe * static_cast<std::size_t>(dim_);
        if (kept_.size() <= at) {
          kept_.resize(at + static_cast<std::size_t>(dim_));
          kernels::fill_signs(words_, dim_, kept_.data() + at);
        }
        return kept_.data() + at;
      }
    }
    return v_.data();
  }

 private:
  ProbePlan plan_;
  int dim_;
  kernels::ProbeWords words_;
  std::vector<double> v_, flips_, kept_;
  std::vector<std::uint32_t> rows_;
  std::size_t used_ = 0;
};

double FlowTrace::value(std::uint64_t repetition, bool pilot) const {
  const kernels::MixtureModel& mixture = point_.model().mixture();
  const auto d = static_cast<std::size_t>(mixture.dim), count = static_cast<std::size_t>(mixture.components);
  const kernels::Stream stream = kernels::make_stream(options_.seed, point_.key(), kernels::Purpose::probe, pilot);
  Probes probes(options_.probe_plan, mixture.dim, stream, repetition);
  double integral = 0.0;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    const Node& node = nodes_[i];
    double sum = 0.0;
    for (std::size_t k = 0; k < options_.probes; ++k)
      sum += kernels::jacobian_quadratic(mixture, positions_.data() + i * d, node.r, posteriors_.data() + i * count,
                                         scores_.data() + i * d, probes.next(k));
    integral = kernels::fma(node.factor, sum / static_cast<double>(options_.probes) + node.reference, integral);
  }
  return path_.value + (path_.integral - integral);
}

}  // namespace scorepath
