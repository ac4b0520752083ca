// Memory that runs out on the way costs none of the points that are finished.
#include <scorepath/scorepath.hpp>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <vector>

#include "tests/support/expect_error.hpp"

namespace scorepath::testing {
namespace {

// Sanitizers need the address space that is taken away, and end at what they cannot have.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
const Problem one_gaussian{Schedule{}, Gaussian{{0.0}, {1.0}}};

Options keeping_samples(std::uint64_t paths) {
  Options o;
  o.threads = 1;
  o.keep_samples = true;
  o.paths = paths;
  return o;
}

/// Leaves this process `bytes` more address space than it has.
void leave_memory(rlim_t bytes) {
  std::ifstream status("/proc/self/statm");
  rlim_t pages = 0;
  status >> pages;
  const rlim_t most = pages * static_cast<rlim_t>(sysconf(_SC_PAGESIZE)) + bytes;
  const rlimit limit{most, most};
  setrlimit(RLIMIT_AS, &limit);
}

TEST(Memory, ThatRunsOutLeavesWhatIsFinished) {
  const auto run = [] {
    leave_memory(rlim_t{500} << 20);
    const std::size_t count = 48;
    const Matrix many(count, 1, std::vector<double>(count, 0.5));
    const Result result = estimate_log_density(one_gaussian, many, keeping_samples(1u << 22));  // 16 MiB a point
    const auto is_finished = [](const PointResult& p) { return p.log_density.has_value(); };
    const auto finished =
        static_cast<std::size_t>(std::count_if(result.points.begin(), result.points.end(), is_finished));
    const std::vector<std::string>& flags = result.points.back().flags;
    const bool is_marked = std::find(flags.begin(), flags.end(), "stopped") != flags.end();
    const bool is_whole = result.points.size() == count && finished > 0 && finished < count;
    std::_Exit(result.out_of_memory && is_whole && is_marked && !result.warnings.empty() ? 0 : 1);
  };
  EXPECT_EXIT(run(), ::testing::ExitedWithCode(0), "");
}

TEST(Memory, ThatNeverSufficesIsAnError) {
  const Matrix two(2, 1, {0.0, 0.5});
  expect_error(ErrorKind::resource, {"memory ran out after 0 of 2 points"},
               [&] { static_cast<void>(estimate_log_density(one_gaussian, two, keeping_samples(1ull << 40))); });
}
#endif

}  // namespace
}  // namespace scorepath::testing
