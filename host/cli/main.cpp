// The command line's entry: commands in, exit code out, every failure one line on stderr.
#include <csignal>
#include <cstdio>
#include <exception>
#include <new>

#include <fmt/format.h>

#include "host/cli/commands.hpp"
#include "host/cli/text.hpp"

namespace {

int fail(scorepath::cli::ExitCode code, const std::string& message) {
  scorepath::cli::say(stderr, fmt::format("scorepath: {}\n", scorepath::cli::one_line(message)));
  return static_cast<int>(code);
}

}  // namespace

int main(int argc, char** argv) {
  using namespace scorepath::cli;
  std::signal(SIGXFSZ, SIG_IGN);  // a file-size limit is a write that fails, not a death with half a file left behind
  try {
    return static_cast<int>(run_command_line(
        argc, argv,
        {density_command(), compare_command(), sample_command(), plot_command(), info_command(), selftest_command()}));
  } catch (const scorepath::Error& error) {
    return fail(static_cast<ExitCode>(error.kind()), error.what());
  } catch (const std::bad_alloc&) {
    return fail(ExitCode::resource,
                "out of memory (the command needs more than this process is granted) grant it more, or give it a "
                "smaller model or fewer points");
  } catch (const std::exception& error) {
    return fail(ExitCode::internal,
                fmt::format("internal error ({}) please report it with the command line and the model", error.what()));
  }
}
