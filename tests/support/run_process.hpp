// Runs a program as a user would, and returns all that it said: stdout, stderr, exit code. POSIX only.
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace scorepath::testing {

struct ProcessOptions {
  std::map<std::string, std::string> environment;  ///< added to the test's own
  std::string folder;                              ///< working folder; empty: the test's own
  std::chrono::milliseconds timeout{60000};        ///< then SIGKILL
  int signal = 0;                                  ///< sent once after `signal_after`; 0: none
  std::chrono::milliseconds signal_after{0};
  bool on_terminal = false;  ///< stdout and stderr are one terminal; all they say is in `out`
};

struct ProcessResult {
  int exit_code = -1;  ///< -1: ended by a signal
  int end_signal = 0;
  bool timed_out = false;
  std::string out, err;
};

namespace detail {

struct Streams {
  int out[2] = {-1, -1}, err[2] = {-1, -1};  ///< reading end, writing end
};

inline Streams open_streams(bool on_terminal) {
  Streams streams;
  if (on_terminal) {
    const int main_end = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (main_end < 0 || grantpt(main_end) != 0 || unlockpt(main_end) != 0)
      throw std::runtime_error("no pseudo-terminal");
    const int far_end = open(ptsname(main_end), O_RDWR | O_NOCTTY | O_CLOEXEC);
    streams.out[0] = main_end;
    streams.out[1] = streams.err[1] = far_end;
    return streams;
  }
  if (pipe2(streams.out, O_CLOEXEC) != 0 || pipe2(streams.err, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  return streams;
}

[[noreturn]] inline void become(const std::vector<std::string>& arguments, const ProcessOptions& options,
                                const Streams& streams) {
  const int nothing = open("/dev/null", O_RDONLY);
  dup2(nothing, STDIN_FILENO);
  dup2(streams.out[1], STDOUT_FILENO);
  dup2(streams.err[1], STDERR_FILENO);
  for (const auto& [name, value] : options.environment) setenv(name.c_str(), value.c_str(), 1);
  if (!options.folder.empty() && chdir(options.folder.c_str()) != 0) _exit(126);
  std::vector<char*> pointers;
  for (const std::string& argument : arguments) pointers.push_back(const_cast<char*>(argument.c_str()));
  pointers.push_back(nullptr);
  signal(SIGINT, SIG_DFL);
  execvp(pointers[0], pointers.data());
  _exit(127);
}

/// Appends what can be read; closes and forgets the descriptor at its end. A terminal's end is an error, EIO.
inline void drain(int& descriptor, std::string& text) {
  char block[65536];
  const ssize_t n = read(descriptor, block, sizeof block);
  if (n > 0) {
    text.append(block, static_cast<std::size_t>(n));
  } else if (n == 0 || errno != EINTR) {
    close(descriptor);
    descriptor = -1;
  }
}

}  // namespace detail

inline ProcessResult run_process(const std::vector<std::string>& arguments, const ProcessOptions& options = {}) {
  using Clock = std::chrono::steady_clock;
  detail::Streams streams = detail::open_streams(options.on_terminal);
  const Clock::time_point start = Clock::now();
  const pid_t child = fork();
  if (child < 0) throw std::runtime_error("no process");
  if (child == 0) detail::become(arguments, options, streams);
  close(streams.out[1]);
  if (streams.err[1] != streams.out[1]) close(streams.err[1]);

  ProcessResult result;
  bool signalled = options.signal == 0;
  while (streams.out[0] >= 0 || streams.err[0] >= 0) {
    pollfd waiting[2] = {{streams.out[0], POLLIN, 0}, {streams.err[0], POLLIN, 0}};
    poll(waiting, 2, 20);
    if (waiting[0].revents != 0 && streams.out[0] >= 0) detail::drain(streams.out[0], result.out);
    if (waiting[1].revents != 0 && streams.err[0] >= 0) detail::drain(streams.err[0], result.err);
    const auto elapsed = Clock::now() - start;
    if (!signalled && elapsed >= options.signal_after) {
      kill(child, options.signal);
      signalled = true;
    }
    if (!result.timed_out && elapsed >= options.timeout) {
      kill(child, SIGKILL);
      result.timed_out = true;
    }
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  if (WIFEXITED(status)) result.exit_code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) result.end_signal = WTERMSIG(status);
  return result;
}

}  // namespace scorepath::testing
