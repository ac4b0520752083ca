// Model files: [schedule] and [score] in TOML, arrays inline or as .npy names (docs/file-formats.md).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <scorepath/problem.hpp>

namespace scorepath {

/// Builds and validates the problem of a model file held in memory. `name` is how messages call the file; .npy names
/// are relative to `folder`, and the paths of those read are appended to `arrays`, where not null. Weights are returned
/// with sum 1. Errors: input.
Problem parse_problem(std::string_view text, const std::string& name, const std::string& folder,
                      std::vector<std::string>* arrays = nullptr);

}  // namespace scorepath
