// The check of what a caller asked for.
#include <scorepath/options.hpp>

#include <cmath>
#include <string_view>

#include <fmt/format.h>

#include <scorepath/result.hpp>

#include "host/check.hpp"
#include "host/multilevel.hpp"
#include "host/path_weights.hpp"
#include "host/sampling.hpp"

namespace scorepath {
namespace {

constexpr std::uint64_t most_paths = std::uint64_t{1} << 40;
constexpr std::uint64_t most_steps = std::uint64_t{1} << 20;
constexpr int most_threads = 4096;
constexpr double least_lambda = -1e3;
constexpr double most_nat = 1e6;  // an error above it says nothing about a log-density
/// Of paths whose normals are all made beforehand.
constexpr std::uint64_t most_sobol_steps = 4096;
/// Of traces by probes.
constexpr std::uint64_t least_trace_nodes = 6, most_probes = 4096, most_repetitions = std::uint64_t{1} << 24;

/// The fast arithmetic is a set of CUDA intrinsics; elsewhere there is nothing that it could mean.
bool arithmetic_fits(const Options& options) {
  if (options.arithmetic == Arithmetic::reproducible || options.backend == Backend::cuda) return true;
  return options.backend == Backend::automatic && available(Backend::cuda);
}

/// name_of throws for a value outside its enumeration, which is the check wanted here.
void validate_names(const Options& options) {
  static_cast<void>(name_of(options.method));
  static_cast<void>(name_of(options.form));
  static_cast<void>(name_of(options.sampler));
  static_cast<void>(name_of(options.time_law));
  static_cast<void>(name_of(options.time_points));
  static_cast<void>(name_of(options.path_points));
  static_cast<void>(name_of(options.antithetic));
  static_cast<void>(name_of(options.cancellation));
  static_cast<void>(name_of(options.control_variate));
  static_cast<void>(name_of(options.transition));
  static_cast<void>(name_of(options.grid));
  static_cast<void>(name_of(options.end));
  static_cast<void>(name_of(options.start));
  static_cast<void>(name_of(options.divergence));
  static_cast<void>(name_of(options.probe_plan));
  static_cast<void>(name_of(options.backend));
  static_cast<void>(name_of(options.arithmetic));
}

/// Options that a method has no choice in stay at their defaults.
void validate_for_others(const Options& options, const Options& resolved) {
  const auto needs_default = [&](const char* option, const std::string& value, const std::string& wanted) {
    SP_VALIDATE(value == wanted, usage,
                fmt::format("{} is {} (method {} has no choice there) leave it {}", option, value,
                            name_of(resolved.method), wanted));
  };
  const bool has_formula = resolved.form == Form::denoising;
  const bool is_sum = resolved.form == Form::li_yan || resolved.form == Form::li_yan_corrected;
  if (!has_formula) needs_default("transition", name_of(options.transition), name_of(Transition::exact));
  if (!has_formula) needs_default("cancellation", name_of(options.cancellation), name_of(Cancellation::on));
  if (!has_formula && !is_sum) {
    needs_default("control_variate", name_of(options.control_variate), name_of(ControlVariate::gaussian));
  }
  if (is_sum) needs_default("end", name_of(options.end), name_of(End::exact));
  if (resolved.method == Method::ode)
    needs_default("arithmetic", name_of(options.arithmetic), name_of(Arithmetic::reproducible));
  const bool has_grid = resolved.method != Method::ddpm && resolved.method != Method::ode;
  if (!has_grid && options.grid != Grid::stationary)  // what auto stands for there
    needs_default("grid", name_of(options.grid), name_of(Grid::automatic));
}

void validate_for_weights(const Options& options) {
  SP_VALIDATE(
      options.form != Form::extrapolated || options.steps % 4 == 0, usage,
      fmt::format("steps is {} (the extrapolation takes every second and every fourth of them) use a multiple of 4",
                  options.steps));
  SP_VALIDATE(
      options.paths <= most_weighted_paths, usage,
      fmt::format("paths is {} (the weights of a point's paths are kept: 2^28 of them) change --paths", options.paths));
}

void validate_for_feynman_kac(const Options& options, const Options& resolved) {
  SP_VALIDATE(
      resolved.end == End::prior, usage,
      "end is exact (form feynman-kac weighs the ends of paths that run away from the data, by the prior alone) "
      "use end prior");
  SP_VALIDATE(options.antithetic != Antithetic::on, usage,
              "antithetic is on (paths that the score steers have no mirror image) leave it auto");
}

void validate_path_points(const Options& options, const Options& resolved) {
  if (!has_sobol_paths(options)) return;
  SP_VALIDATE(options.lambda == 0.0, usage,
              fmt::format("path_points is sobol (a bound of lambda {} has none, the score steers its paths) leave it "
                          "plain, or lambda 0",
                          options.lambda));
  SP_VALIDATE(takes_path_points(resolved), usage,
              fmt::format("path_points is sobol ({} has none) leave it plain, or use {}",
                          resolved.sampler == Sampler::slices
                              ? "sampler slices"
                              : fmt::format("method {}, form {}", name_of(resolved.method), name_of(resolved.form)),
                          resolved.sampler == Sampler::slices ? "sampler paths" : "form stratonovich"));
  SP_VALIDATE(options.steps <= most_sobol_steps, usage,
              fmt::format("steps is {} (paths of Sobol' points have at most {}) change --steps", options.steps,
                          most_sobol_steps));
  SP_VALIDATE(options.backend != Backend::cuda, usage,
              "path_points is sobol (paths of Sobol' points are made by the processor) leave it plain, or use backend "
              "cpu");
  SP_VALIDATE(options.arithmetic == Arithmetic::reproducible, usage,
              "path_points is sobol (paths of Sobol' points are made by the processor, which has no fast arithmetic) "
              "leave it plain, or use arithmetic reproducible");
}

void validate_for_rays(const Options& options) {
  SP_VALIDATE(options.steps <= most_ray_nodes, usage,
              fmt::format("steps is {} (a ray has at most {} nodes: its error falls exponentially) change --steps",
                          options.steps, most_ray_nodes));
  SP_VALIDATE(options.grid == Grid::automatic || options.grid == Grid::stationary, usage,
              fmt::format("grid is {} (rays have nodes of their own) leave it auto", name_of(options.grid)));
  SP_VALIDATE(options.end == End::exact, usage,
              fmt::format("end is {} (rays go to infinite noise, where nothing is left out) leave it {}",
                          name_of(options.end), name_of(End::exact)));
}

void validate_for_multilevel(const Options& options, const Options& resolved) {
  const std::size_t levels = most_levels(options.steps);
  SP_VALIDATE(levels >= least_levels, usage,
              fmt::format("steps is {} (the finest of at least {} levels, each of twice the steps of the one before, "
                          "has {} times at least {}) use a multiple of {}, {} or more",
                          options.steps, least_levels, 1 << (least_levels - 1), least_level_steps,
                          1 << (least_levels - 1), least_level_steps << (least_levels - 1)));
  const std::uint64_t least_paths = least_multilevel_paths(options.steps);
  SP_VALIDATE(resolved.paths >= least_paths, usage,
              fmt::format("paths is {} ({} levels and their pilots need at least {}) change --paths", options.paths,
                          levels, least_paths));
  SP_VALIDATE(options.end == End::exact, usage,
              "end is prior (form multilevel has the exact one alone) leave it exact");
  SP_VALIDATE(options.antithetic != Antithetic::on, usage,
              "antithetic is on (a level's paths have no mirror image) leave it auto");
  SP_VALIDATE(!options.keep_samples, usage,
              "keep_samples is set (the samples of a level are no estimates of log p) leave it out");
}

void validate_lambda(const Options& options, const Options& resolved) {
  SP_VALIDATE(
      std::isfinite(options.lambda) && options.lambda <= 1.0 && options.lambda >= least_lambda, usage,
      fmt::format("lambda is {} (the noise of the inference SDE is sqrt(1 - lambda): at most 1, and no less than "
                  "{:g}) change --lambda",
                  options.lambda, least_lambda));
  if (options.lambda == 0.0) return;
  SP_VALIDATE(resolved.method == Method::elbo, usage,
              fmt::format("lambda is {} (method {} has none) leave it 0, or use method elbo", options.lambda,
                          name_of(resolved.method)));
  SP_VALIDATE(resolved.form == Form::implicit, usage,
              fmt::format("form is {} (it is that of lambda 0; others have the implicit one) use form implicit",
                          name_of(resolved.form)));
  SP_VALIDATE(options.antithetic != Antithetic::on, usage,
              "antithetic is on (paths that the score steers have no mirror image) leave it auto");
  SP_VALIDATE(
      options.steps < most_steps && options.steps % 2 == 0, usage,
      fmt::format("steps is {} (a steered path has an even number below 2^20, to be freed of what every second of "
                  "them tells) change --steps",
                  options.steps));
}

void validate_terms(const Options& options, const Options& resolved) {
  if (!options.keep_terms) return;
  SP_VALIDATE(
      resolved.form == Form::vlb, usage,
      fmt::format("keep_terms is set (method {}{} has no bound of terms) leave it out, or use method ddpm, form "
                  "vlb",
                  name_of(resolved.method),
                  resolved.form == Form::automatic ? "" : ", form " + name_of(resolved.form)));
}

void validate_start(const Options& options, const Options& resolved) {
  if (options.start == Start::t_min) return;
  SP_VALIDATE(
      options.lambda == 0.0, usage,
      fmt::format("start is data (a bound of lambda {} has no such form) leave it t-min, or lambda 0", options.lambda));
  SP_VALIDATE(
      resolved.method == Method::elbo && resolved.form == Form::denoising, usage,
      fmt::format("start is data (method {}{} has no such bound) leave it t-min, or use method elbo, form "
                  "denoising",
                  name_of(resolved.method), resolved.method == Method::elbo ? ", form " + name_of(resolved.form) : ""));
  SP_VALIDATE(resolved.sampler == Sampler::slices, usage,
              "start is data (paths start at the point itself) leave it t-min, or use sampler slices");
}

/// From what double can still resolve up to where a tolerance allows anything.
void validate_tolerance(const char* option, double value, double most) {
  constexpr double least = 1e-12;
  SP_VALIDATE(value >= least && value <= most, usage,
              fmt::format("{} is {} (double can hold a tolerance from {:g} to {:g}) change --{}", option, value, least,
                          most, option));
}

/// The probability flow: its own options, and at their defaults those it has not.
void validate_for_ode(const Options& options) {
  validate_tolerance("rtol", options.rtol, 1.0);
  validate_tolerance("atol", options.atol, most_nat);
  SP_VALIDATE(
      options.probes >= 1 && options.probes <= most_probes, usage,
      fmt::format("probes is {} (a node of the trace has 1 to {}) change --probes", options.probes, most_probes));
  if (options.divergence == Divergence::hutchinson) {
    SP_VALIDATE(options.steps >= least_trace_nodes, usage,
                fmt::format("steps is {} (a trace by probes needs at least {} nodes) change --steps", options.steps,
                            least_trace_nodes));
    SP_VALIDATE(options.paths <= most_repetitions, usage,
                fmt::format("paths is {} (a point has at most {} repetitions of the probe plan) change --paths",
                            options.paths, most_repetitions));
  } else {
    SP_VALIDATE(options.probes == 1 && options.probe_plan == ProbePlan::hadamard, usage,
                "probes without divergence hutchinson (the exact divergence takes none) leave probes and probe_plan "
                "alone, or use divergence hutchinson");
  }
}

/// Every value that is not its default, of options that the probability flow alone has.
void validate_without_ode(const Options& options) {
  const Options defaults;
  SP_VALIDATE(
      options.divergence == Divergence::exact, usage,
      fmt::format("divergence is hutchinson (method {} has the exact one alone) leave it exact, or use method ode",
                  name_of(options.method)));
  SP_VALIDATE(
      options.rtol == defaults.rtol && options.atol == defaults.atol && options.probes == defaults.probes &&
          options.probe_plan == defaults.probe_plan,
      usage,
      fmt::format("rtol, atol, probes or probe_plan is set (method {} has none of them) leave them alone, or use "
                  "method ode",
                  name_of(options.method)));
}

}  // namespace

void validate(const Options& options) {
  validate_names(options);
  const Options resolved = with_method(options);
  SP_VALIDATE(options.form == Form::automatic || has_form(resolved.method, options.form), usage,
              fmt::format("form is {} (method {} has no such form) leave it auto, or use method {}",
                          name_of(options.form), name_of(options.method), name_of(method_of(options.form))));
  if (resolved.method != Method::density_formula) validate_for_others(options, resolved);
  if (resolved.form == Form::ray) validate_for_rays(options);
  if (is_weighed(resolved)) validate_for_weights(resolved);
  if (resolved.form == Form::feynman_kac) validate_for_feynman_kac(options, resolved);
  if (resolved.form == Form::multilevel) validate_for_multilevel(options, resolved);
  validate_path_points(options, resolved);
  validate_start(options, resolved);
  validate_lambda(options, resolved);
  validate_terms(options, resolved);
  if (resolved.method == Method::ode) {
    validate_for_ode(options);
  } else {
    validate_without_ode(options);
  }
  SP_VALIDATE(options.paths <= most_paths, usage,
              fmt::format("paths is {} (a point may have up to 2^40 of them) change --paths", options.paths));
  const std::uint64_t least_steps = resolved.method == Method::ddpm ? 2 : 4;
  SP_VALIDATE(options.steps >= least_steps && options.steps <= most_steps, usage,
              fmt::format("steps is {} (a path needs {} to 2^20 steps) change --steps", options.steps, least_steps));
  SP_VALIDATE(
      options.threads >= 0 && options.threads <= most_threads, usage,
      fmt::format("threads is {} (0 means all cores, at most {}) change --threads", options.threads, most_threads));
  SP_VALIDATE(!options.target_se || (std::isfinite(*options.target_se) && *options.target_se > 0.0), usage,
              fmt::format("target_se is {} (a standard error in nat is positive and finite) change --target-se",
                          *options.target_se));
  SP_VALIDATE(arithmetic_fits(options), usage,
              available(Backend::cuda)
                  ? "arithmetic is fast (only the CUDA backend has it, and the backend is the CPU's) use --arithmetic "
                    "reproducible or --backend cuda"
                  : "arithmetic is fast (only the CUDA backend has it, which cannot run here) use --arithmetic "
                    "reproducible");
}

}  // namespace scorepath
