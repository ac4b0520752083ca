// What a command is: a name, its flags as data, an example and a function. CLI11 stays inside command_line.cpp.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "host/cli/exit_code.hpp"

namespace scorepath::cli {

struct Flag {
  std::string name;        ///< "--paths"
  std::string value_name;  ///< "N"; empty for a switch
  std::string help;
};

/// The flags that were given, as text, and what stands beside them.
class Arguments {
 public:
  explicit Arguments(std::map<std::string, std::string> values, std::vector<std::string> operands = {})
      : values_(std::move(values)), operands_(std::move(operands)) {}
  bool given(const std::string& flag) const { return values_.count(flag) != 0; }
  /// The text of `flag`, or `otherwise` where it was not given.
  std::string text(const std::string& flag, const std::string& otherwise = {}) const {
    const auto found = values_.find(flag);
    return found == values_.end() ? otherwise : found->second;
  }
  const std::vector<std::string>& operands() const { return operands_; }

 private:
  std::map<std::string, std::string> values_;
  std::vector<std::string> operands_;
};

struct Command {
  std::string name;
  std::string summary;
  std::vector<Flag> flags;
  std::string example;  ///< the last line of --help; works as it stands
  ExitCode (*run)(const Arguments&);
  std::string operand = {};  ///< "RESULT": how help calls the arguments beside flags; empty: there are none
  std::string operand_help = {};
};

/// Parses and runs. Answers --help and --version itself. Errors: usage, one line, for whatever was not understood.
ExitCode run_command_line(int argc, const char* const* argv, const std::vector<Command>& commands);

}  // namespace scorepath::cli
