// Points by the probability flow: each one's solution with its check, its trace by probes where asked, its result.
#pragma once

#include <cstddef>
#include <vector>

#include <oneapi/tbb/task_arena.h>

#include <scorepath/matrix_view.hpp>
#include <scorepath/result.hpp>

#include "host/meter.hpp"
#include "host/point_plan.hpp"

namespace scorepath {

/// The points [first, first + n), in order. Those that a stop left unfinished are flagged "stopped".
std::vector<PointResult> run_flow_points(const JobContext& job, tbb::task_arena& arena, MatrixView points,
                                         std::size_t first, std::size_t n, Meter& meter);

}  // namespace scorepath
