// From a point's batch records to its result: value, error bar, error budget, flags.
#pragma once

#include <cstdint>
#include <vector>

#include <scorepath/result.hpp>

#include "host/point_plan.hpp"
#include "host/quadrature_check.hpp"

namespace scorepath {

/// Everything that is known of a point when its batches are done.
struct PointRecord {
  BatchRecord sum;                      ///< folded over batches in order
  std::uint64_t samples = 0;            ///< done
  std::uint64_t pilot_samples = 0;      ///< of the pilot that sized the job
  kernels::Moments arithmetic;          ///< float minus double
  kernels::Moments step;                ///< fine minus coarse (Euler-Maruyama)
  SliceEstimate slices;                 ///< of the same point (paths)
  std::uint64_t check_evaluations = 0;  ///< of the three lines above
  bool stopped = false;
};

BatchRecord merge(const BatchRecord& a, const BatchRecord& b);

/// True where the sampled quantity has no variance, so that its error bar means nothing: near zero noise the
/// uncancelled |eps|^2 term, or an unpaired sample under a law that is uniform in t there.
bool has_infinite_variance(const Options& options);

/// True where the transition itself is a discretisation, which the quadrature's check does not see.
bool has_inexact_steps(const Options& options);

/// Too skewed for an interval: fewer than 5 G^2 independent samples, G their skewness (heavy_tail_limit). Rarer samples
/// like the largest, not drawn yet, could outweigh everything seen.
bool has_heavy_tail(const BatchRecord& sum);

/// Standard error [nat] of the point's estimate; 0 while fewer than two independent samples are there.
double standard_error(const PointPlan& plan, const BatchRecord& sum);

PointResult make_point_result(const JobContext& job, const PointPlan& plan, const PointRecord& record);

}  // namespace scorepath
