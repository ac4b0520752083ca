// Interpreting devices for whole jobs.
#pragma once

#include "tests/ptx/ptx_device.hpp"
#include "tests/support/device_jobs.hpp"

namespace scorepath::test {

inline bool has_library_kernels() {
#if defined(SCOREPATH_PTX_FOLDER)
  return true;
#else
  return false;
#endif
}

/// `count` interpreting devices.
inline CudaDevices ptx_devices(std::size_t count, const PtxDeviceOptions& options = {}) {
  CudaDevices devices;
  for (std::size_t i = 0; i < count; ++i) devices.push_back(std::make_unique<PtxDevice>(library_kernels(), options));
  return devices;
}

}  // namespace scorepath::test
