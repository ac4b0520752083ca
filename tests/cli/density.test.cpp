// `scorepath density` as a user runs it: the table, the JSON, the files, and what repeats to the last bit.
#include <cmath>
#include <regex>
#include <set>

#include <nlohmann/json.hpp>

#include "tests/cli/cli_fixture.hpp"

namespace scorepath::testing {
namespace {

using nlohmann::json;

class Density : public CliTest {
 protected:
  json density_json(const std::vector<std::string>& more, const ProcessOptions& options = {}) const {
    std::vector<std::string> arguments = {"--json", "-", "--quiet"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const ProcessResult result = density(arguments, options);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(result.err, "");
    return json::parse(result.out);
  }
};

/// log N(x; (0.5, -0.25), 0.6 I) of the standard points, by hand.
std::vector<double> exact_of_standard_points() {
  const double norm = -std::log(2 * M_PI * 0.6);
  return {norm, norm - (0.25 + 0.5625) / 1.2, norm - (2.25 + 5.0625) / 1.2};
}

/// The estimator of a Gaussian under its own control variate is nearly exact, so the bound is wide on purpose: 6
/// standard errors and 1e-3 nat for everything else.
TEST_F(Density, GivesTheLogDensityOfAGaussian) {
  for (const char* sampler : {"slices", "paths"}) {
    const json result = density_json({"--sampler", sampler});
    const std::vector<double> exact = exact_of_standard_points();
    ASSERT_EQ(result["points"].size(), exact.size());
    for (std::size_t i = 0; i < exact.size(); ++i) {
      const json& point = result["points"][i];
      EXPECT_NEAR(point["log_density"], exact[i], 6 * point["std_error"].get<double>() + 1e-3) << sampler;
      EXPECT_NEAR(point["exact_log_density"], exact[i], 1e-9);
    }
  }
}

TEST_F(Density, JsonHasTheFixedKeys) {
  const json result = density_json({"--method", "density-formula", "--seed", "7"});
  for (const char* key : {"version", "command", "schedule", "method", "quantity", "sampler", "backend", "device", "isa",
                          "threads", "arithmetic", "seed", "job", "warnings", "points", "totals"})
    EXPECT_TRUE(result.contains(key)) << key;
  EXPECT_EQ(result["version"], "0.1.0");
  EXPECT_EQ(result["command"], "density");
  EXPECT_EQ(result["schedule"], "vp-linear");
  EXPECT_EQ(result["method"], "density-formula");
  EXPECT_EQ(result["quantity"], "log-density");
  EXPECT_EQ(result["backend"], "cpu");
  EXPECT_EQ(result["arithmetic"], "reproducible");
  EXPECT_EQ(result["seed"], 7);
  EXPECT_TRUE(result["job"].is_object());
  for (const json& point : result["points"]) {
    for (const char* key :
         {"index", "log_density", "std_error", "ci95", "paths", "score_evaluations", "effective_sample_size",
          "discretization_error", "truncation_error", "exact_log_density", "flags"})
      EXPECT_TRUE(point.contains(key)) << key;
    EXPECT_GE(point["paths"], 4096);
    EXPECT_EQ(point["flags"], json::array());
    EXPECT_LE(point["ci95"][0], point["log_density"]);
    EXPECT_GE(point["ci95"][1], point["log_density"]);
  }
  for (const char* key : {"points", "paths", "score_evaluations", "path_steps", "seconds", "path_steps_per_second"})
    EXPECT_TRUE(result["totals"].contains(key)) << key;
  EXPECT_EQ(result["totals"]["points"], 3);
}

TEST_F(Density, TableHasOneAlignedRowPerPointAndTotals) {
  const ProcessResult result = density({"--method", "density-formula"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const std::vector<std::string> rows = lines_of(result.out);
  ASSERT_EQ(rows.size(), 5u);
  EXPECT_TRUE(std::regex_match(rows[0], std::regex("index +log_density +std_error +95% interval +exact +z +flags")));
  const std::regex row(" *([0-9]+) +(-?[0-9.]+) +\\+- +([0-9.]+) +\\[-?[0-9.]+, -?[0-9.]+\\] +-?[0-9.]+ +\\S+ +-");
  std::set<std::size_t> decimal_points;
  for (int i = 0; i < 3; ++i) {
    std::smatch fields;
    const std::string& text = rows[static_cast<std::size_t>(i) + 1];
    ASSERT_TRUE(std::regex_match(text, fields, row)) << text;
    EXPECT_EQ(std::stoi(fields[1]), i);
    EXPECT_NEAR(std::stod(fields[2]), exact_of_standard_points()[static_cast<std::size_t>(i)],
                6 * std::stod(fields[3]) + 2e-3);
    decimal_points.insert(text.find('.'));
  }
  EXPECT_EQ(decimal_points.size(), 1u) << result.out;
  EXPECT_NE(rows[4].find("3 points"), std::string::npos);
  EXPECT_NE(result.err.find("density-formula"), std::string::npos) << "the heading names the method";
}

/// A point far out has a far larger error, so fewer decimals: the points of the column must meet all the same.
TEST_F(Density, TableAlignsErrorsOfDifferentSize) {
  folder_.write("model.toml", toml(plain_schedule,
                                   "kind = \"gaussian-mixture\"\nweights = [0.5, 0.5]\nmeans = [[-1.0, 0.0], [1.0, "
                                   "0.5]]\nvariances = [0.1, 0.3]"));
  folder_.write("points.npy", npy_doubles("(2, 2)", {0.9, 0.4, 300.0, -400.0}));
  const std::vector<std::string> rows = lines_of(density({"--quiet"}).out);
  ASSERT_EQ(rows.size(), 4u);
  // Where the log-density's decimal point stands, or would stand behind a whole number.
  const auto point_of = [](const std::string& row) {
    const std::size_t begin = row.find('-');
    return row.find_first_not_of("0123456789", begin + 1);
  };
  EXPECT_EQ(point_of(rows[1]), point_of(rows[2])) << rows[1] << '\n' << rows[2];
  EXPECT_EQ(rows[1].find("+-"), rows[2].find("+-")) << rows[1] << '\n' << rows[2];
}

TEST_F(Density, QuietLeavesTheDataAlone) {
  const ProcessResult quiet = density({"--quiet"});
  EXPECT_EQ(quiet.err, "");
  EXPECT_EQ(lines_of(quiet.out).size(), 5u);
}

TEST_F(Density, JsonFileHoldsWhatJsonOnStdoutHolds) {
  const ProcessResult to_file = density({"--json", "@result.json"});
  ASSERT_EQ(to_file.exit_code, 0) << to_file.err;
  EXPECT_EQ(to_file.out.rfind("index", 0), 0u) << "the table still goes to stdout";
  json from_file = json::parse(folder_.read("result.json"));
  json from_stdout = density_json({});
  for (json* result : {&from_file, &from_stdout}) (*result)["totals"].erase("seconds");
  for (json* result : {&from_file, &from_stdout}) (*result)["totals"].erase("path_steps_per_second");
  EXPECT_EQ(from_file, from_stdout);
}

TEST_F(Density, NpzHoldsTheNumbersOfTheJson) {
  const json result = density_json({"--out", "@result.npz"});
  const std::string archive = folder_.read("result.npz");
  EXPECT_EQ(archive.rfind("PK\x03\x04", 0), 0u);
  for (const char* name :
       {"log_density", "std_error", "ci95", "paths", "score_evaluations", "exact_log_density", "job"})
    EXPECT_NE(archive.find(std::string(name) + ".npy"), std::string::npos) << name;
  // The first member of that name, stored: its .npy header ends with a newline, then three doubles.
  const std::size_t member = archive.find("\x93NUMPY", archive.find("log_density.npy"));
  const std::size_t data = archive.find('\n', member) + 1;
  for (std::size_t i = 0; i < 3; ++i) {
    double value = 0;
    ASSERT_LE(data + 8 * (i + 1), archive.size());
    std::memcpy(&value, archive.data() + data + 8 * i, sizeof value);
    EXPECT_EQ(value, result["points"][i]["log_density"].get<double>());
  }
}

TEST_F(Density, NpzHoldsTheSamplesWhereAsked) {
  static_cast<void>(density_json({"--out", "@plain.npz", "--paths", "4096"}));
  static_cast<void>(density_json({"--out", "@all.npz", "--paths", "4096", "--keep-samples"}));
  EXPECT_EQ(folder_.read("plain.npz").find("samples.npy"), std::string::npos);
  const std::string all = folder_.read("all.npz");
  EXPECT_NE(all.find("samples.npy"), std::string::npos);
  EXPECT_NE(all.find("'shape': (3, 2048)"), std::string::npos) << "three points, 2048 pairs each";
}

TEST_F(Density, FlagWithEqualsSignIsTheSameFlag) {
  EXPECT_EQ(density_json({"--seed=3"})["points"], density_json({"--seed", "3"})["points"]);
  EXPECT_NE(density_json({"--seed=3"})["points"], density_json({"--seed=4"})["points"]);
}

TEST_F(Density, ThreadsAndInstructionSetsNeverChangeAResult) {
  for (const char* sampler : {"slices", "paths"}) {
    const json one = density_json({"--sampler", sampler, "--threads", "1"})["points"];
    EXPECT_EQ(one, density_json({"--sampler", sampler, "--threads", "2"})["points"]);
    ProcessOptions baseline;
    baseline.environment["SCOREPATH_ISA"] = "baseline";
    const json slow = density_json({"--sampler", sampler}, baseline);
    EXPECT_EQ(slow["isa"], "baseline");
    EXPECT_EQ(one, slow["points"]);
  }
}

TEST_F(Density, APointDoesNotDependOnItsNeighbours) {
  json among_others = density_json({})["points"][1];
  folder_.write("points.npy", npy_doubles("(1, 2)", {1.0, 0.5}));
  json alone = density_json({})["points"][0];
  for (json* point : {&among_others, &alone}) point->erase("index");
  EXPECT_EQ(alone, among_others);
}

TEST_F(Density, EveryChoiceOfEveryFlagRuns) {
  const std::vector<std::vector<std::string>> choices = {{"--method", "auto"},
                                                         {"--method", "density-formula"},
                                                         {"--time-law", "log-snr"},
                                                         {"--time-law", "importance"},
                                                         {"--time-law", "debiased"},
                                                         {"--time-law", "uniform"},
                                                         {"--time-points", "plain"},
                                                         {"--time-points", "sobol"},
                                                         {"--time-points", "stratified"},
                                                         {"--antithetic", "off"},
                                                         {"--control-variate", "none"},
                                                         {"--end", "exact"},
                                                         {"--end", "prior"},
                                                         {"--backend", "cpu"},
                                                         {"--arithmetic", "reproducible"},
                                                         {"--target-se", "0.5"},
                                                         {"--sampler", "paths", "--transition", "exact"},
                                                         {"--sampler", "paths", "--transition", "euler-maruyama"},
                                                         {"--sampler", "paths", "--grid", "stationary"},
                                                         {"--sampler", "paths", "--grid", "adaptive"},
                                                         {"--sampler", "paths", "--grid", "log-snr"},
                                                         {"--sampler", "paths", "--grid", "uniform-t"},
                                                         {"--sampler", "paths", "--grid", "tapered"},
                                                         {"--sampler", "paths", "--steps", "64"},
                                                         {"--method", "path-weights"},
                                                         {"--method", "path-weights", "--end", "prior"},
                                                         {"--form", "extrapolated", "--grid", "stationary"},
                                                         {"--form", "chain", "--grid", "adaptive"},
                                                         {"--method", "path-weights", "--form", "chain"},
                                                         {"--method", "elbo"},
                                                         {"--method", "elbo", "--lambda", "0"},
                                                         {"--form", "denoising", "--sampler", "paths"},
                                                         {"--method", "elbo", "--form", "implicit"},
                                                         {"--method", "ddpm"},
                                                         {"--method", "ddpm", "--form", "vlb"},
                                                         {"--method", "ddpm", "--form", "li-yan"},
                                                         {"--method", "ddpm", "--form", "li-yan-corrected"}};
  for (const std::vector<std::string>& choice : choices) {
    std::vector<std::string> arguments = {"--json", "-", "--quiet"};
    arguments.insert(arguments.end(), choice.begin(), choice.end());
    const ProcessResult result = density(arguments);
    // A choice may be a poor one for this model and raise a flag; it must run.
    EXPECT_TRUE(result.exit_code == 0 || result.exit_code == 6) << choice[0] << ' ' << choice.back() << result.err;
    ASSERT_FALSE(result.out.empty());
    const json job = json::parse(result.out)["job"];
    std::string key = choice[choice.size() - 2].substr(2);
    std::replace(key.begin(), key.end(), '-', '_');
    if (choice.back() == "auto" || !job.contains(key) || !job[key].is_string()) continue;
    EXPECT_EQ(job[key], choice.back()) << key;
  }
}

TEST_F(Density, PathWeightsTellOfThemselves) {
  const ProcessResult result = density({"--method", "path-weights", "--json", "-", "--quiet", "--paths", "512"});
  ASSERT_EQ(result.exit_code & ~6, 0) << result.err;
  const json whole = json::parse(result.out);
  EXPECT_EQ(whole["quantity"], "log-density");
  EXPECT_EQ(whole["job"]["form"], "extrapolated");
  EXPECT_EQ(whole["job"]["grid"], "adaptive");
  EXPECT_EQ(whole["job"]["antithetic"], "off");
  EXPECT_FALSE(whole["job"].contains("sampler"));
  for (const json& point : whole["points"]) {
    const json& weights = point["path_weights"];
    EXPECT_NEAR(weights["chain_log_density"].get<double>(), point["log_density"].get<double>(), 1.0);
    EXPECT_GT(point["effective_sample_size"].get<double>(), 16.0);
    EXPECT_EQ(weights["importance_bounds"][0]["weights"], 1);
    EXPECT_LE(weights["importance_bounds"][0]["bound"].get<double>(),
              weights["chain_log_density"].get<double>() + weights["chain_std_error"].get<double>());
  }
  const json chain = json::parse(
      density({"--method", "path-weights", "--form", "chain", "--json", "-", "--quiet", "--paths", "512"}).out);
  EXPECT_EQ(chain["quantity"], "chain-likelihood");
  for (std::size_t i = 0; i < chain["points"].size(); ++i) {
    EXPECT_EQ(chain["points"][i]["log_density"], whole["points"][i]["path_weights"]["chain_log_density"]);
    EXPECT_EQ(chain["points"][i]["discretization_error"], 0.0);
  }
}

TEST_F(Density, ForceReplacesOutputs) {
  folder_.write("result.json", "old");
  ASSERT_EQ(density({"--json", "@result.json", "--force"}).exit_code, 0);
  EXPECT_TRUE(json::parse(folder_.read("result.json")).is_object());
}

TEST_F(Density, OdeSaysItsJobAndHasNoErrorBarWithTheExactDivergence) {
  const json result = density_json({"--method", "ode", "--paths", "77", "--atol", "1e-6"});
  EXPECT_EQ(result["method"], "ode");
  EXPECT_EQ(result["quantity"], "log-density");
  EXPECT_EQ(result["backend"], "cpu");
  EXPECT_EQ(result["job"]["divergence"], "exact");
  EXPECT_EQ(result["job"]["atol"], 1e-6);
  EXPECT_EQ(result["job"]["rtol"], 1e-6);
  EXPECT_FALSE(result["job"].contains("probes"));
  for (const json& point : result["points"]) {
    EXPECT_EQ(point["paths"], 0);
    EXPECT_EQ(point["std_error"], 0.0);
    EXPECT_EQ(point["ci95"], json::array({point["log_density"], point["log_density"]}));
    EXPECT_NEAR(point["log_density"].get<double>(), point["exact_log_density"].get<double>(), 1e-5);
    EXPECT_LT(point["solution_evaluations"], point["score_evaluations"]);
  }
}

TEST_F(Density, OdeByProbesHasOne) {
  const json result =
      density_json({"--method", "ode", "--divergence", "hutchinson", "--probe-plan", "fresh", "--paths", "16"});
  EXPECT_EQ(result["job"]["probe_plan"], "fresh");
  EXPECT_EQ(result["job"]["probes"], 1);
  EXPECT_EQ(result["job"]["steps"], 128);
  for (const json& point : result["points"]) EXPECT_EQ(point["paths"], 16);
}

TEST_F(Density, OdeFromThePriorIsAFlowLikelihood) {
  const ProcessResult result = density({"--json", "-", "--quiet", "--method", "ode", "--end", "prior"});
  EXPECT_EQ(result.exit_code, 6);  // the prior is off by more than the tolerance
  EXPECT_EQ(json::parse(result.out)["quantity"], "flow-likelihood");
}

}  // namespace
}  // namespace scorepath::testing
