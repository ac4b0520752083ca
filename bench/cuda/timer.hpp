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

/// A real device that times its last launch of samples; it keeps no recordings, which would not be timed.
class TimedDevice final : public kernels::cuda::Device {
 public:
  explicit TimedDevice(std::unique_ptr<kernels::cuda::Device> real) : real_(std::move(real)), timer_(real_->stream()) {}

  double seconds() const { return timer_.seconds(); }

  kernels::cuda::DeviceInfo info() const override { return real_->info(); }
  void* allocate(std::size_t bytes) override { return real_->allocate(bytes); }
  void release(void* memory) override { real_->release(memory); }
  void* allocate_host(std::size_t bytes) override { return real_->allocate_host(bytes); }
  void release_host(void* memory) override { real_->release_host(memory); }
  void copy_in(void* to, const void* from, std::size_t bytes) override { real_->copy_in(to, from, bytes); }
  void copy_out(void* to, const void* from, std::size_t bytes) override { real_->copy_out(to, from, bytes); }
  void launch(const kernels::cuda::Launch& launch) override {
    const bool timed = launch.shape != kernels::cuda::Shape::reduce;
    if (timed) timer_.start();
    real_->launch(launch);
    if (timed) timer_.stop();
  }
  std::uint32_t resident_blocks(const kernels::cuda::Launch& launch) override { return real_->resident_blocks(launch); }
  void wait() override { real_->wait(); }
  std::unique_ptr<kernels::cuda::Recording> record(const std::function<void()>&) override { return nullptr; }
  void replay(const kernels::cuda::Recording&) override {}
  void* stream() const override { return real_->stream(); }

 private:
  std::unique_ptr<kernels::cuda::Device> real_;
  Timer timer_;
};

/// Launches `function` with one argument on the device's stream and returns its seconds. Errors: DeviceError.
double seconds_of(kernels::cuda::Device& device, const void* function, std::uint32_t blocks, std::uint32_t threads,
                  const void* argument);

}  // namespace scorepath::bench
