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

namespace scorepath::cli {

namespace {

constexpr std::uint64_t batch_paths = 4096;

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

}  // namespace

DensityPlan make_plan(const DensityJob& job, const Problem& problem, MatrixView points) {
  // Enough paths for a steady rate with every core at work, few enough to take a fraction of a second.
  constexpr std::uint64_t most_calibration_paths = 4 * batch_paths;
  Options options = job.options;
  options.paths = std::min(job.options.paths, most_calibration_paths);
  options.target_se.reset();
  const MatrixView first = {points.data, 1, points.columns};
  const Result trial = estimate_log_density(problem, first, options);

  DensityPlan plan;
  plan.points = points.rows;
  plan.dim = points.columns;
  // Rounding to whole pairs and randomisations is seen in the trial where it ran all the paths.
  const bool whole = job.options.paths <= most_calibration_paths;
  plan.paths_per_point = whole ? trial.points.front().paths : job.options.paths;
  const double all_points = static_cast<double>(plan.points);
  const double trial_paths = static_cast<double>(std::max<std::uint64_t>(1, trial.points.front().paths));
  const double scale = all_points * static_cast<double>(plan.paths_per_point) / trial_paths;
  plan.batches = plan.points * ((plan.paths_per_point + batch_paths - 1) / batch_paths);
  plan.score_evaluations = scale * static_cast<double>(trial.totals.score_evaluations);
  plan.seconds = scale * trial.totals.seconds;
  plan.bytes = peak_bytes() + all_points * static_cast<double>(sizeof(PointResult));
  plan.calibration_paths = trial.points.front().paths;
  plan.calibration_seconds = trial.totals.seconds;
  return plan;
}

std::string plan_text(const DensityPlan& plan, const DensityJob& job) {
  const char* bound = job.options.target_se ? "at most " : "";
  std::string text = fmt::format("points              {} of dimension {}\n", plan.points, plan.dim);
  text += fmt::format("paths per point     {}{}\n", bound, plan.paths_per_point);
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
                  {"paths_per_point", plan.paths_per_point},
                  {"batches", plan.batches},
                  {"score_evaluations", plan.score_evaluations},
                  {"memory_bytes", plan.bytes},
                  {"estimated_seconds", plan.seconds},
                  {"is_upper_bound", job.options.target_se.has_value()}};
  json["outputs"] = nlohmann::ordered_json::array();
  for (const auto& [flag, file] : outputs_of(job)) json["outputs"].push_back(file);
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace scorepath::cli
