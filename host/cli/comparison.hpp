// Results of several methods on the same points: as a table, as JSON, as a picture.
#pragma once

#include <string>
#include <vector>

#include <scorepath/result.hpp>

namespace scorepath::cli {

struct Comparison {
  struct Entry {
    std::string name;  ///< as it was asked for
    Result result;
  };
  std::string model, points;
  std::vector<Entry> entries;
  bool stopped = false;  ///< on request: methods are missing
};

/// A row for each method (what it is of, errors, cost, flags), then a row for each point with every method's estimate.
std::string comparison_table(const Comparison& comparison);
/// One object; under "results" what `scorepath density --json` writes, for each method.
std::string comparison_json(const Comparison& comparison);
/// The bytes of a .png or .svg file, by the extension of `path`: every method's estimates with their 95% intervals,
/// less the exact values where they are known, less the first method's else. Errors: resource.
std::string draw(const Comparison& comparison, const std::string& path);

}  // namespace scorepath::cli
