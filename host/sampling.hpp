// How a point's samples are numbered and grouped: pairs, randomisations, batches. Pure functions of the options.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

#include <scorepath/options.hpp>

namespace scorepath {

/// Nodes of a ray, at most: its error falls exponentially.
inline constexpr std::uint64_t most_ray_nodes = 2048;

/// Independent samples under which an error bar is flagged.
inline constexpr std::uint64_t enough_samples = 16;
/// Paths of a point that the caller leaves open, and rays, and repetitions of a probe plan without a target.
inline constexpr std::uint64_t default_paths = 16384, default_rays = 64, default_repetitions = 16;

/// Every option that the density formula alone has at its default.
inline bool pathwise_accepts(const Options& o) {
  const Options defaults;
  return o.sampler == defaults.sampler && o.time_law == defaults.time_law && o.time_points == defaults.time_points &&
         o.cancellation == defaults.cancellation && o.control_variate == defaults.control_variate &&
         o.transition == defaults.transition;
}
/// Whether paths are Sobol' points.
inline bool has_sobol_paths(const Options& o) { return o.path_points == PathPoints::sobol; }
/// And every one that rays do not have.
inline bool rays_accept(const Options& o) {
  return pathwise_accepts(o) && (o.grid == Grid::automatic || o.grid == Grid::stationary) && o.end == End::exact &&
         o.steps <= most_ray_nodes && !has_sobol_paths(o);
}

/// The method that has a form: `chain` is the path weights', and ddpm's where that is chosen.
inline Method method_of(Form form) {
  switch (form) {
    case Form::automatic:
      return Method::automatic;
    case Form::stratonovich:
    case Form::forward_ito:
    case Form::backward_ito:
    case Form::multilevel:
    case Form::ray:
      return Method::pathwise;
    case Form::extrapolated:
    case Form::chain:
    case Form::feynman_kac:
      return Method::path_weights;
    case Form::denoising:
    case Form::implicit:
      return Method::elbo;
    case Form::vlb:
    case Form::li_yan:
    case Form::li_yan_corrected:
      break;
  }
  return Method::ddpm;
}
inline bool has_form(Method method, Form form) {
  return method == method_of(form) || (method == Method::ddpm && form == Form::chain);
}
/// Of a method without a choice made.
inline Form first_form(Method method) {
  switch (method) {
    case Method::pathwise:
      return Form::stratonovich;
    case Method::path_weights:
      return Form::extrapolated;
    case Method::elbo:
      return Form::denoising;
    case Method::ddpm:
      return Form::chain;
    case Method::automatic:
    case Method::density_formula:
    case Method::ode:
      break;
  }
  return Form::automatic;
}
/// Of ddpm's forms, those of its chain; the others are sums.
inline bool is_chain_of_ddpm(Form form) { return form == Form::chain || form == Form::vlb; }

/// What computes a sample (kernels/jobs.hpp).
enum class Engine { slices, paths, increments, rays, weights, steered };
inline Engine engine_of(const Options& resolved) {
  switch (resolved.form) {
    case Form::implicit:
      if (resolved.lambda != 0.0) return Engine::steered;
      [[fallthrough]];
    case Form::stratonovich:
    case Form::forward_ito:
    case Form::backward_ito:
      return Engine::increments;
    case Form::ray:
      return Engine::rays;
    case Form::extrapolated:
    case Form::chain:
    case Form::vlb:
      return Engine::weights;
    case Form::feynman_kac:
    case Form::multilevel:
      return Engine::steered;
    default:
      return resolved.sampler == Sampler::slices ? Engine::slices : Engine::paths;
  }
}

/// Engines whose paths may be Sobol' points.
inline bool takes_path_points(const Options& resolved) {
  return engine_of(resolved) == Engine::paths || engine_of(resolved) == Engine::increments;
}

/// Whether samples are logarithms of weights, of whose mean the estimate is the logarithm.
inline bool is_weighed(const Options& resolved) {
  return engine_of(resolved) == Engine::weights || resolved.form == Form::feynman_kac;
}

/// Engines that sum differences from a Gaussian with the data's overall moments along paths: what is left at the far
/// end must be small on every path.
inline bool follows_paths(Engine engine) { return engine == Engine::increments || engine == Engine::steered; }

/// Options with method, form, sampler, grid and number of paths chosen.
inline Options with_method(Options options) {
  if (options.method == Method::automatic) {
    options.method = options.form != Form::automatic ? method_of(options.form)
                     : pathwise_accepts(options)     ? Method::pathwise
                                                     : Method::density_formula;
    if (options.form == Form::automatic && rays_accept(options)) options.form = Form::ray;
  }
  if (options.form == Form::automatic)
    options.form =
        options.method == Method::elbo && options.lambda != 0.0 ? Form::implicit : first_form(options.method);
  if (options.method != Method::density_formula && options.form != Form::denoising) options.sampler = Sampler::paths;
  if (options.grid == Grid::automatic)
    options.grid = engine_of(options) == Engine::weights && options.method == Method::path_weights ? Grid::adaptive
                   : options.method == Method::density_formula || options.form == Form::denoising ||
                           options.method == Method::ddpm || options.method == Method::ode || options.form == Form::ray
                       ? Grid::stationary
                       : Grid::tapered;
  if (options.antithetic == Antithetic::automatic || options.form == Form::vlb)  // a bound is of single weights
    options.antithetic = engine_of(options) == Engine::weights || engine_of(options) == Engine::steered
                             ? Antithetic::off
                             : Antithetic::on;
  if (options.method == Method::ode) {
    options.antithetic = Antithetic::off;  // a repetition is one sample
    if (options.paths == 0 && !options.target_se.has_value()) options.paths = default_repetitions;
  }
  if (options.paths == 0 && engine_of(options) == Engine::steered && options.lambda == 1.0)
    options.paths = enough_samples;  // they have no noise, and are all the same
  if (options.paths == 0) options.paths = options.form == Form::ray ? default_rays : default_paths;
  return options;
}

/// Whether an estimate is one of log p itself, given exact scores as all that are built: a check against the exact
/// value then has something to say.
inline bool estimates_log_density(const Options& resolved) {
  return resolved.end == End::exact && resolved.start == Start::t_min && resolved.form != Form::chain &&
         resolved.method != Method::ddpm;
}

/// Paths of one batch, the unit of work of every job.
inline constexpr std::uint64_t batch_paths = 4096;

inline bool is_paired(const Options& options) { return options.antithetic != Antithetic::off; }

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

/// Stratified and Sobol' points: 64 randomisations or more from 4096 paths on, 16 or more as long as there are 16
/// samples; a randomisation fits a batch. With a target for the standard error they are short, so that one batch
/// already measures the variance.
inline Sampling make_sampling(const Options& options) {
  Sampling s{is_paired(options) ? 2u : 1u, 1, 0};
  const std::uint64_t wanted = (options.paths + s.paths_per_sample - 1) / s.paths_per_sample;
  const bool spread =
      options.sampler == Sampler::slices ? options.time_points != TimePoints::plain : has_sobol_paths(options);
  if (spread) {
    s.length = std::bit_floor(std::max<std::uint64_t>(wanted / 64, 1));
    s.length = std::min(s.length, options.target_se.has_value() ? s.samples_per_batch() / 64 : s.samples_per_batch());
  }
  s.samples = (wanted + s.length - 1) / s.length * s.length;
  return s;
}

}  // namespace scorepath
