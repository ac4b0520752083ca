// A real device that grants less than it has, counts what it is asked for, and fails on request.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <utility>

#include "host/estimate_on.hpp"
#include "kernels/cuda/device.hpp"
#include "tests/support/limited_launch.hpp"

namespace scorepath::test {

struct DeviceLimits : LaunchLimits {
  std::size_t memory = SIZE_MAX;                      ///< bytes of device memory
  std::size_t launches = SIZE_MAX;                    ///< then every call that waits fails
  std::uint64_t worthwhile_evaluations = UINT64_MAX;  ///< of a check: fewer than the real device asks for
};

class LimitedDevice final : public kernels::cuda::Device {
 public:
  LimitedDevice(std::unique_ptr<kernels::cuda::Device> real, const DeviceLimits& limits)
      : real_(std::move(real)), limits_(limits) {}

  kernels::cuda::DeviceInfo info() const override { return real_->info(); }
  void* allocate(std::size_t bytes) override {
    if (bytes > limits_.memory - allocated_) return nullptr;
    void* memory = real_->allocate(bytes);
    if (memory == nullptr) return nullptr;
    granted_[memory] = bytes;
    allocated_ += bytes;
    most_allocated = std::max(most_allocated, allocated_);
    return memory;
  }
  void release(void* memory) override {
    const auto found = granted_.find(memory);
    if (found != granted_.end()) {
      allocated_ -= found->second;
      granted_.erase(found);
    }
    real_->release(memory);
  }
  void* allocate_host(std::size_t bytes) override { return real_->allocate_host(bytes); }
  void release_host(void* memory) override { real_->release_host(memory); }
  std::size_t free_memory() const override { return std::min(real_->free_memory(), limits_.memory - allocated_); }
  std::uint64_t worthwhile_evaluations() const override {
    return std::min(real_->worthwhile_evaluations(), limits_.worthwhile_evaluations);
  }
  void clear(void* memory, std::size_t bytes) override { real_->clear(memory, bytes); }
  void copy_in(void* to, const void* from, std::size_t bytes) override { real_->copy_in(to, from, bytes); }
  void copy_out(void* to, const void* from, std::size_t bytes) override { real_->copy_out(to, from, bytes); }
  void launch(const kernels::cuda::Launch& wanted) override {
    if (wanted.shape != kernels::cuda::Shape::reduce) ++launches;
    real_->launch(*LimitedLaunch(wanted, limits_));
  }
  std::uint32_t resident_blocks(const kernels::cuda::Launch& launch) override {
    return std::min(real_->resident_blocks(launch), limits_.blocks);
  }
  void wait() override {
    real_->wait();
    if (launches > limits_.launches) throw kernels::cuda::DeviceError("wait: planted by the test");
  }

  /// Recordings hold one launch of samples.
  bool begin_recording() override {
    carried_out_ = launches;
    return real_->begin_recording();
  }
  std::unique_ptr<kernels::cuda::Recording> end_recording() override {
    launches = carried_out_;
    return real_->end_recording();
  }
  void replay(const kernels::cuda::Recording& recording) override {
    ++launches;
    ++replays;
    real_->replay(recording);
  }

  /// Launches of samples so far, those of them that were replayed, memory still granted, and the most that was at once.
  std::size_t launches = 0;
  std::size_t replays = 0;
  std::size_t still_allocated() const { return allocated_; }
  std::size_t most_allocated = 0;

 private:
  std::unique_ptr<kernels::cuda::Device> real_;
  DeviceLimits limits_;
  std::map<void*, std::size_t> granted_;
  std::size_t allocated_ = 0, carried_out_ = 0;
};

/// The first device of this machine behind `limits`.
inline CudaDevices limited_device(const DeviceLimits& limits) {
  CudaDevices devices;
  devices.push_back(std::make_unique<LimitedDevice>(kernels::cuda::open_device(0), limits));
  return devices;
}
inline const LimitedDevice& as_limited(const CudaDevices& devices) {
  return static_cast<const LimitedDevice&>(*devices.front());
}

}  // namespace scorepath::test
