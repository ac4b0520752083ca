// A neural network that predicts a score, or something that a score follows from, as plain values.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <scorepath/matrix_view.hpp>

namespace scorepath {

/// What the network predicts of X_t = a x0 + sigma eps (docs/theory.md, D31): the score of X_t; eps; x0; v = a eps -
/// sigma x0; EDM's F (Karras et al. 2022); the velocity dX/dt = a' x0 + sigma' eps.
enum class Parameterization { score, epsilon, x0, v, edm_f, velocity };
/// What its embedding sees: t; ln a^2/sigma^2; ln(sigma/a)/4; sigma/a; k - 1 of a ddpm table at t = k/T (t T - 1).
enum class TimeInput { t, log_snr, ln_sigma_4, sigma, step };
/// Of the time input c, times `scale`: c itself; (cos, sin) of c max_period^(-i/h), h = dim/2 (Ho, Jain & Abbeel 2020
/// as in improved-diffusion); (sin, cos) of 2 pi c f_i (Song et al. 2021).
enum class EmbeddingKind { raw, sinusoidal, fourier };
struct TimeEmbedding {
  EmbeddingKind kind = EmbeddingKind::raw;
  std::size_t dim = 64;             ///< sinusoidal: even
  double max_period = 10000.0;      ///< sinusoidal
  std::vector<double> frequencies;  ///< fourier: f
  double scale = 1.0;
};
/// Numbers of an embedding.
inline std::size_t embedding_width(const TimeEmbedding& e) {
  return e.kind == EmbeddingKind::raw ? 1 : e.kind == EmbeddingKind::fourier ? 2 * e.frequencies.size() : e.dim;
}

/// linear: x -> W x + b. gelu: x Phi(x); gelu_tanh: its usual approximation. layer_norm: over all features, epsilon
/// 1e-5, times weight plus bias. residual: x -> x + layers(x). film: x -> x (1 + scale) + shift, (scale, shift) = W e +
/// b of the embedding e.
enum class LayerKind { linear, silu, gelu, gelu_tanh, tanh, relu, softplus, layer_norm, residual, film };
struct Layer {
  LayerKind kind = LayerKind::linear;
  std::string name;                ///< of its tensors <name>.weight and <name>.bias
  Matrix weight;                   ///< linear, film: [out x in]; layer_norm: [1 x features]
  std::vector<double> bias;        ///< [out]; empty: zeros
  std::vector<Layer> layers = {};  ///< residual
};

/// The first layer sees x and the embedding one behind the other, unless FiLM layers take the embedding.
struct Network {
  std::size_t dim = 0;
  Parameterization parameterization = Parameterization::epsilon;
  TimeInput time_input = TimeInput::t;
  double sigma_data = 0.5;  ///< edm_f
  TimeEmbedding embedding = {};
  std::vector<Layer> layers = {};
};

}  // namespace scorepath
