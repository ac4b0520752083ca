// `scorepath sample`: check everything, draw, write, report.
#include <cstdio>

#include <fmt/format.h>

#include <scorepath/scorepath.hpp>

#include "host/check.hpp"
#include "host/cli/commands.hpp"
#include "host/cli/flag_reader.hpp"
#include "host/cli/plot.hpp"
#include "host/cli/progress.hpp"
#include "host/cli/sampling.hpp"
#include "host/cli/stop_request.hpp"
#include "host/cli/text.hpp"
#include "host/output_file.hpp"
#include "host/quoted.hpp"

namespace scorepath::cli {

template <>
inline std::vector<ReverseMethod> values_of() {
  return {ReverseMethod::second_order, ReverseMethod::exponential, ReverseMethod::euler_maruyama,
          ReverseMethod::ancestral,    ReverseMethod::ddim,        ReverseMethod::predictor_corrector};
}

namespace {

struct SampleJob {
  std::string model, npz, json, plot;
  bool json_on_stdout = false;
  std::uint64_t count = 0;
  SampleOptions options;
  Overwrite overwrite = Overwrite::no;
  bool quiet = false;
  ProgressKind progress = ProgressKind::automatic;
};

std::vector<double> parse_times(const std::string& text) {
  std::vector<double> times;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    times.push_back(parse_number("--times", text.substr(begin, end - begin)));
    begin = end + 1;
  }
  return times;
}

void read_options(const Arguments& arguments, SampleOptions& o, Checks& checks) {
  const FlagReader flags(arguments, checks);
  flags.choose("--sampler", o.method);
  flags.choose("--grid", o.grid);
  flags.choose("--end", o.end);
  flags.choose("--backend", o.backend);
  flags.choose("--arithmetic", o.arithmetic);
  flags.count("--steps", o.steps);
  flags.count("--corrector-steps", o.corrector_steps);
  flags.count("--trajectories", o.trajectories);
  flags.count("--seed", o.seed);
  flags.count("--threads", o.threads);
  checks.attempt([&] {
    SP_VALIDATE(!arguments.given("--steps") || o.steps > 0, usage,
                "steps is 0 (a reverse path needs at least 4) change --steps");
  });
  flags.number("--lambda", o.lambda);
  flags.number("--corrector-size", o.corrector_size);
  flags.read("--times", [&](const std::string& text) { o.times = parse_times(text); });
  for (const char* flag : {"--corrector-steps", "--corrector-size"})
    checks.attempt([&] {
      SP_VALIDATE(!arguments.given(flag) || o.method == ReverseMethod::predictor_corrector, usage,
                  fmt::format("{} does not apply to --sampler {} (it belongs to predictor-corrector) leave it out",
                              flag, name_of(o.method)));
    });
  o.log_density = arguments.given("--log-density");
}

SampleJob sample_job(const Arguments& arguments, Checks& checks) {
  SampleJob job;
  for (const char* flag : {"--model", "--count"})
    checks.attempt([&] {
      SP_VALIDATE(arguments.given(flag), usage,
                  fmt::format("{} is missing (scorepath sample needs a model and a count) give {}", flag, flag));
    });
  job.model = arguments.text("--model");
  checks.attempt([&] {
    if (arguments.given("--count"))
      job.count = parse_count("--count", arguments.text("--count"), std::uint64_t{1} << 40);
    SP_VALIDATE(!arguments.given("--count") || job.count > 0, usage,
                "count is 0 (there is at least one sample to draw) change --count");
  });
  read_options(arguments, job.options, checks);
  job.npz = arguments.text("--out");
  job.plot = arguments.text("--plot");
  job.json_on_stdout = arguments.text("--json") == "-";
  if (!job.json_on_stdout) job.json = arguments.text("--json");
  job.overwrite = arguments.given("--force") ? Overwrite::yes : Overwrite::no;
  job.quiet = arguments.given("--quiet");
  if (job.quiet) job.progress = ProgressKind::off;
  FlagReader(arguments, checks).choose("--progress", job.progress);
  checks.attempt(
      [&] { SP_VALIDATE(job.npz != "-", usage, "--out - is impossible (stdout carries no .npz) name a file"); });
  checks.attempt([&] {
    SP_VALIDATE(job.options.trajectories == 0 || !job.npz.empty() || !job.plot.empty(), usage,
                "--trajectories without --out or --plot (they go there) give --out FILE.npz");
  });
  const std::string named[] = {job.model, job.npz, job.json, job.plot};
  const char* flags[] = {"--model", "--out", "--json", "--plot"};
  for (std::size_t i = 1; i < 4; ++i)
    for (std::size_t k = 0; k < i; ++k)
      checks.attempt([&] {
        SP_VALIDATE(named[i].empty() || named[k].empty() || !is_same_file(named[i], named[k]), usage,
                    fmt::format("{} and {} name one file, {} (an output needs a file of its own) change {}", flags[k],
                                flags[i], scorepath::quoted(named[i]), flags[i]));
      });
  checks.attempt([&] { validate(job.options); });
  return job;
}

void check_surroundings(const SampleJob& job, Checks& checks) {
  checks.attempt([] { static_cast<void>(active_isa()); });
  checks.attempt([&] { check_available(job.options.backend); });
  for (const std::string& file : {job.npz, job.json, job.plot})
    if (!file.empty()) checks.attempt([&] { check_writable(file, job.overwrite); });
  if (job.plot.empty()) return;
  checks.attempt([&] { check_picture_name(job.plot); });
  checks.attempt([] { check_gnuplot(); });
}

ExitCode run_sample(const Arguments& arguments) {
  Checks before;
  const SampleJob job = sample_job(arguments, before);
  check_surroundings(job, before);
  Problem problem;
  std::vector<std::string> arrays;
  before.attempt([&] {
    if (!job.model.empty()) problem = load_problem(job.model, &arrays);
  });
  for (const std::string& array : arrays)
    for (const std::string& file : {job.npz, job.json, job.plot})
      before.attempt([&] {
        SP_VALIDATE(file.empty() || !is_same_file(file, array), usage,
                    fmt::format("an output names {}, an array of the model (it needs a file of its own) change it",
                                scorepath::quoted(array)));
      });
  before.throw_worst();

  const StopRequest stop;
  ProgressDisplay display(job.progress, Sampler::paths, stderr);
  SampleOptions options = job.options;
  options.progress = [&](const Progress& progress) {
    display.update(progress);
    return stop.made() ? Continue::no : Continue::yes;
  };
  const Samples samples = sample(problem, job.count, options);
  display.finish(samples);

  Checks after;
  if (!job.npz.empty()) after.attempt([&] { write_npz(job.npz, samples, job.model, job.overwrite); });
  if (!job.json.empty())
    after.attempt([&] { write_text_file(job.json, sample_json(samples, job.model), job.overwrite); });
  if (!job.plot.empty() && samples.samples.rows > 0)
    after.attempt([&] { write_text_file(job.plot, draw(samples, problem, job.plot, job.model), job.overwrite); });
  for (const std::string& warning : samples.warnings) say(stderr, fmt::format("warning: {}\n", one_line(warning)));
  if (samples.stopped && !job.quiet) say(stderr, "note: stopped on request; what was finished is reported\n");
  after.attempt([&] { print_data(job.json_on_stdout ? sample_json(samples, job.model) : sample_table(samples)); });
  after.throw_worst();
  if (samples.stopped) return ExitCode::stopped;
  return samples.non_finite > 0 ? ExitCode::flagged : ExitCode::done;
}

}  // namespace

Command sample_command() {
  return {
      "sample",
      "samples of a model, each with its log-density where asked for",
      {{"--model", "FILE", "model file (TOML): schedule and score; required"},
       {"--count", "N", "samples; required"},
       {"--sampler", "NAME", "how a reverse step is made: " + choices<ReverseMethod>()},
       {"--lambda", "L", "of the family of plug-in models, at most 1: 0 (the reverse SDE); 1 is the probability flow"},
       {"--steps", "N",
        "of a path: 128 of second-order, else 256 (of ancestral and ddim on a ddpm table as many as it has)"},
       {"--grid", "NAME",
        "where they lie: auto (tapered; log-snr for ancestral and ddim, uniform-t on a ddpm table; uniform-t for "
        "euler-maruyama, log-snr where signal ends or noise explodes), stationary, log-snr, uniform-t, tapered"},
       {"--end", "NAME", "where paths start: the Gaussian with the data's moments, or the prior: " + choices<End>()},
       {"--corrector-steps", "N", "predictor-corrector: Langevin steps for each other step: 1"},
       {"--corrector-size", "X", "predictor-corrector: noise of one over that of the step beside it: 1"},
       {"--log-density", "", "carry the log-density of every sample along its path, with its standard error"},
       {"--trajectories", "N", "also keep the whole paths of the first N samples"},
       {"--times", "T,T,..", "where they are kept, in the schedule's t: all steps"},
       {"--seed", "S", "seed of every random number: 0"},
       {"--backend", "NAME", "where to compute: " + choices<Backend>()},
       {"--threads", "N", "processor threads, never changes a result: all cores (0)"},
       {"--arithmetic", "NAME", "fast: CUDA only: " + choices<Arithmetic>()},
       {"--out", "FILE.npz",
        "write samples, log_density, std_error, exact_log_density, trajectories and times as NumPy arrays"},
       {"--json", "FILE", "write the summary as JSON; - puts it on stdout instead of the table"},
       {"--plot", "FILE", "draw the samples over the exact density, and the trajectories, as .png or .svg"},
       {"--force", "", "overwrite outputs that exist"},
       {"--quiet", "", "no progress, no notes"},
       {"--progress", "KIND", fmt::format("on stderr: {}", choices<ProgressKind>())}},
      "scorepath sample --model data/mixtures/ring-2/model.toml --count 10000 --log-density --out samples.npz",
      run_sample};
}

}  // namespace scorepath::cli
