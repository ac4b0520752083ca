// How many samples a target standard error needs, decided by a pilot alone.
//
// The estimate's own samples never decide how many of them there are, so its mean has no stopping bias (stopping as
// soon as one's own standard error looks small favours runs whose values happen to lie together, which for skewed
// values shifts the mean). The pilot's draws are thrown away. Its variance is raised by variance_safety(), so that
// hardly a point misses its target; a pilot grows until it is a sixteenth of the job, which keeps that margin small for
// large jobs.
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

/// Samples that the estimate may have beside its pilot: whole randomisations.
inline std::uint64_t most_samples(const Sampling& s, std::uint64_t pilot_samples) {
  return s.samples - std::min(s.samples, pilot_samples) / s.length * s.length;
}

/// Samples whose mean has the target standard error: whole batches, so that more can follow on them.
inline std::uint64_t samples_for(const Sampling& s, double target, double sample_variance, double fixed_variance) {
  const double room = std::max(target * target - fixed_variance, 1e-300);
  const double randomisations = std::ceil(std::max(sample_variance / room, static_cast<double>(enough_samples)));
  const double samples = randomisations * static_cast<double>(s.length);
  if (!(samples < static_cast<double>(s.samples))) return s.samples;
  const std::uint64_t batch = s.samples_per_batch();
  return (static_cast<std::uint64_t>(samples) + batch - 1) / batch * batch;
}

/// Single samples have heavier tails than normal ones, so that their variance is known less well than their number
/// says: they count in groups of this many, and three groups for one degree of freedom (by trial: with one
/// degree of freedom each, 8 to 39% of the targets on data/mixtures were missed).
inline constexpr std::uint64_t tame_group = 32;

struct Sizing {
  std::uint64_t pilot_samples;  ///< what the pilot should have grown to; no more than it has: it is large enough
  std::uint64_t samples;        ///< of the estimate
};

/// `pilot` moments of randomisation means; `fixed_variance` of the part that samples do not lower; target [nat].
inline Sizing size_job(const Sampling& s, double target, const kernels::Moments& pilot, double fixed_variance,
                       std::uint64_t pilot_samples) {
  const std::uint64_t groups = std::min(pilot.count, pilot_samples / tame_group);
  const double variance = pilot.variance() * kernels::variance_safety(std::max<std::uint64_t>(groups / 3, 2));
  const std::uint64_t wanted = std::max(samples_for(s, target, variance, fixed_variance), pilot_samples);
  const std::uint64_t samples = std::min(wanted, most_samples(s, pilot_samples));
  const std::uint64_t batch = s.samples_per_batch();
  return {std::max(pilot_samples, samples / 16 / batch * batch), samples};
}

/// A point that misses its target all the same goes on, sized by its own samples with a margin of a tenth, until it
/// meets the target or the budget ends: the one place where own noise has a say, and a rare one
/// (tests/statistics/target_se.test.cpp).
inline std::uint64_t extended_samples(const Sampling& s, double target, const kernels::Moments& own,
                                      double fixed_variance) {
  constexpr double margin = 1.1;
  return samples_for(s, target, own.variance() * margin, fixed_variance);
}

}  // namespace scorepath
