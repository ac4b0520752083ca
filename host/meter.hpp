// How far a run is, for the caller's progress callback.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>

#include "host/parallel.hpp"
#include "host/point_plan.hpp"

namespace scorepath {

/// Where the run stands; asks the caller now and then whether to go on.
class Meter {
 public:
  /// `start`: since when time counts.
  Meter(const JobContext& job, std::uint64_t points,
        std::chrono::steady_clock::time_point start = std::chrono::steady_clock::now())
      : job_(job), points_(points), start_(start) {
    now().is_sized = !job.options.target_se.has_value();
  }

  /// `points` more of them are going to take `batches` in all. The others are expected to take as many each.
  void planned(std::uint64_t points, std::uint64_t batches) {
    standing_.planned_points += points;
    standing_.planned_batches += batches;
    now().batches_total = standing_.planned_batches * points_ / standing_.planned_points;
  }
  /// What is planned and done; and back to it, where points are begun anew.
  struct Standing {
    std::uint64_t planned_points = 0, planned_batches = 0;
    double finished_worst = 0.0;
    Progress now;
  };
  const Standing& standing() const { return standing_; }
  void back_to(const Standing& before) { standing_ = before; }
  /// The worst standard error of the points that are being worked on, or were just finished.
  void running(double se) { now().worst_standard_error = std::max(standing_.finished_worst, se); }
  void finished(double se) {
    now().worst_standard_error = standing_.finished_worst = std::max(standing_.finished_worst, se);
  }
  /// From now on a total is known, if only from the points so far.
  void sized() { now().is_sized = true; }
  /// From inside the work, on any thread: whether to go on. The calling thread, which works too, reports meanwhile.
  bool beat() {
    constexpr double seconds_between_reports = 0.1;
    if (std::this_thread::get_id() == caller_ && seconds() - now().seconds >= seconds_between_reports) report(0, 0);
    return !stopped();
  }
  /// Batches that are done since the last report, and samples of estimates. On the calling thread.
  bool report(std::uint64_t batches, std::uint64_t samples) {
    now().batches_done += batches;
    now().paths_done += samples * job_.sampling.paths_per_sample;
    const bool paths = job_.options.sampler == Sampler::paths;
    now().path_steps_done = now().paths_done * (paths ? job_.options.steps : 1);
    now().seconds = seconds();
    if (stopped() || !job_.options.progress) return !stopped();
    try {
      if (job_.options.progress(now()) == Continue::no) stopped_ = true;
    } catch (...) {  // the other threads need not finish what is lost
      stopped_ = true;
      throw;
    }
    return !stopped();
  }
  double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count(); }
  bool stopped() const { return stopped_.load(std::memory_order_relaxed); }

  Pace plans, batches, checks;

 private:
  Progress& now() { return standing_.now; }

  const JobContext& job_;
  std::uint64_t points_;
  std::chrono::steady_clock::time_point start_;
  Standing standing_;
  const std::thread::id caller_ = std::this_thread::get_id();
  std::atomic<bool> stopped_{false};
};

}  // namespace scorepath
