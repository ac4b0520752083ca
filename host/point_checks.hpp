// What is known of a point beside its samples: float against double, the quadrature against a fine one, the exact
// value.
#pragma once

#include <memory>
#include <vector>

#include <oneapi/tbb/task_arena.h>

#include "host/meter.hpp"
#include "host/point_plan.hpp"
#include "host/point_result.hpp"

namespace scorepath {

/// All of it that the record does not have yet. False where it was broken off.
bool check_point(const JobContext& job, const PointPlan& plan, PointRecord& record, const GoOn& go_on);

/// The quadratures of all points on the job's devices, where that pays and they have the memory; the others' are left
/// to check_point().
void check_quadratures_on_device(const JobContext& job, tbb::task_arena& arena,
                                 const std::vector<std::unique_ptr<PointPlan>>& plans,
                                 std::vector<PointRecord>& records, Meter& meter);

}  // namespace scorepath
