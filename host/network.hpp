// A network as a score in double: its forward pass with derivatives, and what a prediction means.
#pragma once

#include <cstddef>
#include <vector>

#include <scorepath/network.hpp>

#include "kernels/schedule/schedule.hpp"

namespace scorepath {

/// Throws Error(input) that names the layer unless layers chain from the first one's input to dim numbers.
void check_network(const Network& network);

/// Whether its derivatives jump.
bool has_relu(const std::vector<Layer>& layers);

/// Whether its derivatives jump.
bool has_relu(const std::vector<Layer>& layers);

/// s(y, r) = grad log p of Y = X/a at noise r = sigma^2/a^2: A y + B N(c y, e), N the network.
struct Translation {
  double input;          ///< c: of y, to what the network sees
  double state, output;  ///< A, B
  double time;           ///< what the embedding sees
};
/// At noise ratio r of the schedule (docs/theory.md, D31).
Translation translation(const Network& network, const kernels::NoiseSchedule& schedule, double r);

/// The embedding of a time input [width(e)].
std::vector<double> embedded(const TimeEmbedding& e, double time);

/// N(x, e) -> value [dim], and its derivatives along directions: J v, each [dim], one behind the other, directions
/// [count x dim]; forward mode, so a direction costs about what a value costs.
struct Prediction {
  std::vector<double> value, derivatives;
};
Prediction predict(const Network& network, const double* x, const std::vector<double>& embedding,
                   const std::vector<double>& directions);

}  // namespace scorepath
