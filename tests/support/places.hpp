// Where the data and the program are: where the environment says (executables that were carried to another machine),
// else where they were when the tests were built.
#pragma once

#include <cstdlib>
#include <string>

namespace scorepath::test {

inline std::string place_of(const char* variable, const char* built) {
  const char* wish = std::getenv(variable);
  return wish != nullptr && *wish != '\0' ? wish : built;
}

/// The repository.
inline std::string source_folder() { return place_of("SCOREPATH_SOURCE_DIR", SCOREPATH_SOURCE_DIR); }

}  // namespace scorepath::test
