// The picture of bounds against lambda.
#pragma once

#include <string>

#include "host/cli/picture_runs.hpp"

namespace scorepath::cli {

/// The bytes of a .png or .svg file, by the extension of `path`: for every form the mean over the points of the bound
/// [nat] against lambda, with its 95% interval, and the mean of the exact log-densities where all are known. The means
/// are over the points that every run has an estimate of. Errors: input (there are none), resource.
std::string draw_lambda_curve(const Runs& runs, const std::string& path);

}  // namespace scorepath::cli
