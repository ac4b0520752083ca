// A device for CUDA jobs that interprets the PTX of the library's kernels: device memory is host memory, and every
// launch runs to its end before it returns.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "kernels/cuda/device.hpp"
#include "tests/ptx/ptx.hpp"
#include "tests/support/limited_launch.hpp"

namespace scorepath::test {

/// What the kernels of a source compile to, such as "reproducible_paths".
using KernelModules = std::function<const ptx::Module&(const std::string& source)>;
/// From the build's .ptx files, each parsed once, when it is asked for.
KernelModules library_kernels();

struct PtxDeviceOptions : LaunchLimits {
  std::size_t memory = std::size_t{1} << 34;  ///< bytes that can be allocated
  std::size_t host_memory = SIZE_MAX;         ///< of page-locked memory
  std::size_t allocations = SIZE_MAX;         ///< of the device's memory that are granted
  std::size_t launches = SIZE_MAX;            ///< that are carried out: the next one fails
  std::uint32_t resident_blocks = 3;          ///< few, so that blocks go on to further pieces
  bool races = true;
  std::uint64_t worthwhile_evaluations = UINT64_MAX;  ///< of a check: the processor's else
  bool records = true;                                ///< false: there is no memory for recordings
  bool answers = true;                                ///< false: it does not say what it is
};

class PtxDevice final : public kernels::cuda::Device {
 public:
  explicit PtxDevice(KernelModules modules, const PtxDeviceOptions& options = {})
      : modules_(std::move(modules)), options_(options) {}

  kernels::cuda::DeviceInfo info() const override;
  void* allocate(std::size_t bytes) override;
  void release(void* memory) override;
  void* allocate_host(std::size_t bytes) override;
  void release_host(void* memory) override;
  std::size_t free_memory() const override { return options_.memory - allocated_; }
  std::uint64_t worthwhile_evaluations() const override { return options_.worthwhile_evaluations; }
  void clear(void* memory, std::size_t bytes) override;
  void copy_in(void* to, const void* from, std::size_t bytes) override;
  void copy_out(void* to, const void* from, std::size_t bytes) override;
  void launch(const kernels::cuda::Launch& wanted) override;
  std::uint32_t resident_blocks(const kernels::cuda::Launch&) override { return options_.resident_blocks; }
  void wait() override {}
  bool begin_recording() override;
  std::unique_ptr<kernels::cuda::Recording> end_recording() override;
  void replay(const kernels::cuda::Recording& recording) override;

  /// Launches so far, of samples and of records; recordings begun, and replayed; allocations; the most memory that was
  /// held at once, and what is still held.
  std::size_t launches = 0, recordings = 0, replays = 0, allocations = 0;
  std::size_t most_allocated = 0, most_allocated_host = 0;
  std::size_t still_allocated() const { return allocated_ + allocated_host_; }

 private:
  std::size_t room(const void* place) const;
  /// Carries a call out, or takes it down while a recording is made.
  void call(std::function<void()> action);
  void carry_out(const ptx::Module& module, const ptx::Launch& run);

  KernelModules modules_;
  PtxDeviceOptions options_;
  std::map<const std::byte*, std::size_t> buffers_, host_buffers_;
  std::size_t allocated_ = 0, allocated_host_ = 0;
  bool is_recording_ = false;
  std::vector<std::function<void()>> recorded_;  // of the recording that is being made
};

}  // namespace scorepath::test
