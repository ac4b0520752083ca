// A point's samples on the first CUDA device, launch by launch: the engine's own tables, launches and copies.
#pragma once

#include <memory>
#include <vector>

#include <scorepath/scorepath.hpp>

#include "bench/cuda/timer.hpp"
#include "host/cuda_group.hpp"
#include "host/point_plan.hpp"

namespace scorepath::bench {

class CudaJob {
 public:
  /// Timed by the device's clock, launches are made call by call; by the wall's, recurring ones are replayed as the
  /// library does it.
  enum class Clock { device, wall };
  CudaJob(const Problem& problem, const std::vector<double>& point, const Options& options, Clock clock);

  /// Batches 0 .. batches - 1 in one launch where the device has the memory for it (a last batch of `rest` samples,
  /// where that is not 0): copies in, kernels, copies of the records out, wait.
  void run(std::size_t batches, std::uint64_t rest = 0);
  /// Seconds of the last launch's samples, where they are timed by the device's clock.
  double kernel_seconds() const { return timed_->seconds(); }
  /// Samples of a batch; one is a path or an antithetic pair.
  std::uint64_t samples_per_batch() const { return context_.sampling.samples_per_batch(); }
  /// Score evaluations of a sample.
  std::uint64_t evaluations_per_sample() const { return plans_.front()->evaluations_per_sample(); }

 private:
  Model model_;
  Options options_;
  kernels::CpuKernels cpu_;
  CudaDevices devices_;
  TimedDevice* timed_ = nullptr;
  JobContext context_;
  std::vector<std::unique_ptr<PointPlan>> plans_;
  std::unique_ptr<CudaGroup> group_;
};

}  // namespace scorepath::bench
