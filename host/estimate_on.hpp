// The job of estimate_log_density(), on devices that the caller brings; and what it would run on.
#pragma once

#include <scorepath/estimate.hpp>

#include "host/point_plan.hpp"

namespace scorepath {

/// `devices`: what backend cuda runs on; null: those of this machine.
Result estimate_on(const Problem& problem, MatrixView points, const Options& options, const CudaDevices* devices);

/// What a job of so many points would run on. Errors: resource, where the options ask for what is not there.
Backend backend_of(const Problem& problem, std::size_t points, const Options& options);

}  // namespace scorepath
