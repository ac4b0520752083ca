// The CUDA devices of a job.
#pragma once

#include <memory>
#include <vector>

#include <scorepath/error.hpp>

#include "kernels/cuda/device.hpp"

namespace scorepath {

/// The devices of a job, opened once.
using CudaDevices = std::vector<std::unique_ptr<kernels::cuda::Device>>;

/// What is told of a device that cannot be opened or asked.
Error silent_device(const kernels::cuda::DeviceError& error);
/// All usable devices. Errors: resource, where there are none or one does not answer.
CudaDevices open_cuda_devices();

}  // namespace scorepath
