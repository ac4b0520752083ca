// The check of query points against the model that they are asked about.
#pragma once

#include <scorepath/matrix_view.hpp>
#include <scorepath/problem.hpp>

namespace scorepath {

/// Throws Error(input) unless there is a point, of the model's dimension, and every coordinate is finite and at most
/// 1e18.
void check_points(const Problem& problem, MatrixView points);

}  // namespace scorepath
