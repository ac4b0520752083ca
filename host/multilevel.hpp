// Multilevel Monte Carlo of the pathwise log-density (M. B. Giles 2008; for a target error, as many levels and paths as
// it needs).
//
//   E P_L = E P_0 + sum_l E (P_l - P_{l-1}),   P_l the Stratonovich sum of 32 2^l steps, both of a difference along one
// Brownian path; then Richardson's step, since the bias falls like the square of the step: + E (P_L - P_{L-1})/3. With
// V_l the variance of a level's sample and C_l its score evaluations, the cost of a variance v is least with
//   M_l = sqrt(V_l/C_l)/v * sum_k sqrt(V_k C_k)
// paths. Pilots, whose draws the estimate never sees, tell V_l and, by |E (P_L - P_{L-1})|, whether another level is
// needed. That is what multilevel Monte Carlo is; here it is no bargain (docs/methods.md): the sum's own variance falls
// like the square of the step too, so that the finest level alone has less of it than all levels together.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <oneapi/tbb/task_arena.h>

#include <scorepath/matrix_view.hpp>
#include <scorepath/result.hpp>

#include "host/meter.hpp"

namespace scorepath {

/// Steps of the first level, at least (more where `steps` is no power of two times it), and levels, at least: of fewer
/// nobody could tell what is left.
inline constexpr std::uint64_t least_level_steps = 32;
inline constexpr std::size_t least_levels = 3;
/// Paths of a level's pilot, at least, and of a level.
inline constexpr std::uint64_t least_level_paths = 32;

/// Levels that `steps` steps can be halved into.
inline std::size_t most_levels(std::uint64_t steps) {
  std::size_t levels = 1;
  for (; steps % 2 == 0 && steps / 2 >= least_level_steps; steps /= 2) ++levels;
  return levels;
}

/// Paths of a job, at least: of all its levels and their pilots.
inline std::uint64_t least_multilevel_paths(std::uint64_t steps) { return 4 * most_levels(steps) * least_level_paths; }

/// The points [first, first + n), in order. Those that a stop left unfinished are flagged "stopped".
std::vector<PointResult> run_multilevel_points(const JobContext& job, tbb::task_arena& arena, MatrixView points,
                                               std::size_t first, std::size_t n, Meter& meter);

}  // namespace scorepath
