// The job of estimate_log_density(), on devices that the caller brings.
#pragma once

#include <scorepath/estimate.hpp>

#include "host/point_plan.hpp"

namespace scorepath {

/// `devices`: what backend cuda runs on; null: those of this machine.
Result estimate_on(const Problem& problem, MatrixView points, const Options& options, const CudaDevices* devices);

}  // namespace scorepath
