// From a point's batch records to its result: value, error bar, error budget, flags.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <vector>

#include <scorepath/result.hpp>

#include "host/point_plan.hpp"

namespace scorepath {

/// A systematic error [nat] is flagged when it is above the standard error, which then no longer tells the error, and
/// matters at all: float tells a log-density of thousands of nat no better than to the last of its seven digits.
inline double smallest_flagged_error(double log_density) {
  constexpr double absolute = 1e-4, relative = 1e-7;
  return std::max(absolute, relative * std::abs(log_density));
}

/// Everything that is known of a point when its batches are done.
struct PointRecord {
  BatchRecord sum;                      ///< folded over batches in order
  std::uint64_t samples = 0;            ///< done
  std::uint64_t pilot_samples = 0;      ///< of the pilot that sized the job
  std::vector<Chains> chains;           ///< path weights only: of all samples
  std::vector<float> device_values;     ///< [values of a sample][arithmetic_samples] as the devices have them, or empty
  kernels::Moments arithmetic;          ///< float minus double
  kernels::Moments quadrature;          ///< the grid's minus a fine one's (paths)
  kernels::Moments leaning;             ///< steered paths only: differences of pairs of steps, summed along a path
  std::uint64_t check_evaluations = 0;  ///< of the two lines above
  std::optional<double> exact;          ///< the model's own log-density [nat]
  bool stopped = false;
};

BatchRecord merge(const BatchRecord& a, const BatchRecord& b);

/// True where the sampled quantity has no variance, so that its error bar means nothing: near zero noise the
/// uncancelled |eps|^2 term, or an unpaired sample under a law that is uniform in t there.
bool has_infinite_variance(const Options& options);

/// Too skewed for an interval: fewer than 5 G^2 independent samples, G their skewness (heavy_tail_limit). Rarer samples
/// like the largest, not drawn yet, could outweigh everything seen.
bool has_heavy_tail(const BatchRecord& sum);

/// Standard error [nat] of the point's estimate; 0 while fewer than two independent samples are there.
double standard_error(const PointPlan& plan, const BatchRecord& sum);

PointResult make_point_result(const JobContext& job, const PointPlan& plan, const PointRecord& record);

}  // namespace scorepath
