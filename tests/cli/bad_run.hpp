// One row of a table of bad runs, and the check that every row stands: one line, one exit code, nothing touched.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/cli/cli_fixture.hpp"

namespace scorepath::testing {

struct BadRun {
  std::string name;
  std::vector<std::string> arguments;
  std::map<std::string, std::string> files;  ///< written first; a name that ends in '/' is an empty folder
  int exit_code;
  std::vector<std::string> fragments;  ///< of the one line on stderr
};

inline std::string name_of_case(const ::testing::TestParamInfo<BadRun>& info) { return info.param.name; }

// GoogleTest prints parameters by this name.
inline void PrintTo(const BadRun& bad, std::ostream* stream) { *stream << bad.name; }

class BadRunTest : public CliTest, public ::testing::WithParamInterface<BadRun> {
 protected:
  void check(const BadRun& bad) {
    for (const auto& [name, bytes] : bad.files) {
      if (name.back() == '/')
        std::filesystem::create_directory(folder_.file(name));
      else
        folder_.write(name, bytes);
    }
    const auto before = snapshot();
    const ProcessResult result = run(bad.arguments);
    EXPECT_FALSE(result.timed_out);
    EXPECT_EQ(result.exit_code, bad.exit_code) << result.err << result.out;
    EXPECT_EQ(result.out, "");
    EXPECT_THAT(result.err, ::testing::StartsWith("scorepath: "));
    EXPECT_EQ(lines_of(result.err).size(), 1u) << result.err;
    EXPECT_TRUE(!result.err.empty() && result.err.back() == '\n');
    EXPECT_THAT(result.err, ::testing::Not(::testing::ContainsRegex("[\x1b\t\r]")));
    EXPECT_THAT(result.err, ::testing::ContainsRegex("[^ ] \\(.+\\) [^ ]")) << "problem (why) what to do";
    for (const std::string& fragment : bad.fragments) EXPECT_THAT(result.err, ::testing::HasSubstr(fragment));
    EXPECT_EQ(snapshot(), before) << "a file appeared, changed or went";
  }
};

}  // namespace scorepath::testing
