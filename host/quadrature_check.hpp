// What a path's quadrature is held against: the same point by slices, which have no discretisation error.
#pragma once

#include <cstdint>

#include "host/point_plan.hpp"

namespace scorepath {

/// An independent estimate of the same number without discretisation error.
struct SliceEstimate {
  double value = 0.0;     ///< [nat]
  double variance = 0.0;  ///< of the value; 0: nothing can be said
  std::uint64_t evaluations = 0;
};

/// Estimates the point x [dim] with `paths` slices, on draws that the estimate never sees.
SliceEstimate estimate_by_slices(const JobContext& job, const double* x, std::uint64_t paths);

}  // namespace scorepath
