// The base of the command-line tests: a folder of their own, a small model and points in it, the real binary.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "tests/support/npy_literals.hpp"
#include "tests/support/places.hpp"
#include "tests/support/run_process.hpp"
#include "tests/support/temporary_folder.hpp"

namespace scorepath::testing {

/// A model file with the given parts.
inline std::string toml(const std::string& schedule, const std::string& score) {
  return "[schedule]\n" + schedule + "\n[score]\n" + score + "\n";
}

inline constexpr const char* plain_schedule = "kind = \"vp-linear\"";
inline constexpr const char* plain_score = "kind = \"gaussian\"\nmean = [0.5, -0.25]\nvariance = 0.6";

inline std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> all;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    all.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return all;
}

/// In its folder: model.toml, the Gaussian above, and points.npy, three points of it.
class CliTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_.write("model.toml", toml(plain_schedule, plain_score));
    folder_.write("points.npy", npy_doubles("(3, 2)", {0.5, -0.25, 1.0, 0.5, -1.0, 2.0}));
  }

  /// Every entry of the folder with its bytes: equal before and after a run that must touch nothing.
  std::map<std::string, std::string> snapshot() const {
    std::map<std::string, std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
      const std::string name = entry.path().filename().string();
      files[name] = entry.is_regular_file() ? folder_.read(name) : "(no file)";
    }
    return files;
  }

  /// scorepath with these arguments; '@' at an argument's start, or after its first '=', is this folder.
  ProcessResult run(std::vector<std::string> arguments, const ProcessOptions& options = {}) const {
    for (std::string& argument : arguments) {
      const std::size_t equals = argument.find('=');
      const std::size_t value = equals == std::string::npos ? 0 : equals + 1;
      const std::size_t at = argument.compare(0, 1, "@") == 0 ? 0 : value;
      if (argument.compare(at, 1, "@") == 0) argument.replace(at, 1, folder_.path() + "/");
    }
    arguments.insert(arguments.begin(), test::place_of("SCOREPATH_BINARY", SCOREPATH_BINARY));
    return run_process(arguments, options);
  }

  /// scorepath density on the standard model and points, 4096 paths unless told otherwise.
  ProcessResult density(const std::vector<std::string>& more, const ProcessOptions& options = {}) const {
    std::vector<std::string> arguments = {"density", "--model", "@model.toml", "--points", "@points.npy"};
    if (std::find(more.begin(), more.end(), "--paths") == more.end())
      arguments.insert(arguments.end(), {"--paths", "4096"});
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run(arguments, options);
  }

  TemporaryFolder folder_;
};

}  // namespace scorepath::testing
