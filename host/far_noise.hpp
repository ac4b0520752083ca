// Where noise drowns the data: how far paths go, and where samples start.
#pragma once

#include <algorithm>
#include <cstdint>

namespace scorepath {

/// Noise variance at the far end over the data's (and a point's squared distance from them).
inline constexpr double far_noise = 1e4;
/// Where p itself must look like a Gaussian without correlations at the end of a path, and not only on the mean.
inline constexpr double far_noise_of_steered = 100.0 * far_noise;
/// Sums along paths, whose spread falls with their steps, go on from so many of them on: what p and the reference
/// differ by at the far end, on each path, falls like the noise there.
inline double far_noise_of_sums(std::uint64_t steps) {
  constexpr double steps_of_far_noise = 1000.0;
  return std::max(1.0, static_cast<double>(steps) / steps_of_far_noise) * far_noise;
}

}  // namespace scorepath
