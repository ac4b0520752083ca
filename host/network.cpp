#include "host/network.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <fmt/format.h>
#include <Eigen/Core>

#include "host/check.hpp"
#include "host/quoted.hpp"

namespace scorepath {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;
using Weights = Eigen::Map<const Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>;

constexpr double layer_norm_epsilon = 1e-5;  // PyTorch's default

Weights weights_of(const Layer& layer) {
  return {layer.weight.values.data(), static_cast<Eigen::Index>(layer.weight.rows),
          static_cast<Eigen::Index>(layer.weight.columns)};
}
Eigen::Map<const VectorXd> bias_of(const Layer& layer) {
  return {layer.bias.data(), static_cast<Eigen::Index>(layer.bias.size())};
}

/// f(x) and f'(x).
struct Activated {
  double value, slope;
};
double sigmoid(double x) { return x >= 0.0 ? 1.0 / (1.0 + std::exp(-x)) : std::exp(x) / (1.0 + std::exp(x)); }
Activated activated(LayerKind kind, double x) {
  switch (kind) {
    case LayerKind::silu: {
      const double s = sigmoid(x);
      return {x * s, s * (1.0 + x * (1.0 - s))};
    }
    case LayerKind::gelu: {
      const double below = 0.5 * std::erfc(-x / std::numbers::sqrt2);
      const double density = std::exp(-0.5 * x * x) * std::numbers::inv_sqrtpi / std::numbers::sqrt2;
      return {x * below, below + x * density};
    }
    case LayerKind::gelu_tanh: {
      constexpr double cubic = 0.044715;
      const double scale = std::sqrt(2.0) * std::numbers::inv_sqrtpi;
      const double t = std::tanh(scale * (x + cubic * x * x * x));
      return {0.5 * x * (1.0 + t), 0.5 * (1.0 + t) + 0.5 * x * (1.0 - t * t) * scale * (1.0 + 3.0 * cubic * x * x)};
    }
    case LayerKind::tanh: {
      const double t = std::tanh(x);
      return {t, 1.0 - t * t};
    }
    case LayerKind::relu:
      return {std::max(x, 0.0), x > 0.0 ? 1.0 : 0.0};
    default:  // softplus
      return {std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))), sigmoid(x)};
  }
}

/// The value of all features in the first column, their derivatives in the others.
void apply(const std::vector<Layer>& layers, const VectorXd& embedding, MatrixXd& state) {
  for (const Layer& layer : layers) {
    switch (layer.kind) {
      case LayerKind::linear: {
        // A matrix of its own: one that fails to grow has lost what it held (Eigen 3.4).
        MatrixXd next = weights_of(layer) * state;
        state.swap(next);
      }
        if (!layer.bias.empty()) state.col(0) += bias_of(layer);
        break;
      case LayerKind::layer_norm: {
        const Eigen::Index count = state.rows();
        state.rowwise() -= state.colwise().mean().eval();
        const double deviation =
            std::sqrt(state.col(0).squaredNorm() / static_cast<double>(count) + layer_norm_epsilon);
        state /= deviation;
        const VectorXd normal = state.col(0);
        for (Eigen::Index c = 1; c < state.cols(); ++c)
          state.col(c) -= normal * (normal.dot(state.col(c)) / static_cast<double>(count));
        state.array().colwise() *= weights_of(layer).row(0).transpose().array();
        if (!layer.bias.empty()) state.col(0) += bias_of(layer);
        break;
      }
      case LayerKind::residual: {
        MatrixXd inner = state;
        apply(layer.layers, embedding, inner);
        state += inner;
        break;
      }
      case LayerKind::film: {
        VectorXd both = weights_of(layer) * embedding;
        if (!layer.bias.empty()) both += bias_of(layer);
        const Eigen::Index count = state.rows();
        state.array().colwise() *= 1.0 + both.head(count).array();
        state.col(0) += both.tail(count);
        break;
      }
      default:
        for (Eigen::Index i = 0; i < state.rows(); ++i) {
          const Activated at = activated(layer.kind, state(i, 0));
          state.row(i) *= at.slope;
          state(i, 0) = at.value;
        }
    }
  }
}

bool has_layer(const std::vector<Layer>& layers, LayerKind kind) {
  return std::any_of(layers.begin(), layers.end(),
                     [&](const Layer& layer) { return layer.kind == kind || has_layer(layer.layers, kind); });
}
bool has_film(const std::vector<Layer>& layers) { return has_layer(layers, LayerKind::film); }

std::string described(const Layer& layer, const std::string& place) {
  return layer.name.empty() ? place : fmt::format("{} ({})", place, scorepath::quoted(layer.name));
}

/// Numbers behind the layers, from so many before them.
std::size_t check_chain(const std::vector<Layer>& layers, const std::string& place, std::size_t features,
                        std::size_t embedding) {
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const Layer& layer = layers[i];
    const std::string here = described(layer, fmt::format("{}[{}]", place, i));
    const auto expect = [&](std::size_t has, std::size_t wants, const char* what) {
      SP_VALIDATE(
          has == wants, input,
          fmt::format("{} has {} {} (what comes before it gives {}) make the shapes chain", here, has, what, wants));
    };
    switch (layer.kind) {
      case LayerKind::linear:
        expect(layer.weight.columns, features, "inputs");
        features = layer.weight.rows;
        break;
      case LayerKind::layer_norm:
        expect(layer.weight.columns, features, "features");
        break;
      case LayerKind::film:
        expect(layer.weight.columns, embedding, "inputs");
        expect(layer.weight.rows, 2 * features, "outputs");
        break;
      case LayerKind::residual:
        SP_VALIDATE(
            check_chain(layer.layers, here + ".layers", features, embedding) == features, input,
            fmt::format("{} ends with another number of features than {} (a residual block adds its input) correct it",
                        here, features));
        break;
      default:
        break;
    }
    const std::size_t out =
        layer.kind == LayerKind::linear || layer.kind == LayerKind::film ? layer.weight.rows : layer.weight.columns;
    SP_VALIDATE(
        layer.bias.empty() || layer.bias.size() == out, input,
        fmt::format("{} has a bias of {} numbers (its weight has {} rows) correct it", here, layer.bias.size(), out));
  }
  return features;
}

}  // namespace

void check_network(const Network& network) {
  SP_VALIDATE(!network.layers.empty(), input, "score.layers is empty (a network has layers) add them");
  const std::size_t embedding = embedding_width(network.embedding);
  SP_VALIDATE(network.embedding.kind != EmbeddingKind::sinusoidal || (embedding >= 2 && embedding % 2 == 0), input,
              fmt::format("score.embedding.dim is {} (half of it are cosines, half sines) make it even", embedding));
  const std::size_t features = network.dim + (has_film(network.layers) ? 0 : embedding);
  const std::size_t out = check_chain(network.layers, "score.layers", features, embedding);
  SP_VALIDATE(out == network.dim, input,
              fmt::format("score.layers end with {} numbers (the network has dimension {}) correct the last layer", out,
                          network.dim));
}

bool has_relu(const std::vector<Layer>& layers) { return has_layer(layers, LayerKind::relu); }

Prediction predict(const Network& network, const double* x, const std::vector<double>& embedding,
                   const std::vector<double>& directions) {
  const std::size_t dim = network.dim, count = directions.size() / dim;
  const std::size_t features = dim + (has_film(network.layers) ? 0 : embedding.size());
  const Eigen::Map<const VectorXd> given(embedding.data(), static_cast<Eigen::Index>(embedding.size()));
  MatrixXd state = MatrixXd::Zero(static_cast<Eigen::Index>(features), static_cast<Eigen::Index>(1 + count));
  const auto d = static_cast<Eigen::Index>(dim);
  state.col(0).head(d) = Eigen::Map<const VectorXd>(x, d);
  if (features > dim) state.col(0).tail(given.size()) = given;
  for (std::size_t c = 0; c < count; ++c)
    state.col(static_cast<Eigen::Index>(c + 1)).head(d) = Eigen::Map<const VectorXd>(directions.data() + c * dim, d);
  apply(network.layers, given, state);
  return {{state.data(), state.data() + dim}, {state.data() + dim, state.data() + state.size()}};
}

}  // namespace scorepath
