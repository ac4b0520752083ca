// Networks that need no file.
#pragma once

#include <cstddef>

#include <scorepath/problem.hpp>

namespace scorepath::test {

/// A network that predicts nothing under EDM's preconditioning is the exact score of N(0, sigma_data^2 I): its flow
/// stretches N(0, sigma_max^2 I) by a known factor.
inline Problem empty_network(std::size_t dim, double sigma_data) {
  Network network;
  network.dim = dim;
  network.parameterization = Parameterization::edm_f;
  network.time_input = TimeInput::ln_sigma_4;
  network.sigma_data = sigma_data;
  Layer last;
  last.weight = Matrix(dim, dim + 1);
  network.layers.push_back(last);
  return {{Edm{0.01, 50.0}, {}, {}}, network};
}

}  // namespace scorepath::test
