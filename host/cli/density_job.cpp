// What `scorepath density` was asked to do: its flags as data, and their checked translation.
#include "host/cli/density_job.hpp"

#include <cstdint>
#include <limits>

#include <fmt/format.h>

#include "host/check.hpp"
#include "host/cli/flag_reader.hpp"
#include "host/cli/method_choice.hpp"
#include "host/cli/plot.hpp"
#include "host/quoted.hpp"
#include "host/sampling.hpp"

namespace scorepath::cli {

namespace {

template <typename Choice>
Flag choice(const char* name, const std::string& help) {
  return {name, "NAME", fmt::format("{}: {}", help, choices<Choice>())};
}

}  // namespace

std::vector<Flag> density_flags() {
  std::vector<Flag> flags = {
      {"--model", "FILE", "model file (TOML): schedule and score (Gaussian, mixture, data set or network); required"},
      {"--points", "FILE", "points [n x dim] as .npy; required"},
      choice<Method>("--method", "estimator; auto takes the best that is built and accepts every flag given"),
      choice<Form>(
          "--form",
          "pathwise: along Brownian paths, summed like this or on levels of 32, 64 .. steps, or along rays to infinite "
          "noise, which auto takes; "
          "path-weights: extrapolated in the number of steps, the likelihood of the chain of so many, or plain "
          "Feynman-Kac weights; elbo: "
          "denoising (the density formula) or implicit; ddpm: its chain's likelihood, its bound, the sums of Li & Yan"),
      choice<Sampler>("--sampler", "independent (time, noise) draws, or integration along forward paths"),
      choice<TimeLaw>("--time-law", "slices: law of the times"),
      choice<TimePoints>("--time-points", "slices: how the times are spread"),
      choice<PathPoints>("--path-points",
                         "paths that no score steers: independent, or Sobol' points in the order of a Brownian bridge"),
      choice<Antithetic>("--antithetic", "pair every noise with its negative; auto: on, but for weights of paths"),
      choice<Cancellation>("--cancellation", "take the singular d/sigma^2 out analytically"),
      choice<ControlVariate>("--control-variate", "subtract a Gaussian reference of known log-density"),
      choice<Transition>("--transition", "paths: how a step is made"),
      {"--steps", "N",
       "paths: steps of one path (nodes of a ray; a multiple of 4 to extrapolate path-weights; T, 2 or more, of ddpm "
       "on another "
       "schedule), at least 4: 128; ode with hutchinson: nodes of the trace"},
      choice<Grid>("--grid",
                   "paths: where the steps lie; auto is stationary for density-formula, adaptive for path-weights, "
                   "else tapered"),
      {"--lambda", "L", "elbo: of the family of plug-in models, at most 1: 0"},
      choice<Divergence>("--divergence", "of the score; ode: in closed form, or by random products with its Jacobian"),
      {"--probes", "N", "ode with hutchinson: products at each node of the trace: 1"},
      choice<ProbePlan>("--probe-plan", "ode with hutchinson: how probes are drawn"),
      {"--rtol", "X", "ode: error allowed, as a share of the value: 1e-6"},
      {"--atol", "X", "ode: error allowed beside it, in nat: 1e-4"},
      choice<End>("--end", "what stands at the far end: log p_T where known, or the Gaussian prior"),
      choice<Start>(
          "--start",
          "elbo, denoising, slices: what the points are where the model starts at t_min; data: the bound is that of "
          "the model which ends with one step of the denoiser"),
      {"--paths", "N",
       "per point, a pair counts as 2; with --target-se the most that may be spent: 16384 (64 rays; ode with "
       "hutchinson: 16 "
       "repetitions)"},
      {"--target-se", "X", "stop when every point's standard error is at most X nat"},
      {"--seed", "S", "seed of every random number: 0"},
      choice<Backend>("--backend", "where to compute; never another than asked"),
      {"--threads", "N", "processor threads, never changes a result: all cores (0)"},
      choice<Arithmetic>("--arithmetic", "fast: CUDA only"),
      {"--keep-terms", "", "ddpm, form vlb: also write the bound term by term, to --json and --out"},
      {"--keep-samples", "", "also write the value of every path (or pair) to --out, as array samples"},
      {"--json", "FILE", "write the result as JSON; - puts it on stdout instead of the table"},
      {"--out", "FILE.npz", "write the numbers as NumPy arrays"},
      {"--plot", "FILE", "draw estimates with 95% intervals, against exact values where known, as .png or .svg"},
      {"--force", "", "overwrite outputs that exist"},
      {"--quiet", "", "no progress, no notes"},
      {"--progress", "KIND", fmt::format("on stderr: {}", choices<ProgressKind>())},
      {"--dry-run", "", "check everything, print the plan with its estimated time, compute and write nothing"},
  };
  return flags;
}

namespace {

/// Flags of one sampler say nothing under the other, and are refused rather than ignored.
void refuse_flags_of_other_sampler(const Arguments& arguments, Sampler sampler, Checks& checks) {
  const std::vector<std::string> of_slices = {"--time-law", "--time-points"};
  const std::vector<std::string> of_paths = {"--transition", "--steps", "--grid", "--path-points"};
  const Sampler other = sampler == Sampler::slices ? Sampler::paths : Sampler::slices;
  for (const std::string& flag : sampler == Sampler::slices ? of_paths : of_slices)
    checks.attempt([&] {
      SP_VALIDATE(!arguments.given(flag), usage,
                  fmt::format("{} does not apply to --sampler {} (it belongs to --sampler {}) leave it out or choose "
                              "--sampler {}",
                              flag, name_of(sampler), name_of(other), name_of(other)));
    });
}

using NamedFiles = std::vector<std::pair<std::string, std::string>>;  // flag, file

NamedFiles outputs_of(const DensityJob& job) {
  return {{"--json", job.json}, {"--out", job.npz}, {"--plot", job.plot}};
}

/// No two outputs in one file, and --force must never eat the inputs.
void check_files_differ(const DensityJob& job, Checks& checks) {
  NamedFiles files = {{"--model", job.model}, {"--points", job.points}};
  for (auto& output : outputs_of(job)) files.push_back(output);
  constexpr std::size_t inputs = 2;
  for (std::size_t i = inputs; i < files.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      checks.attempt([&] {
        SP_VALIDATE(
            files[i].second.empty() || files[j].second.empty() || !is_same_file(files[i].second, files[j].second),
            usage,
            fmt::format("{} and {} name one file, {} (an output needs a file of its own) change {}", files[j].first,
                        files[i].first, scorepath::quoted(files[i].second), files[i].first));
      });
}

void read_outputs(const Arguments& arguments, DensityJob& job, Checks& checks) {
  job.json_on_stdout = arguments.text("--json") == "-";
  if (!job.json_on_stdout) job.json = arguments.text("--json");
  job.npz = arguments.text("--out");
  job.plot = arguments.text("--plot");
  checks.attempt([&] {
    SP_VALIDATE(job.npz != "-", usage, "--out - is impossible (stdout carries no .npz) name a file, or use --json -");
  });
  checks.attempt([&] {
    if (!job.plot.empty()) check_picture_name(job.plot);
  });
  job.options.keep_terms = arguments.given("--keep-terms");
  job.options.keep_samples = arguments.given("--keep-samples");
  checks.attempt([&] {
    SP_VALIDATE(!job.options.keep_samples || !job.npz.empty(), usage,
                "--keep-samples without --out (the values go into the .npz) give --out FILE.npz");
  });
  job.force = arguments.given("--force");
  job.dry_run = arguments.given("--dry-run");
  job.notes = arguments.given("--quiet") ? Notes::no : Notes::yes;
  if (arguments.given("--quiet")) job.progress = ProgressKind::off;
  FlagReader(arguments, checks).choose("--progress", job.progress);
}

}  // namespace

void read_numbers(const Arguments& arguments, Options& options, Checks& checks) {
  const FlagReader flags(arguments, checks);
  flags.count("--steps", options.steps);
  flags.count("--paths", options.paths);
  checks.attempt([&] {
    SP_VALIDATE(!arguments.given("--paths") || options.paths > 0, usage,
                "paths is 0 (a point needs at least one) change --paths");
  });
  flags.count("--seed", options.seed);
  flags.count("--probes", options.probes);
  flags.count("--threads", options.threads);
  constexpr double most_nat = 1e6;  // an error above it says nothing about a log-density
  const auto positive = [&](const char* flag, auto& value, double most) {
    flags.read(flag, [&](const std::string& text) { value = parse_positive(flag, text, most); });
  };
  positive("--target-se", options.target_se, most_nat);
  positive("--rtol", options.rtol, 1.0);
  positive("--atol", options.atol, most_nat);
}

void check_outputs_spare(const std::vector<std::string>& arrays, const DensityJob& job, Checks& checks) {
  for (const auto& [flag, file] : outputs_of(job))
    for (const std::string& array : arrays)
      checks.attempt([&] {
        SP_VALIDATE(file.empty() || !is_same_file(file, array), usage,
                    fmt::format("{} names {}, an array of the model {} (an output needs a file of its own) change {}",
                                flag, scorepath::quoted(file), scorepath::quoted(job.model), flag));
      });
}

DensityJob density_job(const Arguments& arguments, Checks& checks, bool is_network) {
  DensityJob job;
  for (const char* flag : {"--model", "--points"})
    checks.attempt([&] {
      SP_VALIDATE(arguments.given(flag), usage,
                  fmt::format("{} is missing (scorepath density needs a model and points) give {} FILE", flag, flag));
    });
  job.model = arguments.text("--model");
  job.points = arguments.text("--points");
  job.method_given = arguments.given("--method");
  job.steps_given = arguments.given("--steps");

  Options& options = job.options;
  const FlagReader flags(arguments, checks);
  checks.attempt([&] { options.method = parse_method(arguments.text("--method", name_of(Method::automatic))); });
  flags.choose("--sampler", options.sampler);
  flags.choose("--time-law", options.time_law);
  flags.choose("--time-points", options.time_points);
  flags.choose("--path-points", options.path_points);
  flags.choose("--antithetic", options.antithetic);
  flags.choose("--cancellation", options.cancellation);
  flags.choose("--control-variate", options.control_variate);
  flags.choose("--transition", options.transition);
  flags.choose("--grid", options.grid);
  flags.choose("--end", options.end);
  flags.choose("--start", options.start);
  flags.choose("--divergence", options.divergence);
  flags.choose("--probe-plan", options.probe_plan);
  flags.choose("--backend", options.backend);
  flags.choose("--arithmetic", options.arithmetic);
  flags.read("--form", [&](const std::string& text) { options.form = parse_form(text); });
  read_numbers(arguments, options, checks);
  read_lambda(arguments, options, checks);
  if (options.method == Method::automatic && is_network) {
    options.method = Method::ode;
    job.why_method = "the one that takes networks in this version";
  }
  if (options.method == Method::automatic) choose_method(arguments, job);
  checks.attempt([&] {
    SP_VALIDATE(!is_network || !arguments.given("--end") || options.end == End::prior, usage,
                "--end exact does not apply to a network (nobody knows its p_T) leave it out or use --end prior");
  });
  refuse_flags_of_other_methods(arguments, options.method, checks);
  if (options.method == Method::density_formula || options.method == Method::elbo) {
    const Sampler sampler = with_method(options).sampler;
    checks.attempt([&] {
      SP_VALIDATE(
          !arguments.given("--sampler") || sampler == options.sampler, usage,
          fmt::format("--sampler {} does not apply to --form {} (divergences are summed along paths) use --sampler "
                      "{}",
                      name_of(options.sampler), name_of(options.form), name_of(sampler)));
    });
    refuse_flags_of_other_sampler(arguments, sampler, checks);
  }
  checks.attempt([&] {
    SP_VALIDATE(!arguments.given("--divergence") || with_method(options).form != Form::denoising, usage,
                "--divergence does not apply to --form denoising (which has none) leave it out or use --form implicit");
  });
  check_divergence(arguments, options, checks);
  read_outputs(arguments, job, checks);
  check_files_differ(job, checks);
  if (checks.passed()) checks.attempt([&] { validate(options); });
  options = with_method(options);
  return job;
}

}  // namespace scorepath::cli
