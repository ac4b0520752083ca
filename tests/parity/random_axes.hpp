// Axes of factored mixtures for tests that compare bits: random vectors, not orthogonal, since bits ask no more.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <random>
#include <vector>

#include "kernels/score/mixture_model.hpp"

namespace scorepath::test {

inline constexpr kernels::VarianceLayout every_variance_layout[] = {
    kernels::VarianceLayout::shared, kernels::VarianceLayout::isotropic, kernels::VarianceLayout::diagonal,
    kernels::VarianceLayout::factored};

/// Five axes for each component of a factored model, or as many as there can be; none for other layouts.
struct RandomAxes {
  int rank = 0;
  std::vector<double> axes, variances;  // [K x rank x dim], [K x rank]

  RandomAxes() = default;
  RandomAxes(kernels::VarianceLayout layout, int dim, int components, std::mt19937_64& words) {
    if (layout != kernels::VarianceLayout::factored) return;
    rank = std::min(dim - 1, 5);
    std::normal_distribution<double> normal(0.0, 1.0 / std::sqrt(dim));
    std::uniform_real_distribution<double> uniform(1.2, 2.0);  // above every variance of the tests
    axes.resize(static_cast<std::size_t>(components) * static_cast<std::size_t>(rank * dim));
    variances.resize(static_cast<std::size_t>(components * rank));
    for (double& x : axes) x = normal(words);
    for (double& x : variances) x = uniform(words);
  }
};

}  // namespace scorepath::test
