// How a point's samples are numbered and grouped: pairs, randomisations, batches. Pure functions of the options.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

#include <scorepath/options.hpp>

namespace scorepath {

/// Nodes of a ray, at most: its error falls exponentially.
inline constexpr std::uint64_t most_ray_nodes = 2048;

/// Paths of a point that the caller leaves open, and rays, and repetitions of a probe plan without a target.
inline constexpr std::uint64_t default_paths = 16384, default_rays = 64, default_repetitions = 16;

/// Every option that rays do not have at its default.
inline bool rays_accept(const Options& o) {
  const Options defaults;
  return o.sampler == defaults.sampler && o.time_law == defaults.time_law && o.time_points == defaults.time_points &&
         o.cancellation == defaults.cancellation && o.control_variate == defaults.control_variate &&
         o.transition == defaults.transition && o.grid == defaults.grid && o.end == defaults.end &&
         o.steps <= most_ray_nodes;
}

/// Options with method, form, sampler and number of paths chosen.
inline Options with_method(Options options) {
  if (options.method == Method::automatic) {
    options.method =
        options.form != Form::automatic || rays_accept(options) ? Method::pathwise : Method::density_formula;
    if (options.form == Form::automatic && options.method == Method::pathwise) options.form = Form::ray;
  }
  if (options.method == Method::pathwise) {
    if (options.form == Form::automatic) options.form = Form::stratonovich;
    options.sampler = Sampler::paths;
  }
  if (options.method == Method::ode) {
    options.sampler = Sampler::paths;
    options.antithetic = Antithetic::off;  // a repetition is one sample
    if (options.paths == 0 && !options.target_se.has_value()) options.paths = default_repetitions;
  }
  if (options.paths == 0) options.paths = options.form == Form::ray ? default_rays : default_paths;
  return options;
}

/// What computes a sample (kernels/jobs.hpp).
enum class Engine { slices, paths, increments, rays };
inline Engine engine_of(const Options& resolved) {
  if (resolved.method == Method::pathwise) return resolved.form == Form::ray ? Engine::rays : Engine::increments;
  return resolved.sampler == Sampler::slices ? Engine::slices : Engine::paths;
}

/// Paths of one batch, the unit of work of every job.
inline constexpr std::uint64_t batch_paths = 4096;
/// Independent samples under which an error bar is flagged.
inline constexpr std::uint64_t enough_samples = 16;

/// A sample is a path, or an antithetic pair of them. Stratified and Sobol' times tie `length` consecutive samples
/// together to one randomisation: the means of randomisations are independent, and the standard error comes from them
/// alone.
struct Sampling {
  std::uint64_t paths_per_sample;
  std::uint64_t length;   ///< samples of a randomisation, a power of two
  std::uint64_t samples;  ///< in all, a multiple of length

  std::uint64_t samples_per_batch() const { return batch_paths / paths_per_sample; }
  std::uint64_t batches() const { return (samples + samples_per_batch() - 1) / samples_per_batch(); }
  std::uint64_t paths() const { return samples * paths_per_sample; }
  /// Samples of batch b.
  std::uint64_t samples_in(std::uint64_t b) const {
    return std::min(samples_per_batch(), samples - b * samples_per_batch());
  }
};

/// 64 randomisations or more from 4096 paths on, 16 or more as long as there are 16 samples; a randomisation fits a
/// batch. With a target for the standard error they are short, so that one batch already measures the variance.
inline Sampling make_sampling(const Options& options) {
  Sampling s{options.antithetic == Antithetic::on ? 2u : 1u, 1, 0};
  const std::uint64_t wanted = (options.paths + s.paths_per_sample - 1) / s.paths_per_sample;
  if (options.sampler == Sampler::slices && options.time_points != TimePoints::plain) {
    s.length = std::bit_floor(std::max<std::uint64_t>(wanted / 64, 1));
    s.length = std::min(s.length, options.target_se.has_value() ? s.samples_per_batch() / 64 : s.samples_per_batch());
  }
  s.samples = (wanted + s.length - 1) / s.length * s.length;
  return s;
}

}  // namespace scorepath
