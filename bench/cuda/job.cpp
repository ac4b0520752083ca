#include "bench/cuda/job.hpp"

#include <bit>

#include "host/cpu_dispatch.hpp"

namespace scorepath::bench {

CudaJob::CudaJob(const Problem& problem, const std::vector<double>& point, const Options& options, Clock clock)
    : model_((validate(problem), problem)),
      options_(with_method(options)),
      cpu_(cpu_kernels(active_isa())),
      context_{model_, options_, cpu_, make_sampling(options_), &devices_} {
  devices_.push_back(kernels::cuda::open_device(0));
  if (clock == Clock::device) {
    auto timed = std::make_unique<TimedDevice>(std::move(devices_.front()));
    timed_ = timed.get();
    devices_.front() = std::move(timed);
  }
  plans_.push_back(std::make_unique<PointPlan>(context_, point.data(), [] { return true; }));
  group_ = std::make_unique<CudaGroup>(context_, devices_, plans_);
}

void CudaJob::run(std::size_t batches, std::uint64_t rest) {
  std::vector<BatchTask> tasks;
  for (std::size_t b = 0; b < batches; ++b) tasks.push_back({0, b, samples_per_batch()});
  if (rest > 0) tasks.back().samples = rest;
  Pace pace;
  pace.learn(2 * std::bit_ceil(batches), 0.1);  // all of them at once
  if (timed_ != nullptr) timed_->reset();
  group_->run(
      tasks, PointPlan::Draws::estimate, false, pace, [](std::size_t, const BatchRecord&, const float*, std::size_t) {},
      [](std::size_t) { return true; });
}

}  // namespace scorepath::bench
