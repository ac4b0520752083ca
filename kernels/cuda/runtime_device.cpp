// A device of the CUDA runtime: one stream, every call checked.
#include <cuda_runtime.h>

#include <cstring>
#include <string>
#include <vector>

#include "kernels/cuda/device.hpp"
#include "kernels/cuda/kernels.hpp"

namespace scorepath::kernels::cuda {
namespace {

void check(cudaError_t status, const char* call) {
  if (status != cudaSuccess) throw DeviceError(std::string(call) + ": " + cudaGetErrorString(status));
}

/// A failed allocation is an answer, not an error, and must not be the next call's.
void* granted(cudaError_t status, void* memory, const char* call) {
  if (status == cudaSuccess) return memory;
  cudaGetLastError();
  if (status != cudaErrorMemoryAllocation) check(status, call);
  return nullptr;
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
    case Shape::reduce:
      break;
  }
  return reduction();
}

/// A captured graph, ready to be launched.
class Graph final : public Recording {
 public:
  explicit Graph(cudaGraph_t captured) { check(cudaGraphInstantiate(&graph_, captured, 0), "cudaGraphInstantiate"); }
  ~Graph() override { cudaGraphExecDestroy(graph_); }
  void launch(cudaStream_t stream) const { check(cudaGraphLaunch(graph_, stream), "cudaGraphLaunch"); }

 private:
  cudaGraphExec_t graph_ = nullptr;
};

/// Everything that is called on a stream until the end of this object's life, or until captured().
class Capture {
 public:
  explicit Capture(cudaStream_t stream) : stream_(stream) {
    check(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal), "cudaStreamBeginCapture");
  }
  Capture(const Capture&) = delete;
  Capture& operator=(const Capture&) = delete;
  ~Capture() {
    if (graph_ == nullptr) cudaStreamEndCapture(stream_, &graph_);  // broken off: what failed is already on its way
    if (graph_ != nullptr) cudaGraphDestroy(graph_);
  }
  cudaGraph_t captured() {
    check(cudaStreamEndCapture(stream_, &graph_), "cudaStreamEndCapture");
    return graph_;
  }

 private:
  cudaStream_t stream_;
  cudaGraph_t graph_ = nullptr;
};

class RuntimeDevice final : public Device {
 public:
  explicit RuntimeDevice(int ordinal) : ordinal_(ordinal) {
    use();
    check(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "cudaStreamCreateWithFlags");
  }
  ~RuntimeDevice() override {
    cudaSetDevice(ordinal_);
    cudaStreamDestroy(stream_);  // nobody left to tell of a failure
  }

  DeviceInfo info() const override {
    use();
    cudaDeviceProp properties;
    check(cudaGetDeviceProperties(&properties, ordinal_), "cudaGetDeviceProperties");
    DeviceInfo info{};
    static_assert(sizeof info.name >= sizeof properties.name);
    std::memcpy(info.name, properties.name, sizeof properties.name);
    check(cudaMemGetInfo(&info.free_memory, &info.memory), "cudaMemGetInfo");
    info.multiprocessors = properties.multiProcessorCount;
    int khz = 0;
    check(cudaDeviceGetAttribute(&khz, cudaDevAttrClockRate, ordinal_), "cudaDeviceGetAttribute");
    info.clock_mhz = khz / 1000;
    info.major = properties.major;
    info.minor = properties.minor;
    return info;
  }
  void* allocate(std::size_t bytes) override {
    use();
    void* memory = nullptr;
    return granted(cudaMalloc(&memory, bytes), memory, "cudaMalloc");
  }
  void release(void* memory) override {
    cudaSetDevice(ordinal_);
    cudaFree(memory);  // what fails here has failed before: wait() says so
  }
  void* allocate_host(std::size_t bytes) override {
    use();
    void* memory = nullptr;
    return granted(cudaMallocHost(&memory, bytes), memory, "cudaMallocHost");
  }
  void release_host(void* memory) override {
    cudaSetDevice(ordinal_);
    cudaFreeHost(memory);
  }
  void copy_in(void* to, const void* from, std::size_t bytes) override {
    use();
    check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyHostToDevice, stream_), "cudaMemcpyAsync to the device");
  }
  void copy_out(void* to, const void* from, std::size_t bytes) override {
    use();
    check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToHost, stream_), "cudaMemcpyAsync from the device");
  }
  void launch(const Launch& launch) override {
    use();
    const void* function = prepared(launch);
    void* arguments[] = {const_cast<void*>(launch.arguments)};
    check(
        cudaLaunchKernel(function, dim3(launch.blocks), dim3(launch.threads), arguments, launch.shared_bytes, stream_),
        "cudaLaunchKernel");
  }
  std::uint32_t resident_blocks(const Launch& launch) override {
    use();
    int blocks = 0, multiprocessors = 0;
    check(cudaOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, prepared(launch), static_cast<int>(launch.threads),
                                                        launch.shared_bytes),
          "cudaOccupancyMaxActiveBlocksPerMultiprocessor");
    check(cudaDeviceGetAttribute(&multiprocessors, cudaDevAttrMultiProcessorCount, ordinal_), "cudaDeviceGetAttribute");
    return static_cast<std::uint32_t>(blocks * multiprocessors);
  }
  void wait() override {
    use();
    check(cudaStreamSynchronize(stream_), "cudaStreamSynchronize");
  }
  std::unique_ptr<Recording> record(const std::function<void()>& calls) override {
    use();
    Capture capture(stream_);
    calls();
    return std::make_unique<Graph>(capture.captured());
  }
  void replay(const Recording& recording) override {
    use();
    static_cast<const Graph&>(recording).launch(stream_);
  }
  void* stream() const override { return stream_; }

 private:
  void use() const { check(cudaSetDevice(ordinal_), "cudaSetDevice"); }
  static const void* prepared(const Launch& launch) {
    const void* function = function_of(launch);
    constexpr std::size_t granted_unasked = 48 << 10;
    if (launch.shared_bytes > granted_unasked) {
      check(cudaFuncSetAttribute(function, cudaFuncAttributeMaxDynamicSharedMemorySize,
                                 static_cast<int>(launch.shared_bytes)),
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
    int major = 0, minor = 0;
    check(cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, ordinal), "cudaDeviceGetAttribute");
    check(cudaDeviceGetAttribute(&minor, cudaDevAttrComputeCapabilityMinor, ordinal), "cudaDeviceGetAttribute");
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

}  // namespace

int device_count(const char** why) { return static_cast<int>(usable_devices(why).size()); }

std::unique_ptr<Device> open_device(int ordinal) {
  const char* why;
  return std::make_unique<RuntimeDevice>(usable_devices(&why).at(static_cast<std::size_t>(ordinal)));
}

}  // namespace scorepath::kernels::cuda
