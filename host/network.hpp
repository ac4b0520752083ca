// A network in double: its forward pass with derivatives, and whether its layers fit together.
#pragma once

#include <cstddef>
#include <vector>

#include <scorepath/network.hpp>

namespace scorepath {

/// Throws Error(input) that names the layer unless layers chain from the first one's input to dim numbers.
void check_network(const Network& network);

/// Whether its derivatives jump.
bool has_relu(const std::vector<Layer>& layers);

/// N(x, e) -> value [dim], and its derivatives along directions: J v, each [dim], one behind the other, directions
/// [count x dim]; forward mode, so a direction costs about what a value costs.
struct Prediction {
  std::vector<double> value, derivatives;
};
Prediction predict(const Network& network, const double* x, const std::vector<double>& embedding,
                   const std::vector<double>& directions);

}  // namespace scorepath
