#include "bench/cuda/timer.hpp"

#include <cuda_runtime.h>

#include <string>

namespace scorepath::bench {
namespace {

void check(cudaError_t status, const char* call) {
  if (status != cudaSuccess) throw kernels::cuda::DeviceError(std::string(call) + ": " + cudaGetErrorString(status));
}

cudaEvent_t event_of(void* event) { return static_cast<cudaEvent_t>(event); }

}  // namespace

Timer::Timer(void* stream) : stream_(stream) {
  cudaEvent_t start, stop;
  check(cudaEventCreate(&start), "cudaEventCreate");
  start_ = start;
  check(cudaEventCreate(&stop), "cudaEventCreate");
  stop_ = stop;
}

Timer::~Timer() {
  cudaEventDestroy(event_of(start_));
  cudaEventDestroy(event_of(stop_));
}

void Timer::start() { check(cudaEventRecord(event_of(start_), static_cast<cudaStream_t>(stream_)), "cudaEventRecord"); }
void Timer::stop() { check(cudaEventRecord(event_of(stop_), static_cast<cudaStream_t>(stream_)), "cudaEventRecord"); }

double Timer::seconds() const {
  check(cudaEventSynchronize(event_of(stop_)), "cudaEventSynchronize");
  float milliseconds = 0.0f;
  check(cudaEventElapsedTime(&milliseconds, event_of(start_), event_of(stop_)), "cudaEventElapsedTime");
  return 1e-3 * static_cast<double>(milliseconds);
}

double seconds_of(kernels::cuda::Device& device, const void* function, std::uint32_t blocks, std::uint32_t threads,
                  const void* argument) {
  Timer timer(device.stream());
  void* arguments[] = {const_cast<void*>(argument)};
  timer.start();
  check(
      cudaLaunchKernel(function, dim3(blocks), dim3(threads), arguments, 0, static_cast<cudaStream_t>(device.stream())),
      "cudaLaunchKernel");
  timer.stop();
  return timer.seconds();
}

}  // namespace scorepath::bench
