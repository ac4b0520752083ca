// `scorepath compare`: several methods on the same points, at one precision or one budget, side by side.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <scorepath/scorepath.hpp>

#include "host/check.hpp"
#include "host/cli/commands.hpp"
#include "host/cli/comparison.hpp"
#include "host/cli/density_job.hpp"
#include "host/cli/flag_reader.hpp"
#include "host/cli/method_choice.hpp"
#include "host/cli/plot.hpp"
#include "host/cli/stop_request.hpp"
#include "host/cli/text.hpp"
#include "host/estimate_on.hpp"
#include "host/multilevel.hpp"
#include "host/output_file.hpp"
#include "host/quoted.hpp"
#include "host/sampling.hpp"

namespace scorepath::cli {
namespace {

/// Paths that a target may take of a point, where --paths says nothing; of rays, which agree or want more nodes.
constexpr std::uint64_t most_paths_of_target = std::uint64_t{1} << 20, most_rays_of_target = 1024;

struct CompareJob {
  std::string model, points, plot;
  std::vector<std::string> names;  ///< of the methods, as they were written
  std::vector<Options> options;    ///< [names]
  std::uint64_t budget = 0;        ///< score evaluations of a point; 0: there is a target
  bool json = false, force = false;
};

/// "pathwise" or "pathwise:ray".
Options parse_entry(const std::string& entry, const Options& common) {
  Options options = common;
  const std::size_t colon = entry.find(':');
  options.method = parse_method(entry.substr(0, colon));
  if (colon != std::string::npos) options.form = parse_form(entry.substr(colon + 1));
  return with_method(options);
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> entries;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    entries.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return entries;
}

/// Paths of a point for a budget of score evaluations, checks of the result not counted.
std::uint64_t paths_for(const std::string& entry, const Options& options, std::uint64_t budget) {
  if (options.method == Method::ode) return options.paths;  // its tolerance says what it takes
  const std::uint64_t each = options.sampler == Sampler::slices ? 1 : options.steps;
  const std::uint64_t least = options.form == Form::multilevel ? least_multilevel_paths(options.steps) * each : 0;
  SP_VALIDATE(
      budget >= least, usage,
      fmt::format("--budget is {} ({} takes {} evaluations at least) raise it or lower --steps", budget, entry, least));
  SP_VALIDATE(budget >= 2 * each, usage,
              fmt::format("--budget is {} ({} takes {} evaluations a path, and two paths at least) raise it{}", budget,
                          entry, each, each > 1 ? " or lower --steps" : ""));
  return budget / each;
}

CompareJob compare_job(const Arguments& arguments, Checks& checks) {
  CompareJob job;
  for (const char* flag : {"--model", "--points", "--methods"})
    checks.attempt([&] {
      SP_VALIDATE(
          arguments.given(flag), usage,
          fmt::format("{} is missing (scorepath compare needs a model, points and methods) give {}", flag, flag));
    });
  job.model = arguments.text("--model");
  job.points = arguments.text("--points");
  job.plot = arguments.text("--plot");
  job.json = arguments.given("--json");
  job.force = arguments.given("--force");
  checks.attempt([&] {
    SP_VALIDATE(
        arguments.given("--target-se") != arguments.given("--budget"), usage,
        "one of --target-se and --budget is needed (methods are compared at one precision, or at one cost) give "
        "--target-se X or --budget EVALUATIONS");
  });

  Options common;
  read_numbers(arguments, common, checks);
  checks.attempt([&] {
    if (arguments.given("--budget"))
      job.budget = parse_count("--budget", arguments.text("--budget"), std::uint64_t{1} << 40);
    SP_VALIDATE(!arguments.given("--budget") || !arguments.given("--paths"), usage,
                "--paths does not apply with --budget (which says how many there are) leave out one of them");
  });
  FlagReader(arguments, checks).choose("--backend", common.backend);
  checks.attempt([&] { check_available(common.backend); });
  if (!arguments.given("--methods")) return job;
  for (const std::string& entry : split(arguments.text("--methods"))) {
    checks.attempt([&] {
      SP_VALIDATE(!entry.empty(), usage,
                  "--methods has an empty entry (its entries are method or method:form, separated by commas) name one");
      Options options = parse_entry(entry, common);
      if (common.target_se && common.paths == 0)
        options.paths = options.form == Form::ray ? most_rays_of_target : most_paths_of_target;
      validate(options);
      job.names.push_back(entry);
      job.options.push_back(options);
    });
  }
  return job;
}

ExitCode run_compare(const Arguments& arguments) {
  Checks before;
  const CompareJob job = compare_job(arguments, before);
  before.attempt([] { static_cast<void>(active_isa()); });
  const Overwrite overwrite = job.force ? Overwrite::yes : Overwrite::no;
  if (!job.plot.empty()) {
    before.attempt([&] { check_picture_name(job.plot); });
    before.attempt([&] { check_writable(job.plot, overwrite); });
    before.attempt([] { check_gnuplot(); });
  }
  before.throw_worst();
  const Problem problem = load_problem(job.model);
  const Matrix points = load_points(job.points);

  const StopRequest stop;
  std::vector<Options> all = job.options;
  Checks sizes;
  for (std::size_t m = 0; m < all.size() && job.budget > 0; ++m)
    sizes.attempt([&] { all[m].paths = paths_for(job.names[m], resolve_method(problem, all[m]), job.budget); });
  sizes.throw_worst();
  Comparison comparison{job.model, job.points, {}, false};
  ExitCode code = ExitCode::done;
  for (std::size_t m = 0; m < all.size() && !stop.made(); ++m) {
    Options options = all[m];
    options.progress = [&](const Progress&) { return stop.made() ? Continue::no : Continue::yes; };
    comparison.entries.push_back({job.names[m], estimate_log_density(problem, points, options)});
    const Result& result = comparison.entries.back().result;
    for (const std::string& warning : result.warnings)
      say(stderr, fmt::format("warning: {}: {}\n", job.names[m], one_line(warning)));
    code = std::max(code, exit_code_of(result));
  }
  if (stop.made()) {
    say(stderr, "note: stopped on request; what was finished is reported\n");
    code = ExitCode::stopped;
    comparison.stopped = true;
  }

  Checks after;
  if (!job.plot.empty()) after.attempt([&] { write_text_file(job.plot, draw(comparison, job.plot), overwrite); });
  after.attempt([&] { print_data(job.json ? comparison_json(comparison) : comparison_table(comparison)); });
  after.throw_worst();
  return code;
}

}  // namespace

Command compare_command() {
  return {"compare",
          "several methods on the same points, at one precision or one cost, side by side",
          {{"--model", "FILE", "model file (TOML); required"},
           {"--points", "FILE", "points [n x dim] as .npy; required"},
           {"--methods", "A,B,..", "methods, each as NAME or NAME:FORM (pathwise:stratonovich); required"},
           {"--target-se", "X", "every point's standard error is to be at most X nat"},
           {"--budget", "N",
            "score evaluations of a point, checks of the result not counted; ode takes what its tolerance asks for"},
           {"--paths", "N", "with --target-se: the most that may be spent on a point: 1048576 (1024 rays)"},
           {"--steps", "N", "of methods that have steps: 128"},
           {"--seed", "S", "seed of every random number: 0"},
           {"--backend", "NAME", "where to compute: " + choices<Backend>()},
           {"--threads", "N", "processor threads: all cores (0)"},
           {"--json", "", "the results as JSON on stdout instead of the table"},
           {"--plot", "FILE", "draw the estimates side by side, as .png or .svg"},
           {"--force", "", "overwrite a picture that exists"}},
          "scorepath compare --model data/mixtures/ring-2/model.toml --points data/mixtures/ring-2/points.npy "
          "--methods pathwise:ray,ode,density-formula --budget 65536",
          run_compare};
}

}  // namespace scorepath::cli
