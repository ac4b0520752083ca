// The job of sample(), on devices that the caller brings.
#pragma once

#include <scorepath/sample.hpp>

#include "host/cuda_reverse.hpp"

namespace scorepath {

/// `devices`: what backend cuda runs on; null: those of this machine.
Samples sample_on(const Problem& problem, std::uint64_t count, const SampleOptions& options,
                  const CudaDevices* devices);

}  // namespace scorepath
