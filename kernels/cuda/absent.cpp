// Stands for the CUDA back end in a build without the toolkit.
#include "kernels/cuda/device.hpp"

namespace scorepath::kernels::cuda {

int device_count(const char** why) {
  *why = "this build has no CUDA: it was configured without the toolkit";
  return 0;
}

DeviceInfo device_info(int) { throw DeviceError("this build has no CUDA"); }

std::unique_ptr<Device> open_device(int) { throw DeviceError("this build has no CUDA"); }

}  // namespace scorepath::kernels::cuda
