// The picture of samples and trajectories that `scorepath sample` wrote.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "host/cli/picture_archive.hpp"

namespace scorepath::cli {

struct SavedSamples {
  Array samples;                                ///< [n x dim]
  std::vector<double> log_density;              ///< [n] nat; empty where the file has none
  std::optional<Array> trajectories;            ///< [m x times x dim]
  std::vector<double> times;                    ///< [times]
  std::string model = "an unknown model", how;  ///< from the archive's job, where it has one
};

/// Errors: input (names the array that is missing or whose shape is wrong).
SavedSamples read_samples(const Archive& archive);

/// The bytes of a .png or .svg file, by the extension of `path`. With trajectories: values against time in one
/// dimension, else paths in the plane of the first two coordinates over the samples. Without: samples, coloured by
/// their log-density where it is known; in one dimension a histogram. Errors: resource.
std::string draw_samples(const SavedSamples& saved, const std::string& path);

}  // namespace scorepath::cli
