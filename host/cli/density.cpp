// `scorepath density`: check everything, estimate, write, report.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <new>

#include <fmt/format.h>

#include <scorepath/scorepath.hpp>

#include "host/check.hpp"
#include "host/cli/commands.hpp"
#include "host/cli/density_job.hpp"
#include "host/cli/plan.hpp"
#include "host/cli/plot.hpp"
#include "host/cli/stop_request.hpp"
#include "host/cli/table.hpp"
#include "host/cli/text.hpp"
#include "host/output_file.hpp"
#include "host/quoted.hpp"

namespace scorepath::cli {

namespace {

struct Inputs {
  Problem problem;
  Matrix points;
};

/// What does not hang on the inputs: instruction set, back end, places for the outputs.
void check_surroundings(const DensityJob& job, Checks& checks) {
  checks.attempt([] { static_cast<void>(active_isa()); });
  checks.attempt([&] { check_available(job.options.backend); });
  const Overwrite overwrite = job.force ? Overwrite::yes : Overwrite::no;
  for (const std::string& file : {job.json, job.npz, job.plot})
    if (!file.empty()) checks.attempt([&] { check_writable(file, overwrite); });
  if (!job.plot.empty()) checks.attempt([] { check_gnuplot(); });
}

Inputs read_inputs(const DensityJob& job, Checks& checks) {
  Inputs inputs;
  bool read = !job.model.empty() && !job.points.empty();
  const auto load = [&](const std::string& file, auto& value, auto loader) {
    bool loaded = false;
    checks.attempt([&] {
      if (file.empty()) return;
      value = loader(file);
      loaded = true;
    });
    read = read && loaded;
  };
  std::vector<std::string> arrays;
  load(job.model, inputs.problem, [&](const std::string& file) { return load_problem(file, &arrays); });
  check_outputs_spare(arrays, job, checks);
  load(job.points, inputs.points, load_points);
  if (!read) return inputs;
  checks.attempt([&] {
    const auto* table = std::get_if<Ddpm>(&inputs.problem.schedule.kind);
    SP_VALIDATE(
        job.options.method != Method::ddpm || table == nullptr || !job.steps_given ||
            job.options.steps == table->betas.size(),
        usage,
        fmt::format("--steps is {} (the schedule of {} is a table of {} steps, which ddpm takes as it is) leave it "
                    "out",
                    job.options.steps, scorepath::quoted(job.model), table == nullptr ? 0 : table->betas.size()));
    const std::size_t dim = dimension(inputs.problem.score);
    SP_VALIDATE(inputs.points.rows > 0, input,
                fmt::format("{} holds no points (its shape is 0 x {}) give at least one row",
                            scorepath::quoted(job.points), inputs.points.columns));
    SP_VALIDATE(inputs.points.columns == dim, input,
                fmt::format("points of dimension {} for a model of dimension {} ({} is {} x {}, the model is {}) give "
                            "points of the model's dimension",
                            inputs.points.columns, dim, scorepath::quoted(job.points), inputs.points.rows,
                            inputs.points.columns, scorepath::quoted(job.model)));
  });
  return inputs;
}

/// Tries every output, so that one that fails, be it for want of memory, costs none of the others.
void write_files(const DensityJob& job, const Result& result, Checks& checks) {
  const Overwrite overwrite = job.force ? Overwrite::yes : Overwrite::no;
  const auto attempt = [&](const std::string& file, auto write) {
    checks.attempt([&] {
      try {
        write();
      } catch (const std::bad_alloc&) {
        throw Error(ErrorKind::resource, fmt::format("{} is not written (out of memory) use fewer points or grant more",
                                                     scorepath::quoted(file)));
      }
    });
  };
  if (!job.json.empty())
    attempt(job.json, [&] { write_text_file(job.json, to_json(result, job.model, job.points), overwrite); });
  if (!job.npz.empty()) attempt(job.npz, [&] { write_npz(job.npz, result, job.model, job.points, overwrite); });
  if (job.plot.empty()) return;
  if (can_draw(result)) {
    attempt(job.plot, [&] { write_text_file(job.plot, draw(result, job.plot, job.model), overwrite); });
  } else {
    say(stderr, fmt::format("warning: {} is not drawn, no point has an estimate\n", scorepath::quoted(job.plot)));
  }
}

std::string why_missed(const Result& result) {
  const bool hopeless = std::all_of(result.points.begin(), result.points.end(), [](const PointResult& point) {
    return std::find(point.flags.begin(), point.flags.end(), "infinite-variance") != point.flags.end();
  });
  if (hopeless)
    return "no number of paths meets --target-se, the variance is infinite; see --cancellation and --antithetic";
  const char* remedy =
      result.options.form == Form::ray ? "give rays more nodes with --steps" : "allow more with --paths";
  return fmt::format("a point's standard error stayed above --target-se; {}", remedy);
}

void print_notes(const DensityJob& job, const Inputs& inputs, const Result& result) {
  for (const std::string& warning : result.warnings) say(stderr, fmt::format("warning: {}\n", one_line(warning)));
  if (job.notes == Notes::no) return;
  if (job.method_given && !job.why_method.empty())
    say(stderr, fmt::format("note: --method auto took {} ({})\n", result.method, job.why_method));
  if (result.stopped) say(stderr, "note: stopped on request; what was finished is reported\n");
  if (result.target_missed && !result.stopped) say(stderr, fmt::format("note: {}\n", why_missed(result)));
  if (!job.json_on_stdout)
    say(stderr, fmt::format("{}\n", heading(result, inputs.problem.schedule.t_min.value_or(0.0) > 0.0 ||
                                                        std::holds_alternative<Network>(inputs.problem.score))));
}

std::string report(const DensityJob& job, const Result& result) {
  if (job.json_on_stdout) return to_json(result, job.model, job.points);
  const Length length = isatty(STDOUT_FILENO) == 1 ? Length::shortened : Length::whole;
  std::string where = "give --json FILE or --out FILE.npz, or pipe the table, for all";
  if (!job.npz.empty()) where = "see " + job.npz;
  if (!job.json.empty()) where = "see " + job.json;
  return table(result, length, where);
}

std::size_t components(const Score& score) {
  if (const auto* mixture = std::get_if<GaussianMixture>(&score)) return mixture->means.rows;
  if (const auto* data = std::get_if<DataSet>(&score)) return data->data.rows;
  return 1;
}

/// What an estimate's memory grows with, and of that what this job could have less of. Of paths only where their values
/// are kept: a batch of them is folded before many others are begun.
Error out_of_memory(const DensityJob& job, const Inputs& inputs) {
  const bool paths = job.options.sampler == Sampler::paths;
  const std::size_t k = components(inputs.problem.score), n = inputs.points.rows;
  std::vector<std::string> fewer;
  if (job.options.keep_samples) fewer.push_back("--paths");
  if (paths) fewer.push_back("--steps");
  if (k > 1) fewer.push_back("components");
  if (n > 1) fewer.push_back("points");
  if (n > 1 && job.options.threads != 1) fewer.push_back("--threads");
  const std::string remedy =
      fewer.empty() ? "grant it more" : fmt::format("use fewer {}, or grant it more", join(fewer));
  return Error(ErrorKind::resource,
               fmt::format("out of memory ({}{} component{} of dimension {}, {} point{}: more than this process is "
                           "granted) {}",
                           paths ? fmt::format("{} steps, ", job.options.steps) : "", k, k == 1 ? "" : "s",
                           inputs.points.columns, n, n == 1 ? "" : "s", remedy));
}

/// `call()`; where it runs out of memory, an error that names what takes it.
template <typename Call>
auto within_memory(const DensityJob& job, const Inputs& inputs, Call call) {
  try {
    return call();
  } catch (const std::bad_alloc&) {
    throw out_of_memory(job, inputs);
  } catch (const OutOfMemory& error) {  // the library's own word for it
    if (error.on_device()) throw;       // it says what a device has too little of
    throw out_of_memory(job, inputs);
  }
}

ExitCode run_density(const Arguments& arguments) {
  Checks flags, before;
  DensityJob job = density_job(arguments, flags);
  check_surroundings(job, before);
  const Inputs inputs = read_inputs(job, before);
  if (std::holds_alternative<Network>(inputs.problem.score)) {
    flags = Checks();
    job = density_job(arguments, flags, true);
  }
  before.attempt([&] { flags.throw_worst(); });
  before.throw_worst();

  if (job.dry_run) {
    const DensityPlan plan = within_memory(job, inputs, [&] { return make_plan(job, inputs.problem, inputs.points); });
    for (const std::string& warning : plan.warnings) say(stderr, fmt::format("warning: {}\n", one_line(warning)));
    print_data(job.json_on_stdout ? plan_json(plan, job) : plan_text(plan, job));
    return ExitCode::done;
  }

  const StopRequest stop;
  ProgressDisplay display(job.progress, job.options.sampler, stderr);
  Options options = job.options;
  options.progress = [&](const Progress& progress) {
    display.update(progress);
    return stop.made() ? Continue::no : Continue::yes;
  };
  const Result result =
      within_memory(job, inputs, [&] { return estimate_log_density(inputs.problem, inputs.points, options); });
  display.finish(result);

  Checks after;
  write_files(job, result, after);
  print_notes(job, inputs, result);
  after.attempt([&] { print_data(report(job, result)); });
  after.throw_worst();
  return exit_code_of(result);
}

}  // namespace

Command density_command() {
  return {"density", "log-densities of points under a model, each with an error bar", density_flags(),
          "scorepath density --model data/mixtures/ring-2/model.toml --points data/mixtures/ring-2/points.npy "
          "--paths 4096",
          run_density};
}

}  // namespace scorepath::cli
