// Results that a command has written as JSON, read back: what pictures need of them.
#pragma once

#include <string>

#include "host/cli/comparison.hpp"

namespace scorepath::cli {

struct SavedResult {
  bool compares;          ///< written by compare; else by density, one entry
  Comparison comparison;  ///< of every point index, estimate, interval, error, exact value and flags; of every result
                          ///< what says how it was made
};

/// Errors: input (not a file that density or compare has written as JSON; names the key that is missing or wrong).
SavedResult parse_saved_result(const std::string& text, const std::string& name);  // `name`: of the file, for messages
SavedResult read_saved_result(const std::string& path);

}  // namespace scorepath::cli
