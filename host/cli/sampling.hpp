// What `scorepath sample` shows: a summary for people and as JSON, and a picture.
#pragma once

#include <string>

#include <scorepath/problem.hpp>
#include <scorepath/sample.hpp>

namespace scorepath::cli {

/// Mean and spread of every coordinate (the first sixteen), the mean log-density and how the carried ones compare with
/// the exact; a line of totals.
std::string sample_table(const Samples& samples);
/// The same as JSON, of all coordinates.
std::string sample_json(const Samples& samples, const std::string& model_path);
/// As bytes of a .png or .svg file: samples over the exact density (one or two dimensions; beyond, the first two
/// coordinates), and trajectories over t where they are kept.
std::string draw(const Samples& samples, const Problem& problem, const std::string& path, const std::string& model);

}  // namespace scorepath::cli
