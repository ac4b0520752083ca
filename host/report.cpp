// The result as JSON (docs/file-formats.md).
#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <scorepath/files.hpp>

#include "host/report.hpp"
#include "host/sampling.hpp"
#include "kernels/step/time_law.hpp"

namespace scorepath {
namespace {

using Json = nlohmann::ordered_json;
constexpr std::string_view non_finite = "non-finite-path";

/// JSON knows neither NaN nor infinity: such a number becomes null (and a flag, flags_of()).
Json number(const std::optional<double>& value) {
  if (value && std::isfinite(*value)) return *value;
  return nullptr;
}

/// Text from outside may be no UTF-8; a report must not fail on it.
std::string dumped(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

/// What the probability flow has instead of samples; probes where they are drawn.
void add_flow_options(const Options& options, Json& job) {
  job["divergence"] = name_of(options.divergence);
  job["rtol"] = options.rtol;
  job["atol"] = options.atol;
  if (options.divergence == Divergence::exact) return;
  job["probes"] = options.probes;
  job["probe_plan"] = name_of(options.probe_plan);
  job["steps"] = options.steps;
}

void add_sampling_options(const Options& options, Json& job) {
  if (options.form != Form::automatic) job["form"] = name_of(options.form);
  if (options.method == Method::elbo) job["lambda"] = options.lambda;
  const bool has_formula = options.method == Method::density_formula || options.form == Form::denoising;
  if (has_formula) job["sampler"] = name_of(options.sampler);
  if (options.sampler == Sampler::slices) {
    job["time_law"] = name_of(options.time_law);
    if (options.time_law == TimeLaw::debiased) job["debiased_cut_off"] = kernels::debiased_cut;
    if (options.time_law == TimeLaw::uniform || options.time_law == TimeLaw::debiased)
      job["log_snr_share"] = kernels::log_snr_share;
    job["time_points"] = name_of(options.time_points);
  } else {
    if (has_formula) job["transition"] = name_of(options.transition);
    if (takes_path_points(options)) job["path_points"] = name_of(options.path_points);
    if (options.form != Form::ray && options.method != Method::ddpm) job["grid"] = name_of(options.grid);
    job["steps"] = options.steps;
  }
  job["antithetic"] = name_of(options.antithetic);
  if (has_formula) job["cancellation"] = name_of(options.cancellation);
  if (has_formula || options.form == Form::li_yan || options.form == Form::li_yan_corrected)
    job["control_variate"] = name_of(options.control_variate);
}

/// The resolved options under the command line's names ('-' as '_'); what the sampler does not use is left out, as
/// the command line refuses it.
Json job_json(const Result& result, const std::string& model_path, const std::string& points_path) {
  const Options& options = result.options;
  Json job;
  job["model"] = model_path;
  job["points"] = points_path;
  job["method"] = name_of(options.method);
  if (options.method == Method::ode) {
    add_flow_options(options, job);
  } else {
    add_sampling_options(options, job);
  }
  job["end"] = name_of(options.end);
  if (options.form == Form::denoising) job["start"] = name_of(options.start);
  job["paths"] = options.paths;
  job["target_se"] = number(options.target_se);
  job["seed"] = options.seed;
  job["backend"] = name_of(options.backend);
  job["arithmetic"] = name_of(options.arithmetic);
  job["threads"] = options.threads;
  return job;
}

/// What weights tell beside the estimate.
Json weights_json(const PathWeights& weights) {
  Json json;
  json["chain_log_density"] = number(weights.chain_log_density);
  json["chain_std_error"] = number(weights.chain_std_error);
  json["log_weight_variance"] = number(weights.log_weight_variance);
  json["pareto_k"] = number(weights.pareto_k);
  Json bounds = Json::array();
  for (const ImportanceBound& bound : weights.importance_bounds) {
    bounds.push_back(
        {{"weights", bound.weights}, {"bound", number(bound.value)}, {"std_error", number(bound.std_error)}});
  }
  json["importance_bounds"] = bounds;
  return json;
}

/// The terms of a bound as two arrays.
Json bound_json(const std::vector<BoundTerm>& terms) {
  Json json, value = Json::array(), error = Json::array();
  for (const BoundTerm& term : terms) {
    value.push_back(number(term.value));
    error.push_back(number(term.std_error));
  }
  json["value"] = value;
  json["std_error"] = error;
  return json;
}

Json levels_json(const std::vector<PathLevelResult>& levels) {
  Json json = Json::array();
  for (const PathLevelResult& level : levels) {
    json.push_back({{"steps", level.steps},
                    {"paths", level.paths},
                    {"value", number(level.value)},
                    {"std_error", number(level.std_error)},
                    {"evaluations_per_path", level.evaluations_per_path}});
  }
  return json;
}

Json point_json(const PointResult& point) {
  Json json;
  json["index"] = point.index;
  json["log_density"] = number(point.log_density);
  json["std_error"] = number(point.std_error);
  const Json lower = number(point.ci95_lower);
  const Json upper = number(point.ci95_upper);
  json["ci95"] = lower.is_null() || upper.is_null() ? Json(nullptr) : Json::array({lower, upper});
  json["paths"] = point.paths;
  json["score_evaluations"] = point.score_evaluations;
  if (point.solution_evaluations.has_value()) json["solution_evaluations"] = *point.solution_evaluations;
  json["effective_sample_size"] = number(point.effective_sample_size);
  json["discretization_error"] = number(point.discretization_error);
  json["truncation_error"] = number(point.truncation_error);
  json["arithmetic_error"] = number(point.arithmetic_error);
  json["independent_samples"] = point.independent_samples;
  json["path_variance"] = number(point.path_variance);
  json["finest_variance"] = number(point.finest_variance);
  json["largest_noise"] = number(point.largest_noise);
  if (!point.fitted_shares.empty()) json["fitted_shares"] = point.fitted_shares;
  if (point.end_term) json["end_term"] = number(point.end_term);
  if (!point.vlb_terms.empty()) json["vlb_terms"] = bound_json(point.vlb_terms);
  if (!point.levels.empty()) json["levels"] = levels_json(point.levels);
  if (point.weights) json["path_weights"] = weights_json(*point.weights);
  json["exact_log_density"] = number(point.exact_log_density);
  json["flags"] = flags_of(point);
  return json;
}

Json totals_json(const Totals& totals) {
  const double rate = totals.seconds > 0.0 ? static_cast<double>(totals.path_steps) / totals.seconds
                                           : std::numeric_limits<double>::quiet_NaN();
  Json json;
  json["points"] = totals.points;
  json["paths"] = totals.paths;
  json["score_evaluations"] = totals.score_evaluations;
  json["path_steps"] = totals.path_steps;
  json["seconds"] = number(totals.seconds);
  json["path_steps_per_second"] = number(rate);
  return json;
}

/// What says where a result comes from, in front of the numbers.
Json provenance(const Result& result) {
  Json json;
  json["version"] = version();
  json["command"] = "density";
  json["schedule"] = result.schedule;
  json["method"] = result.method;
  json["quantity"] = name_of(result.quantity);
  json["sampler"] = result.sampler;
  json["backend"] = result.backend;
  json["device"] = result.device;
  json["isa"] = result.isa;
  json["threads"] = result.threads;
  json["arithmetic"] = result.arithmetic;
  json["seed"] = result.options.seed;
  return json;
}

}  // namespace

std::vector<std::string> flags_of(const PointResult& point) {
  const auto is_unsound = [](const std::optional<double>& value) { return value && !std::isfinite(*value); };
  const std::optional<double> numbers[] = {
      point.log_density,           point.std_error,        point.ci95_lower,       point.ci95_upper,
      point.effective_sample_size, point.truncation_error, point.arithmetic_error, point.discretization_error,
      point.exact_log_density};
  std::vector<std::string> flags = point.flags;
  const bool is_flagged = std::find(flags.begin(), flags.end(), non_finite) != flags.end();
  if (!is_flagged && std::any_of(std::begin(numbers), std::end(numbers), is_unsound)) flags.emplace_back(non_finite);
  return flags;
}

std::string origin_json(const Result& result, const std::string& model_path, const std::string& points_path) {
  Json job = provenance(result);
  job.update(job_json(result, model_path, points_path));
  return dumped(job);
}

std::string to_json(const Result& result, const std::string& model_path, const std::string& points_path) {
  Json head = provenance(result);
  head["job"] = job_json(result, model_path, points_path);
  head["warnings"] = result.warnings;
  // One point a line: readable, and easy on line tools.
  std::string text = "{";
  for (const auto& [key, value] : head.items()) text += dumped(key) + ": " + dumped(value) + ",\n ";
  text += "\"points\": [";
  const char* separator = "\n  ";
  for (const PointResult& point : result.points) {
    text += separator + dumped(point_json(point));
    separator = ",\n  ";
  }
  text += "],\n \"totals\": " + dumped(totals_json(result.totals));
  text += ",\n \"stopped\": " + dumped(result.stopped) + ", \"out_of_memory\": " + dumped(result.out_of_memory) +
          ", \"device_failed\": " + dumped(result.device_failed) +
          ",\n \"target_missed\": " + dumped(result.target_missed);
  return text + "}\n";
}

}  // namespace scorepath
