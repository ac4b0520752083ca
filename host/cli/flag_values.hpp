// Turns the text of a flag into a checked value; every failure is Error(usage) naming flag, text and remedy.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <scorepath/options.hpp>

#include "host/check.hpp"
#include "host/cli/spelling.hpp"
#include "host/cli/text.hpp"
#include "host/quoted.hpp"

namespace scorepath::cli {

/// A whole number from 0 to `most`, written in digits only. What the number means, validate() judges.
std::uint64_t parse_count(const std::string& flag, const std::string& text, std::uint64_t most);

/// A finite number.
double parse_number(const std::string& flag, const std::string& text);

/// A finite number in (0, most].
double parse_positive(const std::string& flag, const std::string& text, double most);

/// Errors: resource, where the back end is not there.
void check_available(Backend backend);

/// Whether two names are one file's, links followed; of what is not there, as far as the names tell.
bool is_same_file(const std::string& a, const std::string& b);

/// The values for a help text: "slices (default), paths".
template <typename Choice>
std::string choices() {
  std::vector<std::string> names = names_of<Choice>();
  names.front() += " (default)";
  return join(names);
}

/// One of values_of<Choice>(), by its name.
template <typename Choice>
Choice parse_choice(const std::string& flag, const std::string& text) {
  for (const Choice value : values_of<Choice>())
    if (name_of(value) == text) return value;
  const std::vector<std::string> names = names_of<Choice>();
  const std::string guess = nearest(text, names);
  throw Error(ErrorKind::usage,
              fmt::format("unknown value '{}' for {} (it is one of {}) {}", printable(text), flag, join(names),
                          guess.empty() ? std::string("choose one of them") : fmt::format("write {} {}", flag, guess)));
}

}  // namespace scorepath::cli
