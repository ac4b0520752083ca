// Running independent pieces of work on several threads, with a word to the caller in between.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>

#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/task_arena.h>

namespace scorepath {

/// How many of `wanted` threads an arena can really have: oneTBB starts no more than the process may use (its affinity
/// mask, or what the calling program allows through global_control), and prints a warning when asked for more.
inline int arena_threads(int wanted) {
  const std::size_t allowed = tbb::global_control::active_value(tbb::global_control::max_allowed_parallelism);
  return static_cast<int>(std::min(static_cast<std::size_t>(wanted), allowed));
}

/// Calls work(i) for i in [0, count) on the arena's threads, in chunks of about a tenth of a second; between chunks
/// calls report(done) on the calling thread, which says whether to go on. Returns how many were done, always from 0 on.
template <class Work, class Report>
std::size_t parallel_chunks(tbb::task_arena& arena, std::size_t count, const Work& work, const Report& report) {
  constexpr double wanted_seconds = 0.1;
  std::size_t chunk = static_cast<std::size_t>(arena.max_concurrency()) * 16;  // a barrier costs up to one piece's time
  // oneTBB hands the work out and back in a library that the thread sanitizer does not look into: these say it again.
  std::atomic<std::size_t> handed_out{0}, handed_back{0};
  for (std::size_t done = 0; done < count;) {
    const std::size_t end = std::min(count, done + chunk);
    const auto start = std::chrono::steady_clock::now();
    handed_out.store(end, std::memory_order_release);
    arena.execute([&] {
      tbb::parallel_for(
          tbb::blocked_range<std::size_t>(done, end, 1),
          [&](const auto& range) {
            static_cast<void>(handed_out.load(std::memory_order_acquire));
            for (std::size_t i = range.begin(); i != range.end(); ++i) work(i);
            handed_back.fetch_add(1, std::memory_order_release);
          },
          tbb::simple_partitioner());
    });
    static_cast<void>(handed_back.load(std::memory_order_acquire));
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    done = end;
    if (!report(done)) return done;
    if (seconds < 0.5 * wanted_seconds) chunk *= 2;
    if (seconds > 2.0 * wanted_seconds)
      chunk = std::max<std::size_t>(chunk / 2, static_cast<std::size_t>(arena.max_concurrency()));
  }
  return count;
}

}  // namespace scorepath
