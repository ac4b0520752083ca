// The checks of quadratures on a CUDA device: a round of all points of a group in a few launches.
#pragma once

#include <memory>
#include <vector>

#include <oneapi/tbb/task_arena.h>

#include "host/point_plan.hpp"
#include "host/quadrature_check.hpp"

namespace scorepath {

/// Whether the job's devices are to run the checks: there is enough to do for a launch to pay, and their tables fit.
bool devices_check(const JobContext& job, const std::vector<std::unique_ptr<PointPlan>>& plans,
                   const std::vector<QuadratureCheck>& checks);

/// Runs checks [plans] to their end on the job's first device, with the bits that QuadratureCheck::run() has; false
/// where it was broken off. Errors: DeviceError, DeviceOutOfMemory.
bool run_on_device(const JobContext& job, tbb::task_arena& arena, const std::vector<std::unique_ptr<PointPlan>>& plans,
                   std::vector<QuadratureCheck>& checks, const GoOn& go_on);

}  // namespace scorepath
