// What a run of `scorepath density` would cost, from a short calibration on the first point.
#include "host/cli/plan.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <scorepath/estimate.hpp>

#include "host/cli/text.hpp"
#include "host/estimate_on.hpp"
#include "host/sampling.hpp"

namespace scorepath::cli {

namespace {

double peak_bytes() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  return 1024.0 * static_cast<double>(usage.ru_maxrss);  // Linux counts it in KiB
}

std::vector<std::pair<std::string, std::string>> outputs_of(const DensityJob& job) {
  std::vector<std::pair<std::string, std::string>> outputs;
  for (const auto& [flag, file] : {std::pair{"--json", job.json}, {"--out", job.npz}, {"--plot", job.plot}})
    if (!file.empty()) outputs.emplace_back(flag, file);
  return outputs;
}

/// A run of the job's options on its first point, long enough for a steady rate, and short: from few paths up, and with
/// no more than `most_steps` steps, of which the work is a multiple.
constexpr std::uint64_t most_steps = 1024;
Result calibrate(const DensityJob& job, const Problem& problem, MatrixView points, const CudaDevices* devices) {
  constexpr double enough_seconds = 0.2;
  constexpr std::uint64_t first_paths = 64, most_paths = 1024 * batch_paths;
  const MatrixView first = {points.data, 1, points.columns};
  Options options = job.options;
  options.target_se.reset();
  options.keep_terms = false;
  const bool levels = options.form == Form::multilevel;  // which are as many as its steps have
  options.steps = levels ? options.steps : std::min(options.steps, most_steps);
  for (std::uint64_t paths = levels ? job.options.paths : first_paths;; paths *= 8) {
    options.paths = std::min(job.options.paths, paths);
    Result trial = estimate_on(problem, first, options, devices);
    if (trial.totals.seconds >= enough_seconds || paths >= std::min(job.options.paths, most_paths)) return trial;
  }
}

/// Seconds of a point's bound term by term, `steps` of them.
double seconds_of_terms(const DensityJob& job, const Problem& problem, MatrixView points) {
  const MatrixView first = {points.data, 1, points.columns};
  Options options = job.options;
  options.paths = 1;
  options.steps = std::min(options.steps, most_steps);
  options.backend = Backend::cpu;
  options.target_se.reset();
  const Result with = estimate_on(problem, first, options, nullptr);
  options.keep_terms = false;
  const Result without = estimate_on(problem, first, options, nullptr);
  return std::max(with.totals.seconds - without.totals.seconds, 0.0) * static_cast<double>(job.options.steps) /
         static_cast<double>(with.options.steps);
}

}  // namespace

DensityPlan make_plan(const DensityJob& job, const Problem& problem, MatrixView points) {
  const Sampling sampling = make_sampling(job.options);
  const double bytes_before = peak_bytes();
  // `auto` chooses by the whole job, not by what is tried of it, and takes the processor where no device opens.
  const Opened opened = open_backend(problem, points.rows, job.options);
  DensityJob whole = job;
  whole.options.backend = opened.backend;
  const Result trial = calibrate(whole, problem, points, opened.backend == Backend::cuda ? &opened.devices : nullptr);

  DensityPlan plan;
  plan.warnings = opened.warnings;
  plan.backend = name_of(whole.options.backend);
  plan.device = trial.device;
  plan.points = points.rows;
  plan.dim = points.columns;
  const bool flow = job.options.method == Method::ode;
  const bool sampled = !flow || job.options.divergence == Divergence::hutchinson;
  plan.paths_per_point = sampled ? sampling.paths() : 0;
  plan.batches = plan.points * (flow ? 1 : sampling.batches());
  plan.calibration_paths = trial.totals.paths;
  plan.calibration_seconds = trial.totals.seconds;
  const double all_points = static_cast<double>(plan.points);
  const double more_steps =
      sampled ? static_cast<double>(job.options.steps) / static_cast<double>(std::min(job.options.steps, most_steps))
              : 1.0;
  const double more_paths = sampled ? static_cast<double>(plan.paths_per_point) /
                                          static_cast<double>(std::max<std::uint64_t>(1, plan.calibration_paths))
                                    : 1.0;
  const double scale = all_points * more_steps * more_paths;
  plan.score_evaluations = scale * static_cast<double>(trial.totals.score_evaluations);
  plan.seconds = scale * trial.totals.seconds;
  if (job.options.keep_terms)  // points share the threads
    plan.seconds +=
        all_points * seconds_of_terms(job, problem, points) / std::min(all_points, static_cast<double>(trial.threads));
  constexpr double batch_bytes = 128;  // what is kept of a batch until it is folded
  // The engine holds at most 65536 batch records at a time.
  const double held = std::min(static_cast<double>(plan.batches), 65536.0);
  plan.bytes = bytes_before + (peak_bytes() - bytes_before) * more_steps +
               all_points * static_cast<double>(sizeof(PointResult)) + batch_bytes * held;
  if (job.options.keep_samples)
    plan.bytes += all_points * static_cast<double>(sampling.samples) * static_cast<double>(sizeof(double));
  return plan;
}

std::string plan_text(const DensityPlan& plan, const DensityJob& job) {
  const char* bound = job.options.target_se ? "at most " : "";
  std::string text = fmt::format("points              {} of dimension {}\n", plan.points, plan.dim);
  const bool has_form = job.options.form != Form::automatic;
  text += fmt::format("method              {}, {}\n", name_of(job.options.method),
                      has_form ? name_of(job.options.form) : name_of(job.options.sampler));
  text += fmt::format("backend             {} ({})\n", plan.backend, plan.device);
  text += fmt::format("paths per point     {}{}\n", bound, plan.paths_per_point);
  if (job.options.method != Method::ode)
    text += fmt::format("batches             {}{} of {} paths of one point\n", bound, plan.batches, batch_paths);
  text += fmt::format("score evaluations   {}about {}\n", bound, short_number(plan.score_evaluations));
  text += fmt::format("memory              about {:.0f} MiB\n", plan.bytes / (1 << 20));
  text += fmt::format("estimated time      {}about {} (calibrated on one point: {} paths in {})\n", bound,
                      duration(plan.seconds), plan.calibration_paths, duration(plan.calibration_seconds));
  for (const auto& [flag, file] : outputs_of(job)) text += fmt::format("would write         {} ({})\n", file, flag);
  if (outputs_of(job).empty()) text += "would write         no file, the result goes to stdout\n";
  return text;
}

std::string plan_json(const DensityPlan& plan, const DensityJob& job) {
  nlohmann::ordered_json json;
  json["version"] = version();
  json["command"] = "density";
  json["dry_run"] = true;
  json["plan"] = {{"points", plan.points},
                  {"dim", plan.dim},
                  {"method", name_of(job.options.method)},
                  {"form", job.options.form != Form::automatic ? name_of(job.options.form) : ""},
                  {"backend", plan.backend},
                  {"device", plan.device},
                  {"paths_per_point", plan.paths_per_point},
                  {"batches", plan.batches},
                  {"score_evaluations", plan.score_evaluations},
                  {"memory_bytes", plan.bytes},
                  {"estimated_seconds", plan.seconds},
                  {"is_upper_bound", job.options.target_se.has_value()}};
  json["warnings"] = plan.warnings;
  json["outputs"] = nlohmann::ordered_json::array();
  for (const auto& [flag, file] : outputs_of(job)) json["outputs"].push_back(file);
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace scorepath::cli
