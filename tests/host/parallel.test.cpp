// How many threads an arena is made of. Pieces of work on several threads: each is done once, the caller may stop
// between chunks, and the thread sanitizer sees into the work although oneTBB is not instrumented.
#include "host/parallel.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <thread>
#include <vector>

#include <oneapi/tbb/info.h>

namespace scorepath::testing {
namespace {

TEST(ParallelChunks, EveryPieceIsDoneOnceAndSeenByTheCaller) {
  tbb::task_arena arena(4);
  constexpr std::size_t count = 10000;
  std::vector<std::size_t> in(count);
  for (std::size_t i = 0; i < count; ++i) in[i] = i * i;
  std::vector<std::size_t> out(count, 0);
  std::size_t reported = 0;
  Pace pace;
  const std::size_t done = parallel_chunks(
      arena, pace, count,
      [&](std::size_t i) {
        out[i] += in[i];
        return true;
      },
      [&](std::size_t finished) {
        for (; reported < finished; ++reported) EXPECT_EQ(out[reported], in[reported]) << reported;
        return true;
      });
  EXPECT_EQ(done, count);
  EXPECT_EQ(reported, count);
}

TEST(ParallelChunks, StopsBetweenChunks) {
  tbb::task_arena arena(2);
  std::vector<int> out(100000, 0);
  Pace pace;
  const std::size_t done = parallel_chunks(
      arena, pace, out.size(),
      [&](std::size_t i) {
        out[i] = 1;
        return true;
      },
      [](std::size_t) { return false; });
  EXPECT_LT(done, out.size());
  for (std::size_t i = 0; i < out.size(); ++i) EXPECT_EQ(out[i], i < done ? 1 : 0) << i;
}

/// A piece that was broken off counts as not done, and with it all that come after it.
TEST(ParallelChunks, EndsBeforeTheFirstPieceThatWasBrokenOff) {
  tbb::task_arena arena(4);
  Pace pace;
  std::vector<std::size_t> reports;
  const std::size_t done = parallel_chunks(
      arena, pace, 100000, [](std::size_t i) { return i != 777 && i != 778 && i != 5000; },
      [&](std::size_t finished) {
        reports.push_back(finished);
        return true;
      });
  EXPECT_EQ(done, 777u);
  ASSERT_FALSE(reports.empty());
  EXPECT_EQ(reports.back(), 777u);
}

/// Long pieces are not gathered: the caller hears after one of them for each thread.
TEST(ParallelChunks, LongPiecesComeOneForEachThread) {
  tbb::task_arena arena(2);
  Pace pace;
  std::vector<std::size_t> reports;
  parallel_chunks(
      arena, pace, 6,
      [](std::size_t) {
        std::this_thread::sleep_for(std::chrono::milliseconds(120));
        return true;
      },
      [&](std::size_t finished) {
        reports.push_back(finished);
        return true;
      });
  const auto threads = static_cast<std::size_t>(arena.max_concurrency());
  ASSERT_EQ(reports.size(), (6 + threads - 1) / threads);
  EXPECT_EQ(reports.front(), threads);
}

/// A few quick pieces do not make one believe that all are.
TEST(ParallelChunks, ThePaceGrowsStepByStep) {
  Pace pace;
  pace.learn(2, 1e-6);
  EXPECT_EQ(pace.pieces(), 16u);
  pace.learn(16, 1e-6);
  EXPECT_EQ(pace.pieces(), 128u);
  pace.learn(128, 10.0);
  EXPECT_EQ(pace.pieces(), 1u);
}

/// Short ones are, and what was learned stays from call to call.
TEST(ParallelChunks, ShortPiecesAreGathered) {
  tbb::task_arena arena(2);
  Pace pace;
  int reports = 0;
  const auto nothing = [](std::size_t) { return true; };
  const auto count = [&](std::size_t) { return ++reports, true; };
  parallel_chunks(arena, pace, 100000, nothing, count);
  EXPECT_LE(reports, 8);
  reports = 0;
  parallel_chunks(arena, pace, 1000, nothing, count);
  EXPECT_EQ(reports, 1);
}

TEST(ArenaThreads, AreNoMoreThanTheProcessMayUse) {
  using Control = tbb::global_control;
  const int allowed = static_cast<int>(Control::active_value(Control::max_allowed_parallelism));
  EXPECT_EQ(arena_threads(1), 1);
  EXPECT_EQ(arena_threads(allowed), allowed);
  EXPECT_EQ(arena_threads(4096), allowed);
}

TEST(ArenaThreads, AreNoMoreThanTheProgramAllows) {
  const tbb::global_control one(tbb::global_control::max_allowed_parallelism, 1);
  EXPECT_EQ(arena_threads(1), 1);
  EXPECT_EQ(arena_threads(64), 1);
}

#ifdef __SANITIZE_THREAD__
/// Two pieces that are under way at the same time write to one number; exits with what the sanitizer makes of it.
[[noreturn]] void planted_race() {
  tbb::task_arena arena(2);
  std::atomic<int> under_way{0};
  long sum = 0;
  Pace pace;
  parallel_chunks(
      arena, pace, 2,
      [&](std::size_t) {
        under_way.fetch_add(1, std::memory_order_relaxed);
        const auto start = std::chrono::steady_clock::now();
        while (under_way.load(std::memory_order_relaxed) < 2 &&
               std::chrono::steady_clock::now() - start < std::chrono::seconds(10)) {
        }
        for (int i = 0; i < 1000; ++i) sum = sum + 1;
        return true;
      },
      [](std::size_t) { return true; });
  std::exit(sum > 0 ? 0 : 1);
}

TEST(ParallelChunksDeathTest, ThreadSanitizerSeesAPlantedRace) {
  if (tbb::info::default_concurrency() < 2) return;  // oneTBB starts no second thread
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(planted_race(), ::testing::ExitedWithCode(66), "data race");
}
#endif

}  // namespace
}  // namespace scorepath::testing
