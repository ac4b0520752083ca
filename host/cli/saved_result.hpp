// Results that a command has written as JSON, read back: what pictures need of them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "host/cli/comparison.hpp"

namespace scorepath::cli {

/// What a job chose by name, and lambda: its keys and their values as text.
using JobChoices = std::map<std::string, std::string>;

struct SavedResult {
  bool compares;          ///< written by compare; else by density, one entry
  Comparison comparison;  ///< of every point index, estimate, interval, errors, cost, exact value and flags; of every
                          ///< result what says how it was made
  std::vector<JobChoices> choices;  ///< [entries of the comparison]
};

/// Errors: input (not a file that density or compare has written as JSON; names the key that is missing or wrong).
SavedResult parse_saved_result(const std::string& text, const std::string& name);  // `name`: of the file, for messages

}  // namespace scorepath::cli
