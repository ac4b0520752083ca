// The result as JSON (parsed by another library) and as .npz (read by numpy).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include <scorepath/files.hpp>

#include "tests/support/expect_error.hpp"
#include "tests/support/numpy.hpp"
#include "tests/support/temporary_folder.hpp"

namespace scorepath::testing {
namespace {

using Json = nlohmann::ordered_json;

PointResult point_of(std::uint64_t index, double value) {
  PointResult point;
  point.index = index;
  point.log_density = value;
  point.std_error = 0.1;
  point.ci95_lower = value - 0.2;
  point.ci95_upper = value + 0.2;
  point.paths = 4096;
  point.score_evaluations = 262144;
  point.discretization_error = 1.0 / 3.0;
  point.truncation_error = 0.0;
  point.arithmetic_error = 1e-300;
  point.exact_log_density = value + 0.05;
  point.independent_samples = 64;
  return point;
}

Result sample_result() {
  Result result;
  result.schedule = "vp-linear";
  result.method = "density-formula";
  result.sampler = "slices";
  result.backend = "cpu";
  result.device = "a \"processor\"\n";
  result.isa = "avx2";
  result.arithmetic = "reproducible";
  result.threads = 2;
  result.options.method = Method::density_formula;
  result.options.backend = Backend::cpu;
  result.options.seed = UINT64_MAX;
  result.options.threads = 2;
  result.warnings = {"a warning"};
  result.points = {point_of(0, -5.923000000000001), point_of(1, 0.1)};
  result.totals = {2, 8192, 524288, 524288, 0.25};
  return result;
}

std::vector<std::string> keys_of(const Json& json) {
  std::vector<std::string> keys;
  for (const auto& item : json.items()) keys.push_back(item.key());
  return keys;
}

Json parsed(const Result& result) { return Json::parse(to_json(result, "model.toml", "points.npy")); }

TEST(ReportJson, HasTheKeysInOrder) {
  const Json json = parsed(sample_result());
  EXPECT_THAT(keys_of(json),
              ::testing::ElementsAre("version", "command", "schedule", "method", "quantity", "sampler", "backend",
                                     "device", "isa", "threads", "arithmetic", "seed", "job", "warnings", "points",
                                     "totals", "stopped", "out_of_memory", "device_failed", "target_missed"));
  EXPECT_THAT(keys_of(json["points"][0]),
              ::testing::ElementsAre("index", "log_density", "std_error", "ci95", "paths", "score_evaluations",
                                     "effective_sample_size", "discretization_error", "truncation_error",
                                     "arithmetic_error", "independent_samples", "path_variance", "finest_variance",
                                     "largest_noise", "exact_log_density", "flags"));
  EXPECT_THAT(keys_of(json["totals"]), ::testing::ElementsAre("points", "paths", "score_evaluations", "path_steps",
                                                              "seconds", "path_steps_per_second"));
}

TEST(ReportJson, ValuesRoundTrip) {
  const Result result = sample_result();
  const Json json = parsed(result);
  EXPECT_EQ(json["version"], version());
  EXPECT_EQ(json["command"], "density");
  EXPECT_EQ(json["quantity"], "log-density");
  EXPECT_EQ(json["device"], "a \"processor\"\n");
  EXPECT_EQ(json["seed"].get<std::uint64_t>(), UINT64_MAX);
  EXPECT_EQ(json["warnings"], Json::array({"a warning"}));
  ASSERT_EQ(json["points"].size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    const Json& point = json["points"][i];
    const PointResult& given = result.points[i];
    EXPECT_EQ(point["index"], i);
    EXPECT_EQ(point["log_density"].get<double>(), *given.log_density);
    EXPECT_EQ(point["std_error"].get<double>(), 0.1);
    EXPECT_EQ(point["ci95"].size(), 2U);
    EXPECT_EQ(point["ci95"][0].get<double>(), *given.ci95_lower);
    EXPECT_EQ(point["ci95"][1].get<double>(), *given.ci95_upper);
    EXPECT_EQ(point["paths"], 4096);
    EXPECT_EQ(point["score_evaluations"], 262144);
    EXPECT_TRUE(point["effective_sample_size"].is_null());
    EXPECT_EQ(point["discretization_error"].get<double>(), 1.0 / 3.0);
    EXPECT_EQ(point["truncation_error"].get<double>(), 0.0);
    EXPECT_EQ(point["arithmetic_error"].get<double>(), 1e-300);
    EXPECT_EQ(point["independent_samples"], 64);
    EXPECT_EQ(point["exact_log_density"].get<double>(), *given.exact_log_density);
    EXPECT_EQ(point["flags"], Json::array());
  }
  EXPECT_EQ(json["totals"]["path_steps"], 524288);
  EXPECT_EQ(json["totals"]["path_steps_per_second"].get<double>(), 2097152.0);
  EXPECT_EQ(json["stopped"], false);
}

TEST(ReportJson, NumbersAreShort) {
  const std::string text = to_json(sample_result(), "m", "p");
  EXPECT_THAT(text, ::testing::HasSubstr("\"log_density\":-5.923000000000001,\"std_error\":0.1,"));
}

TEST(ReportJson, JobHoldsTheOptionsThatTheSamplerUses) {
  Result result = sample_result();
  result.options.target_se = 0.01;
  const Json slices = parsed(result)["job"];
  EXPECT_THAT(keys_of(slices), ::testing::ElementsAre("model", "points", "method", "sampler", "time_law", "time_points",
                                                      "antithetic", "cancellation", "control_variate", "end", "paths",
                                                      "target_se", "seed", "backend", "arithmetic", "threads"));
  EXPECT_EQ(slices["model"], "model.toml");
  EXPECT_EQ(slices["points"], "points.npy");
  EXPECT_EQ(slices["time_law"], "log-snr");
  EXPECT_EQ(slices["target_se"], 0.01);
  result.options.time_law = TimeLaw::debiased;
  const Json debiased = parsed(result)["job"];
  EXPECT_EQ(debiased["log_snr_share"], 0.25);
  EXPECT_EQ(debiased["debiased_cut_off"], 0.001);
  result.options.sampler = Sampler::paths;
  result.options.grid = Grid::stationary;
  result.options.target_se = {};
  const Json paths = parsed(result)["job"];
  EXPECT_EQ(paths["transition"], "exact");
  EXPECT_EQ(paths["grid"], "stationary");
  EXPECT_EQ(paths["steps"], 128);
  EXPECT_TRUE(paths["target_se"].is_null());
  EXPECT_FALSE(paths.contains("time_law"));
}

TEST(ReportJson, NonFiniteNumbersAreNullAndFlagged) {
  Result result = sample_result();
  result.points[0].log_density = std::nan("");
  result.points[0].flags = {"heavy-tail"};
  result.points[1].ci95_upper = HUGE_VAL;
  result.points[1].flags = {"non-finite-path"};
  result.totals.seconds = 0.0;
  const Json json = parsed(result);
  EXPECT_TRUE(json["points"][0]["log_density"].is_null());
  EXPECT_EQ(json["points"][0]["flags"], Json::array({"heavy-tail", "non-finite-path"}));
  EXPECT_TRUE(json["points"][1]["ci95"].is_null());
  EXPECT_EQ(json["points"][1]["flags"], Json::array({"non-finite-path"}));
  EXPECT_TRUE(json["totals"]["path_steps_per_second"].is_null());
}

TEST(ReportJson, AbsentNumbersAreNullWithoutAFlag) {
  Result result = sample_result();
  result.points.resize(1);
  result.points[0].std_error = {};
  result.points[0].ci95_lower = {};
  const Json point = parsed(result)["points"][0];
  EXPECT_TRUE(point["std_error"].is_null());
  EXPECT_TRUE(point["ci95"].is_null());
  EXPECT_EQ(point["flags"], Json::array());
}

TEST(ReportJson, NoPointsAndTextThatIsNoUtf8) {
  Result result = sample_result();
  result.points.clear();
  const Json json = Json::parse(to_json(result, "m\xff.toml", "p.npy"));
  EXPECT_EQ(json["points"], Json::array());
  EXPECT_EQ(json["job"]["model"], "m\xef\xbf\xbd.toml");
}

constexpr const char* print_archive =
    "import json\n"
    "a = np.load(\"r.npz\")\n"
    "print(a.files)\n"
    "for k in a.files:\n"
    "  if k != \"job\": print(k, a[k].dtype, a[k].tolist())\n"
    "j = json.loads(a[\"job\"].item())\n"
    "print(a[\"job\"].shape, j[\"version\"], j[\"seed\"], j[\"backend\"], j[\"arithmetic\"], j[\"time_law\"], "
    "j[\"model\"])\n";

TEST(ReportNpz, NumpyReadsEveryArray) {
  if (numpy_python().empty()) GTEST_SKIP() << numpy_absent;
  const TemporaryFolder folder;
  write_npz(folder.file("r.npz"), sample_result(), "model \xc3\xa9.toml", "points.npy");
  EXPECT_EQ(
      run_numpy(folder.path(), "import sys\nsys.stdout.reconfigure(encoding=\"utf-8\")\n" + std::string(print_archive)),
      "['log_density', 'std_error', 'ci95', 'paths', 'score_evaluations', 'exact_log_density', 'flags', 'job']\n"
      "log_density float64 [-5.923000000000001, 0.1]\n"
      "std_error float64 [0.1, 0.1]\n"
      "ci95 float64 [[-6.123000000000001, -5.723000000000001], [-0.1, 0.30000000000000004]]\n"
      "paths int64 [4096, 4096]\n"
      "score_evaluations int64 [262144, 262144]\n"
      "exact_log_density float64 [-5.873000000000001, 0.15000000000000002]\n"
      "flags <U1 ['', '']\n"
      "() " +
          version() + " 18446744073709551615 cpu reproducible log-snr model \xc3\xa9.toml\n");
}

TEST(ReportNpz, AbsentNumbersAreNan) {
  if (numpy_python().empty()) GTEST_SKIP() << numpy_absent;
  const TemporaryFolder folder;
  Result result = sample_result();
  result.points[0].log_density = HUGE_VAL;
  result.points[0].ci95_lower = {};
  result.points[1].exact_log_density = {};
  result.points[1].flags = {"heavy-tail", "small-sample"};
  result.points[1].samples = {1.5, 2.5};
  result.options.keep_samples = true;
  write_npz(folder.file("r.npz"), result, "m", "p");
  EXPECT_EQ(run_numpy(folder.path(),
                      "a = np.load(\"r.npz\")\n"
                      "print(\"exact_log_density\" in a.files, a[\"log_density\"].tolist(), a[\"ci95\"][0, 0])\n"
                      "print(a[\"flags\"].tolist(), a[\"samples\"].tolist())\n"),
            "False [nan, 0.1] nan\n"
            "['non-finite-path', 'heavy-tail,small-sample'] [[nan, nan], [1.5, 2.5]]\n");
}

/// Whoever asked for samples finds the array, be it without a column.
TEST(ReportNpz, SamplesThatAreNotThereAreAnEmptyArray) {
  if (numpy_python().empty()) GTEST_SKIP() << numpy_absent;
  const TemporaryFolder folder;
  Result result = sample_result();
  result.options.keep_samples = true;
  write_npz(folder.file("r.npz"), result, "m", "p");
  EXPECT_EQ(run_numpy(folder.path(),
                      "a = np.load(\"r.npz\")\n"
                      "print(a[\"samples\"].shape, a[\"independent_samples\"].tolist())\n"),
            "(2, 0) [64, 64]\n");
}

TEST(ReportNpz, NothingIsOverwrittenUnasked) {
  const TemporaryFolder folder;
  const std::string path = folder.write("r.npz", "precious");
  expect_error(ErrorKind::output, {path, "exists already", "--force"},
               [&] { write_npz(path, sample_result(), "m", "p"); });
  EXPECT_EQ(folder.read("r.npz"), "precious");
  write_npz(path, sample_result(), "m", "p", Overwrite::yes);
  EXPECT_EQ(folder.read("r.npz").substr(0, 2), "PK");
  EXPECT_EQ(folder.entries(), 1U);
}

}  // namespace
}  // namespace scorepath::testing
