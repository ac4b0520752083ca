// Time on a device's stream, by CUDA events.
#pragma once

#include <memory>

#include "kernels/cuda/device.hpp"

namespace scorepath::bench {

/// Seconds between two points of a stream.
class Timer {
 public:
  explicit Timer(void* stream);
  ~Timer();
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  void start();
  void stop();
  /// Waits for the second point.
  double seconds() const;

 private:
  void *stream_, *start_ = nullptr, *stop_ = nullptr;
};

/// A real device that times its launch of samples; it keeps no recordings, which would not be timed.
class TimedDevice final : public kernels::cuda::Device {
 public:
  explicit TimedDevice(std::unique_ptr<kernels::cuda::Device> real) : real_(std::move(real)), timer_(real_->stream()) {}

  /// From here on one launch of samples may be made.
  void reset() { launches_ = 0; }
  /// Of that launch. Errors: DeviceError, where there was not just one: another time would be half the work's.
  double seconds() const {
    if (launches_ != 1) throw kernels::cuda::DeviceError("the row's work took several launches (little memory)");
    return timer_.seconds();
  }

  kernels::cuda::DeviceInfo info() const override { return real_->info(); }
  void* allocate(std::size_t bytes) override { return real_->allocate(bytes); }
  void release(void* memory) override { real_->release(memory); }
  void* allocate_host(std::size_t bytes) override { return real_->allocate_host(bytes); }
  void release_host(void* memory) override { real_->release_host(memory); }
  std::size_t free_memory() const override { return real_->free_memory(); }
  std::uint64_t worthwhile_evaluations() const override { return real_->worthwhile_evaluations(); }
  void clear(void* memory, std::size_t bytes) override { real_->clear(memory, bytes); }
  void copy_in(void* to, const void* from, std::size_t bytes) override { real_->copy_in(to, from, bytes); }
  void copy_out(void* to, const void* from, std::size_t bytes) override { real_->copy_out(to, from, bytes); }
  void launch(const kernels::cuda::Launch& launch) override {
    const bool timed = launch.shape != kernels::cuda::Shape::reduce;
    if (timed) timer_.start();
    real_->launch(launch);
    if (timed) timer_.stop();
    launches_ += timed ? 1 : 0;
  }
  std::uint32_t resident_blocks(const kernels::cuda::Launch& launch) override { return real_->resident_blocks(launch); }
  void wait() override { real_->wait(); }
  bool begin_recording() override { return false; }
  std::unique_ptr<kernels::cuda::Recording> end_recording() override { return nullptr; }
  void replay(const kernels::cuda::Recording&) override {}
  void* stream() const override { return real_->stream(); }

 private:
  std::unique_ptr<kernels::cuda::Device> real_;
  Timer timer_;
  int launches_ = 0;
};

/// Launches `function` with one argument on the device's stream and returns its seconds. Errors: DeviceError.
double seconds_of(kernels::cuda::Device& device, const void* function, std::uint32_t blocks, std::uint32_t threads,
                  const void* argument);

}  // namespace scorepath::bench
