// Points that are worked on together: their plans, batches and checks.
#pragma once

#include <cstddef>
#include <vector>

#include <oneapi/tbb/task_arena.h>

#include <scorepath/matrix_view.hpp>
#include <scorepath/result.hpp>

#include "host/meter.hpp"
#include "host/point_plan.hpp"
#include "host/point_result.hpp"

namespace scorepath {

/// How many: enough to keep the threads busy, as long as their tables fit in half a GiB.
std::size_t points_together(const JobContext& job);

/// A point that the run never reached.
PointResult stopped_point(std::size_t index);

/// Plans, batches and checks of the points [first, first + n). Returns their results, in order.
std::vector<PointResult> run_points(const JobContext& job, tbb::task_arena& arena, MatrixView points, std::size_t first,
                                    std::size_t n, Meter& meter);

}  // namespace scorepath
