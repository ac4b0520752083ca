// The elementary functions over lanes. Each states its range and largest error at its declaration;
// tests/kernels/elementary*.test.cpp holds the same numbers as a table and checks them.
//
// An ULP is the distance between the two numbers of the result's format next to the true value (of its binade).
// No function has a data-dependent branch, and each operation is one IEEE operation, so that every lane type gives the
// same bits. Rounding must be to nearest, contraction off, subnormals on.
#pragma once

#include "kernels/lane/exponential.hpp"
#include "kernels/lane/hyperbolic.hpp"
#include "kernels/lane/logarithm.hpp"
#include "kernels/lane/normal_quantile.hpp"
#include "kernels/lane/trigonometry.hpp"
