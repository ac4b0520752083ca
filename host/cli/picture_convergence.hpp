// The picture of errors against cost.
#pragma once

#include <string>

#include "host/cli/picture_runs.hpp"

namespace scorepath::cli {

/// The bytes of a .png or .svg file, by the extension of `path`: on log axes the root mean square error over the points
/// against score evaluations a point, a curve for each label, beside it (dashed) the root mean square of the errors
/// that the results state; of the latter alone where no exact values are known. Thin lines show the slopes -1/2 and -1.
/// Errors: input (no run has an estimate), resource.
std::string draw_convergence(const Runs& runs, const std::string& path);

}  // namespace scorepath::cli
