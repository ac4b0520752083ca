// A picture of the estimates with their error bars, drawn by gnuplot.
#pragma once

#include <string>

#include <scorepath/result.hpp>

namespace scorepath::cli {

/// Errors: resource, unless a gnuplot can be found on PATH.
void check_gnuplot();

/// True where at least one point has an estimate.
bool can_draw(const Result& result);

/// The picture as bytes of a .png or .svg file, by the extension of `path`: log-density per point with 95%
/// intervals; points without one are marked; where exact values are known, they stand beside and the difference below.
/// Errors: resource.
std::string draw(const Result& result, const std::string& path, const std::string& model);

}  // namespace scorepath::cli
