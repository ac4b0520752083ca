// Exit codes of every command, and the rule that the highest applicable one wins.
#pragma once

#include <algorithm>
#include <exception>
#include <new>
#include <optional>
#include <utility>

#include <scorepath/error.hpp>
#include <scorepath/result.hpp>

namespace scorepath::cli {

enum class ExitCode {
  done = 0,
  internal = 1,
  usage = 2,
  input = 3,
  output = 4,
  resource = 5,
  flagged = 6,        ///< finished and written, some points flagged
  target_missed = 7,  ///< finished and written, the asked precision not reached within the paths
  stopped = 8,        ///< stopped on request, what was finished is written
};

/// Of a result that is written.
inline ExitCode exit_code_of(const Result& result) {
  if (result.out_of_memory || result.device_failed) return ExitCode::resource;
  if (result.stopped) return ExitCode::stopped;
  if (result.target_missed) return ExitCode::target_missed;
  const bool flagged = std::any_of(result.points.begin(), result.points.end(),
                                   [](const PointResult& point) { return !point.flags.empty(); });
  return flagged ? ExitCode::flagged : ExitCode::done;
}

/// Runs independent checks and remembers the failure with the highest exit code, the first among equals.
class Checks {
 public:
  template <typename Check>
  void attempt(Check&& check) {
    try {
      std::forward<Check>(check)();
    } catch (const Error& error) {
      add(error);
    } catch (const std::bad_alloc&) {
      add(Error(ErrorKind::resource, "out of memory (more is needed than this process is granted) grant it more"));
    }
  }
  bool passed() const { return !worst_; }
  void throw_worst() const {
    if (worst_) throw Error(*worst_);
  }

 private:
  void add(const Error& error) {
    if (!worst_ || error.kind() > worst_->kind()) worst_ = error;
  }
  std::optional<Error> worst_;
};

}  // namespace scorepath::cli
