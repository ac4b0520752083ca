// The one exception of the interpreter: "problem (why) what to do", after the place in the PTX text.
#pragma once

#include <stdexcept>
#include <string>

namespace scorepath::ptx {

class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& message) : std::runtime_error(message) {}
};

}  // namespace scorepath::ptx
