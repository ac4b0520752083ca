// The device that a CUDA job runs on: memory, copies and launches, in order. kernels/cuda/runtime_device.cpp is the
// real one, kernels/cuda/absent.cpp stands for it where the toolkit was not there; the tests have one that interprets
// PTX.
#pragma once

#include <cstddef>
#include <memory>
#include <stdexcept>

#include "kernels/cuda/launch.hpp"

namespace scorepath::kernels::cuda {

/// What the runtime says of a failed call: "call: what it is".
struct DeviceError : std::runtime_error {
  using std::runtime_error::runtime_error;
};
/// Memory was not to be had, the device's or page-locked memory of the host: with less to do at once it may be.
struct DeviceOutOfMemory : DeviceError {
  using DeviceError::DeviceError;
};

struct DeviceInfo {
  char name[256];
  std::size_t memory;  // bytes
  int multiprocessors;
  int clock_mhz, memory_clock_mhz;  // 0: not known
  int major, minor;                 // compute capability
};

/// Copies and launches that a device has taken down, to be carried out again as one.
class Recording {
 public:
  Recording() = default;
  Recording(const Recording&) = delete;
  Recording& operator=(const Recording&) = delete;
  virtual ~Recording() = default;
};

/// One device. Calls are carried out in order and may return before they are done; wait() returns after all of them, or
/// throws DeviceError for the first that failed. Host memory that is copied must stay as it is until then.
class Device {
 public:
  Device() = default;
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;
  virtual ~Device() = default;

  virtual DeviceInfo info() const = 0;
  /// Bytes of device memory that nobody holds.
  virtual std::size_t free_memory() const = 0;
  /// Device memory, aligned to 256 bytes; null where there is not as much left.
  virtual void* allocate(std::size_t bytes) = 0;
  virtual void release(void* memory) = 0;
  /// Host memory that is copied fast; null where there is not as much left.
  virtual void* allocate_host(std::size_t bytes) = 0;
  virtual void release_host(void* memory) = 0;
  /// Device memory to zeros.
  virtual void clear(void* memory, std::size_t bytes) = 0;
  virtual void copy_in(void* to, const void* from, std::size_t bytes) = 0;
  virtual void copy_out(void* to, const void* from, std::size_t bytes) = 0;
  virtual void launch(const Launch& launch) = 0;
  /// Score evaluations that make up for a launch's overheads: fewer are the processor's.
  virtual std::uint64_t worthwhile_evaluations() const = 0;
  /// Blocks of this kernel that the device works on at once.
  virtual std::uint32_t resident_blocks(const Launch& launch) = 0;
  virtual void wait() = 0;
  /// Copies and launches are taken down until end_recording(), instead of being carried out. Memory of the host is read
  /// when they are replayed; launches' arguments are those of now. They must have been made before as they are (a
  /// kernel's first launch loads it). False where the device keeps no recordings.
  virtual bool begin_recording() = 0;
  /// What was taken down; null where there is no memory to keep it. The calls then have to be made again.
  virtual std::unique_ptr<Recording> end_recording() = 0;
  /// Carries them out, in order with all other calls; `recording` is one of this device.
  virtual void replay(const Recording& recording) = 0;
  /// The CUDA stream (a cudaStream_t) that the calls go to, for those who time them; null where there is none.
  virtual void* stream() const { return nullptr; }
};

/// Devices that can be used; where there are none, `why` says so (no build, no driver, no device, too old), else null.
int device_count(const char** why);
/// Device `ordinal` of them, without starting it.
DeviceInfo device_info(int ordinal);
/// The same, ready for work.
std::unique_ptr<Device> open_device(int ordinal);

/// Memory of a device, released at the end of its life.
class Buffer {
 public:
  enum class Where { device, host };
  Buffer() = default;
  /// May hold nothing: where the memory was not to be had.
  Buffer(Device& device, Where where, std::size_t bytes)
      : device_(&device),
        where_(where),
        bytes_(bytes),
        memory_(where == Where::device ? device.allocate(bytes) : device.allocate_host(bytes)) {}
  Buffer(Buffer&& other) noexcept { swap(other); }
  Buffer& operator=(Buffer&& other) noexcept {
    swap(other);
    return *this;
  }
  ~Buffer() {
    if (memory_ == nullptr) return;
    if (where_ == Where::device) {
      device_->release(memory_);
    } else {
      device_->release_host(memory_);
    }
  }

  explicit operator bool() const { return memory_ != nullptr; }
  std::size_t bytes() const { return memory_ == nullptr ? 0 : bytes_; }
  template <class T>
  T* as() const {
    return static_cast<T*>(memory_);
  }

 private:
  void swap(Buffer& other) {
    std::swap(device_, other.device_);
    std::swap(where_, other.where_);
    std::swap(bytes_, other.bytes_);
    std::swap(memory_, other.memory_);
  }

  Device* device_ = nullptr;
  Where where_ = Where::device;
  std::size_t bytes_ = 0;
  void* memory_ = nullptr;
};

}  // namespace scorepath::kernels::cuda
