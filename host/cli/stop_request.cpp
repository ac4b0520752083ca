// SIGINT and SIGTERM as a wish to stop.
#include "host/cli/stop_request.hpp"

namespace scorepath::cli {

namespace {

// A signal handler can reach nothing but a variable of static storage.
volatile std::sig_atomic_t stop_wanted = 0;

extern "C" void note_stop_signal(int) { stop_wanted = 1; }

}  // namespace

StopRequest::StopRequest() {
  stop_wanted = 0;
  struct sigaction action = {};
  action.sa_handler = note_stop_signal;
  action.sa_flags = static_cast<int>(SA_RESETHAND | SA_RESTART);
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, &old_interrupt_);
  sigaction(SIGTERM, &action, &old_terminate_);
}

StopRequest::~StopRequest() {
  sigaction(SIGINT, &old_interrupt_, nullptr);
  sigaction(SIGTERM, &old_terminate_, nullptr);
}

bool StopRequest::made() const { return stop_wanted != 0; }

}  // namespace scorepath::cli
