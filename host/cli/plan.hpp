// What a run of `scorepath density` would cost, from a short calibration on the first point.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <scorepath/matrix_view.hpp>
#include <scorepath/problem.hpp>

#include "host/cli/density_job.hpp"

namespace scorepath::cli {

struct DensityPlan {
  std::uint64_t points = 0, dim = 0;
  std::string backend, device;        ///< what the whole job would run on
  std::uint64_t paths_per_point = 0;  ///< with --target-se: at most
  std::uint64_t batches = 0;          ///< of 4096 paths of one point
  double score_evaluations = 0;       ///< pilots and end points included
  double bytes = 0;                   ///< memory of the process at its peak
  double seconds = 0;
  std::uint64_t calibration_paths = 0;
  double calibration_seconds = 0;
  std::vector<std::string> warnings;  ///< of the run's, those that say where it would run
};

/// Runs the job's options on the first point for a fraction of a second and scales up. Errors: as
/// estimate_log_density().
DensityPlan make_plan(const DensityJob& job, const Problem& problem, MatrixView points);

/// The plan for people, and as JSON.
std::string plan_text(const DensityPlan& plan, const DensityJob& job);
std::string plan_json(const DensityPlan& plan, const DensityJob& job);

}  // namespace scorepath::cli
