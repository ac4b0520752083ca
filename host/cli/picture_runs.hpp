// Results of several files on the same points: checked against each other, and named for a legend.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "host/cli/saved_result.hpp"

namespace scorepath::cli {

struct SavedFile {
  std::string name;  ///< for messages
  SavedResult saved;
};

struct Run {
  /// "pathwise:ray": method and form, and what else its job chose otherwise than others of that name did.
  std::string label;
  Result result;
};

struct Runs {
  std::string model;
  std::vector<Run> all;                     ///< every entry of every file, in the order of the files
  std::vector<std::string> labels() const;  ///< each once, in the order of `all`
};

/// "pathwise:ray", as compare spells its methods.
std::string method_label(const Result& result);

/// True where all are bounds of the elbo and their lambdas differ.
bool is_lambda_curve(const std::vector<SavedFile>& files);

/// `against_lambda`: method and form alone set runs apart (lambda decides other choices too). Errors: input (another
/// model, another number of points or other points than the first; names file and key).
Runs gather_runs(const std::vector<SavedFile>& files, bool against_lambda);

}  // namespace scorepath::cli
