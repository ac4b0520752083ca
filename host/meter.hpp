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
  Meter(const JobContext& job, std::uint64_t points)
      : job_(job), points_(points), start_(std::chrono::steady_clock::now()) {
    now_.is_sized = !job.options.target_se.has_value();
  }

  /// `points` more of them are going to take `batches` in all. The others are expected to take as many each.
  void planned(std::uint64_t points, std::uint64_t batches) {
    planned_points_ += points;
    planned_batches_ += batches;
    now_.batches_total = planned_batches_ * points_ / planned_points_;
  }
  /// The worst standard error of the points that are being worked on, or were just finished.
  void running(double se) { now_.worst_standard_error = std::max(finished_worst_, se); }
  void finished(double se) { now_.worst_standard_error = finished_worst_ = std::max(finished_worst_, se); }
  /// From now on a total is known, if only from the points so far.
  void sized() { now_.is_sized = true; }
  /// From inside the work, on any thread: whether to go on. The calling thread, which works too, reports meanwhile.
  bool beat() {
    constexpr double seconds_between_reports = 0.1;
    if (std::this_thread::get_id() == caller_ && seconds() - now_.seconds >= seconds_between_reports) report(0, 0);
    return !stopped();
  }
  /// Batches that are done since the last report, and samples of estimates. On the calling thread.
  bool report(std::uint64_t batches, std::uint64_t samples) {
    now_.batches_done += batches;
    now_.paths_done += samples * job_.sampling.paths_per_sample;
    const bool paths = job_.options.sampler == Sampler::paths;
    now_.path_steps_done = now_.paths_done * (paths ? job_.options.steps : 1);
    now_.seconds = seconds();
    if (stopped() || !job_.options.progress) return !stopped();
    try {
      if (job_.options.progress(now_) == Continue::no) stopped_ = true;
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
  const JobContext& job_;
  std::uint64_t points_, planned_points_ = 0, planned_batches_ = 0;
  std::chrono::steady_clock::time_point start_;
  Progress now_;
  double finished_worst_ = 0.0;
  const std::thread::id caller_ = std::this_thread::get_id();
  std::atomic<bool> stopped_{false};
};

}  // namespace scorepath
