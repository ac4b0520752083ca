// Reverse paths on CUDA devices: tables once, then launches of many batches.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "host/cuda_devices.hpp"
#include "host/parallel.hpp"
#include "host/reverse_plan.hpp"

namespace scorepath {

/// Paths of one batch: what is handed over at once.
inline constexpr std::size_t reverse_batch = 4096;

class CudaReverse {
 public:
  /// Copies the plan's tables to every device. Errors: DeviceError, DeviceOutOfMemory.
  CudaReverse(const ReversePlan& plan, const Model& model, Arithmetic arithmetic, const CudaDevices& devices);
  CudaReverse(const CudaReverse&) = delete;
  CudaReverse& operator=(const CudaReverse&) = delete;
  ~CudaReverse();

  /// The paths 0 .. count - 1, each its first `rows` rows: `take(first, batches, numbers)` hears of `batches` of them
  /// from batch `first` on, on the calling thread, in order, numbers [batches][numbers of a path][reverse_batch];
  /// between launches report(batches) says whether to go on. Returns the batches that were done. Errors: as the
  /// constructor.
  using Take = std::function<void(std::size_t first, std::size_t batches, const float* numbers)>;
  std::size_t run(std::uint32_t rows, std::uint64_t count, Pace& pace, const Take& take,
                  const std::function<bool(std::size_t)>& report);

 private:
  struct Part {
    kernels::cuda::Device* device;
    kernels::cuda::Buffer tables, points, batches, values, batches_host, values_host;
  };
  void upload(Part& part);
  void make_room(Part& part, std::size_t batches);
  void launch(Part& part, std::uint32_t rows, std::size_t batches);

  const ReversePlan& plan_;
  kernels::SteeredJob<float> job_;
  kernels::cuda::Launch launch_{};
  std::size_t row_, most_batches_;
  std::vector<Part> parts_;
};

}  // namespace scorepath
