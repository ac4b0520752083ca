// Model file to problem: keys and shapes are checked here, with their lines; values by validate().
#include "host/model_file.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <scorepath/files.hpp>

#include "host/check.hpp"
#include "host/input_file.hpp"
#include "host/model_arrays.hpp"
#include "host/nearest_key.hpp"
#include "host/network_file.hpp"
#include "host/quoted.hpp"

namespace scorepath {
namespace {

constexpr std::uint64_t largest_model_file = std::uint64_t{4} << 20U;

// ---- schedule -------------------------------------------------------------------------------------------

Ddpm read_ddpm(const ModelTable& source) {
  const ConfigTable& table = source.table;
  if (table.has("betas")) {
    for (const std::string_view key : {"steps", "beta_start", "beta_end"}) {
      if (table.has(key)) table.refuse(key, "excludes schedule.betas (the table is given twice) remove one of them");
    }
    return {read_vector(source, "betas", "[T]")};
  }
  const std::int64_t steps = table.has("steps") ? table.integer("steps") : 1000;
  if (steps < 1 || steps > static_cast<std::int64_t>(most_ddpm_steps)) {
    table.refuse("steps", fmt::format("is {} (a table has 1 to {} steps) correct it", steps, most_ddpm_steps));
  }
  const double first = table.number_or("beta_start", 1e-4);
  const double last = table.number_or("beta_end", 0.02);
  for (const auto& [key, beta] : {std::pair{"beta_start", first}, std::pair{"beta_end", last}}) {
    if (beta <= 0.0 || beta >= 1.0) table.refuse(key, fmt::format("is {} (a beta lies in (0, 1)) correct it", beta));
  }
  return ddpm_linear(static_cast<std::size_t>(steps), first, last);
}

template <class BetaRange>
BetaRange read_betas(const ConfigTable& table) {
  const BetaRange usual;
  return {table.number_or("beta_min", usual.beta_min), table.number_or("beta_max", usual.beta_max)};
}

template <class SigmaRange>
SigmaRange read_sigmas(const ConfigTable& table) {
  const SigmaRange usual;
  return {table.number_or("sigma_min", usual.sigma_min), table.number_or("sigma_max", usual.sigma_max)};
}

/// Refuses keys that the schedule's kind does not have; t_min and t_max belong to every kind.
void allow(const ConfigTable& table, const std::string& kind, std::vector<std::string_view> own) {
  own.insert(own.begin(), {"kind", "t_min", "t_max"});
  table.allow_only(own, fmt::format("kind '{}'", kind));
}

ScheduleKind read_schedule_kind(const ModelTable& source) {
  const ConfigTable& table = source.table;
  const std::string kind = table.text("kind");
  if (kind == "vp-linear" || kind == "sub-vp") {
    allow(table, kind, {"beta_min", "beta_max"});
    if (kind == "sub-vp") return read_betas<SubVp>(table);
    return read_betas<VpLinear>(table);
  }
  if (kind == "vp-cosine") {
    allow(table, kind, {"offset"});
    return VpCosine{table.number_or("offset", VpCosine{}.offset)};
  }
  if (kind == "ve" || kind == "edm") {
    allow(table, kind, {"sigma_min", "sigma_max"});
    if (kind == "ve") return read_sigmas<Ve>(table);
    return read_sigmas<Edm>(table);
  }
  if (kind == "ddpm") {
    allow(table, kind, {"betas", "steps", "beta_start", "beta_end"});
    return read_ddpm(source);
  }
  constexpr std::string_view kinds[] = {"vp-linear", "vp-cosine", "sub-vp", "ve",
                                        "edm",       "ddpm",      "li-yan", "flow-matching"};
  if (kind != "li-yan" && kind != "flow-matching") {
    table.refuse("kind", fmt::format("is '{}' (no such schedule) {}", printable(kind), suggestion(kind, kinds)));
  }
  allow(table, kind, {});
  if (kind == "li-yan") return LiYan{};
  return FlowMatching{};
}

// ---- score ----------------------------------------------------------------------------------------------

[[noreturn]] void not_built_yet(const ConfigTable& table, std::string_view key, const std::string& what) {
  table.refuse(key, fmt::format("asks for {} (known to the file format, but not built yet) use kind gaussian, "
                                "gaussian-mixture, data-set or network",
                                what));
}

Gaussian read_gaussian(const ModelTable& source) {
  source.table.allow_only({"kind", "mean", "variance"}, "kind 'gaussian'");
  Gaussian score;
  score.mean = read_vector(source, "mean", "[dim]");
  score.variance = read_number_or_vector(source, "variance", "a number or [dim]");
  return score;
}

GaussianMixture read_mixture(const ModelTable& source) {
  source.table.allow_only({"kind", "weights", "means", "variances", "covariances", "factors"},
                          "kind 'gaussian-mixture'");
  GaussianMixture score;
  score.weights = read_vector(source, "weights", "[K]");
  score.means = read_matrix(source, "means", "[K x dim]");
  const bool correlated = source.table.has("covariances");
  if (correlated)
    score.covariances = read_blocks(source, "covariances", "[K x dim x dim]", score.means, score.means.columns);
  for (const std::string_view key : {"variances", "factors"}) {
    if (correlated && source.table.has(key))
      source.table.refuse(key, "excludes score.covariances (the covariances are given twice) remove one of them");
  }
  if (!correlated) score.variances = read_matrix(source, "variances", "[K] or [K x dim]");
  if (source.table.has("factors")) score.factors = read_blocks(source, "factors", "[K x dim x rank]", score.means);
  return score;
}

DataSet read_data_set(const ModelTable& source) {
  source.table.allow_only({"kind", "data", "bandwidth", "weights"}, "kind 'data-set'");
  DataSet score;
  score.data = read_matrix(source, "data", "[n x dim]");
  score.bandwidth = source.table.number("bandwidth");
  if (source.table.has("weights")) score.weights = read_vector(source, "weights", "[n]");
  return score;
}

Score read_score(const ModelTable& source) {
  const std::string kind = source.table.text("kind");
  if (kind == "gaussian") return read_gaussian(source);
  if (kind == "gaussian-mixture") return read_mixture(source);
  if (kind == "data-set") return read_data_set(source);
  if (kind == "network") return read_network(source);
  if (kind == "user") not_built_yet(source.table, "kind", "'" + kind + "'");
  constexpr std::string_view kinds[] = {"gaussian", "gaussian-mixture", "data-set", "network"};
  source.table.refuse("kind", fmt::format("is '{}' (no such score) {}", printable(kind), suggestion(kind, kinds)));
}

void normalise(std::vector<double>& weights) {
  double sum = 0.0;
  for (const double w : weights) sum += w;
  for (double& w : weights) w /= sum;
}

}  // namespace

Problem parse_problem(std::string_view text, const std::string& name, const std::string& folder,
                      std::vector<std::string>* arrays) {
  const ConfigNode tree = parse_toml(text, name);
  const ConfigTable file(name, "", tree);
  file.allow_only({"schedule", "score"});
  const ModelTable schedule{file.table("schedule"), folder, arrays};
  const ModelTable score{file.table("score"), folder, arrays};
  Problem problem;
  problem.schedule.kind = read_schedule_kind(schedule);
  problem.schedule.t_min = schedule.table.optional_number("t_min");
  problem.schedule.t_max = schedule.table.optional_number("t_max");
  problem.score = read_score(score);
  try {
    validate(problem);
  } catch (const Error& error) {
    throw Error(error.kind(), fmt::format("{}: {}", name, error.what()));
  }
  if (auto* mixture = std::get_if<GaussianMixture>(&problem.score)) normalise(mixture->weights);
  if (auto* data = std::get_if<DataSet>(&problem.score)) normalise(data->weights);
  return problem;
}

Problem load_problem(const std::string& path, std::vector<std::string>* arrays) {
  const std::string name = scorepath::quoted(path);
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "" : path.substr(0, std::max<std::size_t>(slash, 1));
  return parse_problem(read_input_file(path, name, "a model file", largest_model_file), name, folder, arrays);
}

}  // namespace scorepath
