// How the log-density is estimated: one plain struct, every default documented.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include <scorepath/backend.hpp>
#include <scorepath/export.hpp>

namespace scorepath {

/// What each computes: docs/theory.md. automatic: pathwise along rays, which needs by far the fewest score
/// evaluations (docs/methods.md), unless an option that the density formula alone has is not at its default.
/// elbo: the bounds of Huang, Lim & Courville 2021 for lambda <= 1; for lambda = 0 denoising (the density formula) or
/// implicit (with divergences). ddpm: the chain of a DDPM table, its bound, and the discrete sums of Li & Yan. ode: the
/// probability flow, one deterministic number within a tolerance.
enum class Method { automatic, density_formula, pathwise, path_weights, elbo, ddpm, ode };
/// Variant of a method; automatic: its first. Pathwise along Brownian paths: Stratonovich (a path's spread falls like
/// the step), forward and backward Ito (like its root; backward Ito takes no divergence). Pathwise along rays x + tau z
/// up to infinite noise: ray (falls exponentially; `steps` are nodes of Gauss and Legendre). Pathwise by multilevel
/// Monte Carlo: the Stratonovich sum on coupled Brownian paths of 32, 64, .. up to `steps` steps, as many levels and
/// paths as target_se needs. Path weights: extrapolated
/// in the number of steps to log p, or the likelihood of the chain of so many steps; or, for teaching, the plain
/// Feynman-Kac representation of the plug-in SDE's density, whose weights vary enormously (end prior only).
/// ddpm: the chain's likelihood, its variational bound (vlb), the sums of Li & Yan as they read and corrected.
enum class Form {
  automatic,
  stratonovich,
  forward_ito,
  backward_ito,
  multilevel,
  ray,
  extrapolated,
  chain,
  feynman_kac,
  denoising,
  implicit,
  vlb,
  li_yan,
  li_yan_corrected
};
/// How the time integral of the density formula is evaluated: independent draws of (time, noise), or the
/// integrand accumulated along forward paths.
enum class Sampler { slices, paths };
/// Law of the slice times: uniform in log-SNR (continued smoothly to zero noise), uniform in t, proportional
/// to g^2/sigma^2 above a cut-off [HLC] (either with a quarter log-SNR), or fitted on a pilot.
enum class TimeLaw { log_snr, uniform, debiased, importance };
enum class TimePoints { stratified, plain, sobol };
/// Of paths that no score steers: independent, or Sobol' points in the order of a Brownian bridge (on the processor).
enum class PathPoints { plain, sobol };
/// automatic: on, but for weights of paths, where a pair is worth no more than two of them.
enum class Antithetic { automatic, on, off };
/// Whether E|eps|^2 / sigma^2 = d / sigma^2 is cancelled analytically.
enum class Cancellation { on, off };
enum class ControlVariate { gaussian, none };
enum class Transition { exact, euler_maruyama };
/// Where a path's steps lie: uniform in u = ln((r0 + r)/r0), equal variance per step (from a pilot), uniform in
/// log-SNR, uniform in t, or like stationary but wider and wider where noise drowns the data. automatic: stationary
/// for the density formula, adaptive for path weights (but for feynman_kac), else tapered.
enum class Grid { automatic, stationary, adaptive, log_snr, uniform_t, tapered };
/// What stands at the far end: the exact log p_T, or the schedule's Gaussian prior.
enum class End { exact, prior };
/// What a model that starts at t_min bounds: its density of X at t_min, or, with one step of the denoiser behind it,
/// its density of data (elbo, denoising, slices).
enum class Start { t_min, data };
/// Of the score (ode): in closed form, or by Hutchinson's random products with its Jacobian.
enum class Divergence { exact, hutchinson };
/// Probes of those products: consecutive rows of randomised Hadamard matrices, an independent probe each time, or one
/// for the whole trajectory, as published.
enum class ProbePlan { hadamard, fresh, fixed };
enum class Arithmetic { reproducible, fast };

/// Where a running estimate stands, for progress displays.
struct Progress {
  std::uint64_t batches_done = 0;
  std::uint64_t batches_total = 0;    ///< as planned so far; grows with --target-se
  std::uint64_t paths_done = 0;       ///< of estimates, pilots not counted
  std::uint64_t path_steps_done = 0;  ///< score-carrying steps: equals paths for slices
  double seconds = 0.0;               ///< since the start
  double worst_standard_error = 0.0;  ///< [nat], over points finished or under way; 0 before the first
  bool is_sized = true;  ///< false while the first pilots of --target-se run: batches_total is not known yet
};
enum class Continue { yes, no };

/// Steps of the longest chain whose bound is given term by term.
inline constexpr std::uint64_t most_bound_steps = 16384;

struct Options {
  Method method = Method::density_formula;
  Form form = Form::automatic;        ///< all but the density formula and ode
  Sampler sampler = Sampler::slices;  ///< density formula, and elbo in its denoising form; all else has paths
  TimeLaw time_law = TimeLaw::log_snr;
  TimePoints time_points = TimePoints::stratified;
  PathPoints path_points =
      PathPoints::plain;  ///< paths, but for rays, path weights, multilevel and lambda other than 0
  Antithetic antithetic = Antithetic::automatic;
  Cancellation cancellation = Cancellation::on;
  ControlVariate control_variate = ControlVariate::gaussian;
  Transition transition = Transition::exact;  ///< paths of the density formula only
  Grid grid = Grid::automatic;                ///< paths only
  std::uint64_t steps = 128;                  ///< paths only: of one path, at least 4; of extrapolated path weights a
                                              ///< multiple of 4; ddpm: T, unless the schedule is a table; ode: nodes
                                              ///< of a trace by probes, 6 or more
  End end = End::exact;
  /// data: the points are data although the model starts at t_min, which must then be set (or the schedule starts with
  /// noise). The score of less noise is not used: one step of the denoiser leads from there to the point, and it is the
  /// density of that model which is bounded. Denoising bounds by slices only (docs/theory.md, D28).
  Start start = Start::t_min;
  /// The probability flow (ode): log p is wanted within atol [nat] + rtol |log p|; atol from 1e-12 to 1e6, rtol to 1
  /// (docs/theory.md, D22).
  double atol = 1e-4, rtol = 1e-6;
  /// Of the family of plug-in models (elbo), at most 1: 0 the reverse SDE, 1 the probability flow. Other than 0:
  /// implicit, along paths that the score steers.
  double lambda = 0.0;
  Divergence divergence = Divergence::exact;   ///< ode only; what else has a divergence has the exact one
  std::uint64_t probes = 1;                    ///< Hutchinson only: at each node of the trace
  ProbePlan probe_plan = ProbePlan::hadamard;  ///< Hutchinson only
  /// Per point; rounded up to whole pairs and randomisations; 0: 16384, or 64 rays. ode: repetitions of the probe plan,
  /// 0: 16, and nothing with the exact divergence, which draws nothing.
  std::uint64_t paths = 0;
  std::optional<double> target_se;  ///< [nat]; `paths` is then the most that may be spent on a point
  std::uint64_t seed = 0;
  /// Where samples are computed. automatic: on the CUDA devices, where there are any and the processor would be busy
  /// for more than about a second, else on the processor; it never fails for want of a device. cuda: on all of them
  /// (CUDA_VISIBLE_DEVICES says which).
  Backend backend = Backend::automatic;
  Arithmetic arithmetic = Arithmetic::reproducible;  ///< fast: CUDA only
  int threads = 0;                                   ///< 0: all usable cores; never changes a result
  bool keep_terms = false;                           ///< ddpm's vlb, up to most_bound_steps: the bound term by term
  bool keep_samples = false;                         ///< return every sample value (an antithetic pair is one sample)
  /// Called from the calling thread about ten times a second, also while other threads are at work (between packs of
  /// sixteen paths and between the tables of points, where those take longer). Continue::no stops the run: batches
  /// under way are dropped, points not finished are returned as far as they came, flagged "stopped". What it throws
  /// ends the run and is passed on.
  std::function<Continue(const Progress&)> progress;
};

/// Throws Error(usage) for impossible values and for options that exclude each other.
SCOREPATH_API void validate(const Options& options);

/// The option values as the command line spells them ("log-snr", "euler-maruyama", ...).
SCOREPATH_API std::string name_of(Method value);
SCOREPATH_API std::string name_of(Form value);
SCOREPATH_API std::string name_of(Sampler value);
SCOREPATH_API std::string name_of(TimeLaw value);
SCOREPATH_API std::string name_of(TimePoints value);
SCOREPATH_API std::string name_of(PathPoints value);
SCOREPATH_API std::string name_of(Antithetic value);
SCOREPATH_API std::string name_of(Cancellation value);
SCOREPATH_API std::string name_of(ControlVariate value);
SCOREPATH_API std::string name_of(Transition value);
SCOREPATH_API std::string name_of(Grid value);
SCOREPATH_API std::string name_of(End value);
SCOREPATH_API std::string name_of(Start value);
SCOREPATH_API std::string name_of(Divergence value);
SCOREPATH_API std::string name_of(ProbePlan value);
SCOREPATH_API std::string name_of(Arithmetic value);

}  // namespace scorepath
