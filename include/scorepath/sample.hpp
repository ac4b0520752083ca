// The reverse direction: samples of a diffusion model, each with its log-density where asked for.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <scorepath/export.hpp>
#include <scorepath/matrix_view.hpp>
#include <scorepath/options.hpp>
#include <scorepath/problem.hpp>
#include <scorepath/result.hpp>

namespace scorepath {

/// How a step of the reverse SDE, or at lambda = 1 of the probability flow, is made (docs/theory.md, D26). One score
/// evaluation a step, but for second_order (two) and predictor_corrector (one more for each corrector step).
enum class ReverseMethod {
  exponential,          ///< exact where the data look like a Gaussian of the finest variance; weak order 1
  euler_maruyama,       ///< of the schedule's own SDE in t, as published codes do it
  ancestral,            ///< DDPM's, from the posterior of the noisier state; lambda in [0, 1): DDIM with noise
  second_order,         ///< ShARK (Foster, dos Reis & Strange 2024): strong order 1.5; order 2 at lambda = 1
  ddim,                 ///< deterministic (lambda = 1)
  predictor_corrector,  ///< exponential steps; after every second one Langevin steps at the noise level reached
};
SCOREPATH_API std::string name_of(ReverseMethod value);

struct SampleOptions {
  ReverseMethod method = ReverseMethod::second_order;
  /// Of the family of plug-in models (Huang, Lim & Courville 2021), at most 1: 0 the reverse SDE, 1 the probability
  /// flow, less than 0 more noise. Unset: 0, of ddim 1.
  std::optional<double> lambda;
  /// 4 to 2^20 normals of a path in all. 0: 128 of second_order, else 256; of ancestral and ddim on a ddpm table as
  /// many as it has.
  std::uint64_t steps = 0;
  /// automatic: tapered; log_snr for ancestral and ddim, uniform_t on a ddpm table; uniform_t for euler_maruyama,
  /// log_snr where the schedule's signal ends at 0 or its noise explodes.
  Grid grid = Grid::automatic;
  /// What a path starts from: the Gaussian with the data's moments where noise drowns them, or the schedule's prior.
  End end = End::exact;
  std::uint64_t corrector_steps = 1;  ///< Langevin steps for each other step (predictor_corrector)
  double corrector_size = 1.0;        ///< noise of one over that of the reverse SDE's step beside it, in (0, 100]
  bool log_density = false;           ///< carry the log-density of every sample along its path
  std::uint64_t trajectories = 0;     ///< of the first samples, so many whole paths are kept
  /// Where, in the schedule's t: nodes beside the grid's own. Empty: all nodes of the grid.
  std::vector<double> times;
  std::uint64_t seed = 0;
  Backend backend = Backend::automatic;
  int threads = 0;  ///< 0: all cores
  Arithmetic arithmetic = Arithmetic::reproducible;
  /// Called on the calling thread, some ten times a second; says whether to go on.
  std::function<Continue(const Progress&)> progress = {};
};

/// Throws usage for what no run could do.
SCOREPATH_API void validate(const SampleOptions& options);

struct Samples {
  Matrix samples;  ///< [n x dim]; n is less than asked for where the run was stopped. A path that reached infinity
                   ///< is a row of NaN
  /// With SampleOptions::log_density, [n] each: log p [nat] of every sample, and its standard error: what the steps
  /// leave of the path's own noise. Not a number where the path reached infinity.
  std::vector<double> log_density, std_error;
  std::vector<double> exact_log_density;      ///< [n] beside it: the oracle's
  std::vector<double> times;                  ///< [times] t of the trajectories' states, falling
  std::vector<double> trajectories;           ///< [trajectories x times x dim] X_t
  std::uint64_t non_finite = 0;               ///< paths that reached infinity
  Quantity quantity = Quantity::log_density;  ///< of log_density; path_estimate with the prior at the far end
  std::string schedule, backend, device, isa;
  SampleOptions options;  ///< resolved: nothing automatic left
  std::vector<std::string> warnings;
  std::uint64_t score_evaluations = 0;
  std::optional<double> largest_noise;  ///< [data^2] sigma^2/a^2 at the far end
  double seconds = 0.0;
  bool stopped = false;  ///< the progress callback said so
};

/// `count` samples of the problem's p_0 (of p_{t_min} where t_min is set). Sample i is a function of (problem, options,
/// i) alone: not of threads, instruction set or count.
/// Errors: input (problem), usage (options, count), resource (the backend is not there or fails), OutOfMemory.
SCOREPATH_API Samples sample(const Problem& problem, std::uint64_t count, const SampleOptions& options = {});

}  // namespace scorepath
