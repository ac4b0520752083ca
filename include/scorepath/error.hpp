// The one exception type of scorepath and the grammar of its messages.
#pragma once

#include <stdexcept>
#include <string>

#include <scorepath/export.hpp>

namespace scorepath {

/// What went wrong, as the process exit code that the command line gives for it.
enum class ErrorKind {
  internal = 1,  ///< a defect of scorepath itself
  usage = 2,     ///< an option with an impossible value, or options that exclude each other
  input = 3,     ///< a file, model or point that cannot be used
  output = 4,    ///< an output that exists already or cannot be written
  resource = 5,  ///< a backend that is not there or fails, or out of memory
};

/// Every failure that leaves the library. `what()` is one line, "problem (why) what to do", that names
/// the file, key, index or option; `kind()` tells a caller how to react.
class SCOREPATH_API Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}
  ErrorKind kind() const noexcept { return kind_; }

 private:
  ErrorKind kind_;
};

/// Memory ran out, the process's or a CUDA device's; kind() is resource.
class SCOREPATH_API OutOfMemory : public Error {
 public:
  explicit OutOfMemory(const std::string& message, bool on_device = false)
      : Error(ErrorKind::resource, message), on_device_(on_device) {}
  /// The device's, or what the machine keeps for copies to it.
  bool on_device() const noexcept { return on_device_; }

 private:
  bool on_device_;
};

}  // namespace scorepath
