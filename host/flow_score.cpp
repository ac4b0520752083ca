#include "host/flow_score.hpp"

#include <vector>

#include "host/network.hpp"
#include "host/translation.hpp"

namespace scorepath {
namespace {

class MixtureFlowScore final : public FlowScore {
 public:
  explicit MixtureFlowScore(const kernels::MixtureModel& mixture)
      : mixture_(mixture), posterior_(static_cast<std::size_t>(mixture.components)) {}
  double operator()(const double* y, double r, double* s) override {
    return kernels::score_and_divergence(mixture_, y, r, posterior_.data(), s);
  }
  std::uint64_t evaluations() const override { return 1; }

 private:
  const kernels::MixtureModel& mixture_;
  std::vector<double> posterior_;
};

/// All derivatives at once: as many directions as coordinates.
class NetworkFlowScore final : public FlowScore {
 public:
  explicit NetworkFlowScore(const Model& model)
      : network_(*model.network()),
        schedule_(model.schedule()),
        input_(network_.dim),
        directions_(network_.dim * network_.dim, 0.0) {
    for (std::size_t j = 0; j < network_.dim; ++j) directions_[j * network_.dim + j] = 1.0;
  }
  double operator()(const double* y, double r, double* s) override {
    const Translation is = translation(network_, schedule_, r);
    for (std::size_t j = 0; j < input_.size(); ++j) input_[j] = is.input * y[j];
    const Prediction at = predict(network_, input_.data(), embedded(network_.embedding, is.time), directions_);
    double divergence = is.state * static_cast<double>(network_.dim);
    for (std::size_t j = 0; j < input_.size(); ++j) {
      s[j] = is.state * y[j] + is.output * at.value[j];
      divergence += is.output * is.input * at.derivatives[j * network_.dim + j];
    }
    return divergence;
  }
  std::uint64_t evaluations() const override { return 1 + 2 * network_.dim; }

 private:
  const Network& network_;
  const kernels::NoiseSchedule& schedule_;
  std::vector<double> input_, directions_;
};

}  // namespace

std::unique_ptr<FlowScore> make_flow_score(const Model& model) {
  if (model.network() != nullptr) return std::make_unique<NetworkFlowScore>(model);
  return std::make_unique<MixtureFlowScore>(model.mixture());
}

}  // namespace scorepath
