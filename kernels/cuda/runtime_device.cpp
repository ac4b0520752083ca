// A device of the CUDA runtime: one stream, every call checked.
#include <cuda_runtime.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "kernels/cuda/device.hpp"
#include "kernels/cuda/kernels.hpp"

namespace scorepath::kernels::cuda {
namespace {

void check(cudaError_t status, const char* call) {
  if (status == cudaSuccess) return;
  const std::string what = std::string(call) + ": " + cudaGetErrorString(status);
  cudaGetLastError();  // must not be the next call's
  if (status == cudaErrorMemoryAllocation) throw DeviceOutOfMemory(what);
  throw DeviceError(what);
}

/// Whether a call got the memory that it asked for: that it did not is an answer here, not an error.
bool granted(cudaError_t status, const char* call) {
  if (status == cudaSuccess) return true;
  if (status != cudaErrorMemoryAllocation) check(status, call);
  cudaGetLastError();
  return false;
}

const void* function_of(const Launch& launch) {
  const bool fast = launch.arithmetic == Arithmetic::fast;
  switch (launch.shape) {
    case Shape::paths:
      return fast ? fast_paths(launch.kind, launch.dim, launch.panels)
                  : reproducible_paths(launch.kind, launch.dim, launch.panels);
    case Shape::slices:
      return fast ? fast_slices(launch.kind, launch.dim, launch.panels)
                  : reproducible_slices(launch.kind, launch.dim, launch.panels);
    case Shape::rays:
      return fast ? fast_rays(launch.kind, launch.dim, launch.panels)
                  : reproducible_rays(launch.kind, launch.dim, launch.panels);
    case Shape::weights:
      return fast ? fast_weights(launch.kind, launch.dim, launch.panels)
                  : reproducible_weights(launch.kind, launch.dim, launch.panels);
    case Shape::steered:
      return fast ? fast_steered(launch.kind, launch.dim, launch.panels)
                  : reproducible_steered(launch.kind, launch.dim, launch.panels);
    case Shape::carried:
      return fast ? fast_carried(launch.kind, launch.dim, launch.panels)
                  : reproducible_carried(launch.kind, launch.dim, launch.panels);
    case Shape::increments:
    case Shape::score_increments: {
      const bool divergence = launch.shape == Shape::increments;
      return fast ? fast_increments(launch.kind, launch.dim, launch.panels, divergence)
                  : reproducible_increments(launch.kind, launch.dim, launch.panels, divergence);
    }
    case Shape::reduce:
      break;
  }
  return reduction();
}

/// A captured graph, ready to be launched.
class Graph final : public Recording {
 public:
  explicit Graph(cudaGraphExec_t graph) : graph_(graph) {}
  ~Graph() override { cudaGraphExecDestroy(graph_); }
  void launch(cudaStream_t stream) const { check(cudaGraphLaunch(graph_, stream), "cudaGraphLaunch"); }

 private:
  cudaGraphExec_t graph_;
};

int attribute(cudaDeviceAttr which, int ordinal) {
  int value = 0;
  check(cudaDeviceGetAttribute(&value, which, ordinal), "cudaDeviceGetAttribute");
  return value;
}

/// Like attribute(), 0 where the driver does not say.
int megahertz(cudaDeviceAttr which, int ordinal) {
  int khz = 0;
  if (cudaDeviceGetAttribute(&khz, which, ordinal) != cudaSuccess) cudaGetLastError();
  return khz / 1000;
}

/// What is known of a device without starting it.
DeviceInfo info_of(int ordinal) {
  cudaDeviceProp properties;
  check(cudaGetDeviceProperties(&properties, ordinal), "cudaGetDeviceProperties");
  DeviceInfo info{};
  static_assert(sizeof info.name >= sizeof properties.name);
  std::memcpy(info.name, properties.name, sizeof properties.name);
  info.memory = properties.totalGlobalMem;
  info.multiprocessors = properties.multiProcessorCount;
  info.clock_mhz = megahertz(cudaDevAttrClockRate, ordinal);
  info.memory_clock_mhz = megahertz(cudaDevAttrMemoryClockRate, ordinal);
  info.major = properties.major;
  info.minor = properties.minor;
  return info;
}

/// The calling thread's device for as long as this lives; then again the one that was.
class Current {
 public:
  explicit Current(int ordinal) : ordinal_(ordinal) {
    check(cudaGetDevice(&before_), "cudaGetDevice");
    if (ordinal != before_) check(cudaSetDevice(ordinal), "cudaSetDevice");
  }
  Current(const Current&) = delete;
  Current& operator=(const Current&) = delete;
  ~Current() {
    if (ordinal_ != before_) cudaSetDevice(before_);
  }

 private:
  int ordinal_, before_ = 0;
};

/// Shared memory that a kernel may ask for beside its own: more than the 48 KiB that are granted unasked.
constexpr int most_shared_bytes = 64 << 10;

class RuntimeDevice final : public Device {
 public:
  explicit RuntimeDevice(int ordinal) : ordinal_(ordinal) {
    const Current current(ordinal_);
    check(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "cudaStreamCreateWithFlags");
  }
  ~RuntimeDevice() override {
    cudaStreamDestroy(stream_);  // nobody left to tell of a failure
  }

  DeviceInfo info() const override { return info_of(ordinal_); }
  std::size_t free_memory() const override {
    const Current current(ordinal_);
    std::size_t free = 0, all = 0;
    check(cudaMemGetInfo(&free, &all), "cudaMemGetInfo");
    return free;
  }
  void* allocate(std::size_t bytes) override {
    const Current current(ordinal_);
    void* memory = nullptr;
    return granted(cudaMalloc(&memory, bytes), "cudaMalloc") ? memory : nullptr;
  }
  void release(void* memory) override {
    cudaFree(memory);  // what fails here has failed before: wait() says so
  }
  void* allocate_host(std::size_t bytes) override {
    const Current current(ordinal_);
    void* memory = nullptr;
    return granted(cudaMallocHost(&memory, bytes), "cudaMallocHost") ? memory : nullptr;
  }
  void release_host(void* memory) override { cudaFreeHost(memory); }
  std::uint64_t worthwhile_evaluations() const override { return std::uint64_t{1} << 20; }
  void clear(void* memory, std::size_t bytes) override {
    const Current current(ordinal_);
    check(cudaMemsetAsync(memory, 0, bytes, stream_), "cudaMemsetAsync");
  }
  void copy_in(void* to, const void* from, std::size_t bytes) override {
    const Current current(ordinal_);
    check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyHostToDevice, stream_), "cudaMemcpyAsync to the device");
  }
  void copy_out(void* to, const void* from, std::size_t bytes) override {
    const Current current(ordinal_);
    check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToHost, stream_), "cudaMemcpyAsync from the device");
  }
  void launch(const Launch& launch) override {
    const Current current(ordinal_);
    const void* function = prepared(launch);
    void* arguments[] = {const_cast<void*>(launch.arguments)};
    check(
        cudaLaunchKernel(function, dim3(launch.blocks), dim3(launch.threads), arguments, launch.shared_bytes, stream_),
        "cudaLaunchKernel");
  }
  std::uint32_t resident_blocks(const Launch& launch) override {
    const Current current(ordinal_);
    int blocks = 0;
    check(cudaOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, prepared(launch), static_cast<int>(launch.threads),
                                                        launch.shared_bytes),
          "cudaOccupancyMaxActiveBlocksPerMultiprocessor");
    return static_cast<std::uint32_t>(std::max(blocks, 1) * attribute(cudaDevAttrMultiProcessorCount, ordinal_));
  }
  void wait() override {
    const Current current(ordinal_);
    check(cudaStreamSynchronize(stream_), "cudaStreamSynchronize");
  }
  bool begin_recording() override {
    const Current current(ordinal_);
    check(cudaStreamBeginCapture(stream_, cudaStreamCaptureModeThreadLocal), "cudaStreamBeginCapture");
    return true;
  }
  std::unique_ptr<Recording> end_recording() override {
    const Current current(ordinal_);
    cudaGraph_t captured = nullptr;
    if (!granted(cudaStreamEndCapture(stream_, &captured), "cudaStreamEndCapture")) return nullptr;
    cudaGraphExec_t graph = nullptr;
    const cudaError_t status = cudaGraphInstantiate(&graph, captured, 0);
    cudaGraphDestroy(captured);
    if (!granted(status, "cudaGraphInstantiate")) return nullptr;
    return std::make_unique<Graph>(graph);
  }
  void replay(const Recording& recording) override {
    const Current current(ordinal_);
    static_cast<const Graph&>(recording).launch(stream_);
  }
  void* stream() const override { return stream_; }

 private:
  static const void* prepared(const Launch& launch) {
    const void* function = function_of(launch);
    constexpr std::size_t granted_unasked = 48 << 10;
    if (launch.shared_bytes > granted_unasked) {
      // Always the same: it is the function's, whoever else launches it meanwhile.
      check(cudaFuncSetAttribute(function, cudaFuncAttributeMaxDynamicSharedMemorySize, most_shared_bytes),
            "cudaFuncSetAttribute");
    }
    return function;
  }

  int ordinal_;
  cudaStream_t stream_ = nullptr;
};

/// The oldest compute capability that this build has code for, ten times the major number plus the minor.
constexpr int oldest = SCOREPATH_CUDA_ARCHITECTURE;

/// The runtime's ordinals of the devices that can be used; or why there are none, in a string that stays.
std::vector<int> usable_devices(const char** why) {
  int count = 0;
  const cudaError_t status = cudaGetDeviceCount(&count);
  cudaGetLastError();
  std::vector<int> usable;
  for (int ordinal = 0; status == cudaSuccess && ordinal < count; ++ordinal) {
    const int major = attribute(cudaDevAttrComputeCapabilityMajor, ordinal);
    const int minor = attribute(cudaDevAttrComputeCapabilityMinor, ordinal);
    if (10 * major + minor >= oldest) usable.push_back(ordinal);
  }
  *why = !usable.empty()                         ? nullptr
         : status == cudaErrorInsufficientDriver ? "the NVIDIA driver is missing or too old for this build's CUDA"
         : status == cudaErrorNoDevice           ? "there is no CUDA device"
         : status != cudaSuccess                 ? cudaGetErrorString(status)
         : count > 0                             ? "no CUDA device is new enough for this build's code"
                                                 : "there is no CUDA device";
  return usable;
}

/// The runtime's ordinal of the usable device `ordinal`.
int usable(int ordinal) {
  const char* why;
  return usable_devices(&why).at(static_cast<std::size_t>(ordinal));
}

}  // namespace

int device_count(const char** why) { return static_cast<int>(usable_devices(why).size()); }

DeviceInfo device_info(int ordinal) { return info_of(usable(ordinal)); }

std::unique_ptr<Device> open_device(int ordinal) { return std::make_unique<RuntimeDevice>(usable(ordinal)); }

}  // namespace scorepath::kernels::cuda
