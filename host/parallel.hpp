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

/// How many pieces of one kind of work take a tenth of a second; learned while they run, and kept from call to call.
class Pace {
 public:
  std::size_t pieces() const { return pieces_; }
  void learn(std::size_t done, double seconds) {
    const double fit = 0.1 * static_cast<double>(done) / std::max(seconds, 1e-9);
    const std::size_t most = std::max(8 * done, pieces_);  // the first few say little about the others
    pieces_ = fit < static_cast<double>(most) ? static_cast<std::size_t>(fit) : most;
  }

 private:
  std::size_t pieces_ = 0;
};

/// Calls work(i) for i in [0, count) on the arena's threads, in chunks of about a tenth of a second, or of a piece for
/// each thread where those take longer; between chunks calls report(done) on the calling thread, which says whether to
/// go on. A piece that was broken off returns false, and ends the run. Returns how many were done, always from 0 on.
template <class Work, class Report>
std::size_t parallel_chunks(tbb::task_arena& arena, Pace& pace, std::size_t count, const Work& work,
                            const Report& report) {
  const auto threads = static_cast<std::size_t>(arena.max_concurrency());
  std::atomic<std::size_t> whole{count};  // pieces before the first that was broken off
  // oneTBB hands the work out and back in a library that the thread sanitizer does not look into: these say it again.
  std::atomic<std::size_t> handed_out{0}, handed_back{0};
  for (std::size_t done = 0; done < count;) {
    const std::size_t end = std::min(count, done + std::max(pace.pieces(), threads));
    const auto start = std::chrono::steady_clock::now();
    handed_out.store(end, std::memory_order_release);
    arena.execute([&] {
      tbb::parallel_for(
          tbb::blocked_range<std::size_t>(done, end, 1),
          [&](const auto& range) {
            static_cast<void>(handed_out.load(std::memory_order_acquire));
            for (std::size_t i = range.begin(); i != range.end(); ++i) {
              if (work(i)) continue;
              for (std::size_t before = whole.load(); i < before && !whole.compare_exchange_weak(before, i);) {
              }
            }
            handed_back.fetch_add(1, std::memory_order_release);
          },
          tbb::simple_partitioner());
    });
    static_cast<void>(handed_back.load(std::memory_order_acquire));
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    pace.learn(end - done, seconds);
    done = std::min(end, whole.load());
    if (!report(done) || done < end) return done;
  }
  return count;
}

}  // namespace scorepath
