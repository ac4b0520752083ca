// Reads flags into the fields of a job. A flag that was not given leaves its field as it is; what fails is kept with
// the other checks.
#pragma once

#include <cstdint>
#include <limits>

#include "host/cli/command_line.hpp"
#include "host/cli/exit_code.hpp"
#include "host/cli/flag_values.hpp"

namespace scorepath::cli {

class FlagReader {
 public:
  FlagReader(const Arguments& arguments, Checks& checks) : arguments_(arguments), checks_(checks) {}

  template <typename Choice>
  void choose(const char* flag, Choice& value) const {
    read(flag, [&](const std::string& text) { value = parse_choice<Choice>(flag, text); });
  }
  template <typename Count>
  void count(const char* flag, Count& value) const {
    constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<Count>::max());
    read(flag, [&](const std::string& text) { value = static_cast<Count>(parse_count(flag, text, most)); });
  }
  template <typename Number>
  void number(const char* flag, Number& value) const {
    read(flag, [&](const std::string& text) { value = parse_number(flag, text); });
  }
  /// Where the field is not the flag's value as it stands: parse(text).
  template <typename Parse>
  void read(const char* flag, const Parse& parse) const {
    checks_.attempt([&] {
      if (arguments_.given(flag)) parse(arguments_.text(flag));
    });
  }

 private:
  const Arguments& arguments_;
  Checks& checks_;
};

}  // namespace scorepath::cli
