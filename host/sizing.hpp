// How many samples a target standard error needs, decided by a pilot alone.
//
// The estimate's own samples never decide how many of them there are, so its mean has no stopping bias (stopping as soon as one's own
// standard error looks small favours runs whose values happen to lie together, which for skewed values shifts the
// mean). The pilot's draws are thrown away. Its variance is raised by variance_safety(), so that one point in a
// hundred misses its target; a pilot grows until it is a sixteenth of the job, which keeps that margin small for large jobs.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "host/sampling.hpp"
#include "kernels/reduce/moments.hpp"
#include "kernels/reduce/student.hpp"

namespace scorepath {

/// Samples of the first pilot: a batch, or a quarter of what may be spent; 0 where that is too little to tell anything.
inline std::uint64_t first_pilot(const Sampling& s) {
  const std::uint64_t most = std::min(s.samples_per_batch(), s.samples / 4) / s.length * s.length;
  return most / s.length >= enough_samples ? most : 0;
}

struct Sizing {
  std::uint64_t pilot_samples;  ///< what the pilot should have grown to; no more than it has: it is large enough
  std::uint64_t samples;        ///< of the estimate, a multiple of the randomisations' length
};

/// `pilot` moments of randomisation means; `fixed_variance` of the part that samples do not lower; target [nat].
inline Sizing size_job(const Sampling& s, double target, const kernels::Moments& pilot, double fixed_variance,
                       std::uint64_t pilot_samples) {
  const std::uint64_t most = s.samples - std::min(s.samples, pilot_samples) / s.length * s.length;
  const double room = target * target - fixed_variance;
  const double needed = pilot.variance() * kernels::variance_safety(pilot.count - 1) / std::max(room, 1e-300);
  const double whole = std::ceil(std::max(needed, static_cast<double>(enough_samples))) * static_cast<double>(s.length);
  const std::uint64_t samples = whole < static_cast<double>(most) ? static_cast<std::uint64_t>(whole) : most;
  const std::uint64_t batch = s.samples_per_batch();
  return {std::max(pilot_samples, samples / 16 / batch * batch), samples};
}

}  // namespace scorepath
