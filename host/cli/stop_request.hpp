// SIGINT, SIGTERM and SIGHUP as a wish to stop: seen by the progress callback, so that what was finished is still
// written.
#pragma once

#include <csignal>

namespace scorepath::cli {

/// While it lives, the first SIGINT, SIGTERM or SIGHUP is only noted; another one, a second or more later, ends the
/// process as usual.
/// One at a time: signal handlers are the process's own.
class StopRequest {
 public:
  StopRequest();
  ~StopRequest();
  StopRequest(const StopRequest&) = delete;
  StopRequest& operator=(const StopRequest&) = delete;

  bool made() const;

 private:
  struct sigaction old_interrupt_ = {}, old_terminate_ = {}, old_hang_up_ = {};
};

}  // namespace scorepath::cli
