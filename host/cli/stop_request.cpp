// SIGINT, SIGTERM and SIGHUP as a wish to stop.
#include "host/cli/stop_request.hpp"

#include <ctime>

namespace scorepath::cli {

namespace {

// A signal handler can reach nothing but variables of static storage.
volatile std::sig_atomic_t stop_wanted = 0;
timespec first_signal = {};

/// Those who signal a process and its group send two at once: only one that comes a second later means it.
extern "C" void note_stop_signal(int signal) {
  timespec now = {};
  clock_gettime(CLOCK_MONOTONIC, &now);
  if (stop_wanted == 0) {
    first_signal = now;
    stop_wanted = 1;
  } else if (now.tv_sec - first_signal.tv_sec > 1) {
    struct sigaction usual = {};
    usual.sa_handler = SIG_DFL;
    sigaction(signal, &usual, nullptr);
    raise(signal);
  }
}

}  // namespace

StopRequest::StopRequest() {
  stop_wanted = 0;
  struct sigaction action = {};
  action.sa_handler = note_stop_signal;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, &old_interrupt_);
  sigaction(SIGTERM, &action, &old_terminate_);
  sigaction(SIGHUP, nullptr, &old_hang_up_);
  if (old_hang_up_.sa_handler != SIG_IGN) sigaction(SIGHUP, &action, nullptr);  // nohup ignores it
}

StopRequest::~StopRequest() {
  sigaction(SIGINT, &old_interrupt_, nullptr);
  sigaction(SIGTERM, &old_terminate_, nullptr);
  sigaction(SIGHUP, &old_hang_up_, nullptr);
}

bool StopRequest::made() const { return stop_wanted != 0; }

}  // namespace scorepath::cli
