// `scorepath sample`: samples in files, their summary, and what is refused.
#include <nlohmann/json.hpp>

#include "tests/cli/bad_run.hpp"
#include "tests/support/numpy.hpp"

namespace scorepath::testing {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

class Sample : public CliTest {
 protected:
  ProcessResult sample(std::vector<std::string> more, const ProcessOptions& options = {}) const {
    std::vector<std::string> arguments = {"sample", "--model=@model.toml", "--steps", "64"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run(arguments, options);
  }
};

TEST_F(Sample, WritesWhatItDrewAndSaysWhatItIs) {
  const ProcessResult result = sample({"--count", "3000", "--log-density", "--trajectories", "5", "--out=@s.npz"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("coordinate"));
  EXPECT_THAT(result.out, HasSubstr("mean log-density"));
  EXPECT_THAT(result.out, HasSubstr("against the exact values"));
  EXPECT_THAT(result.out, HasSubstr("3000 samples, 6.07e5 score evaluations"));
  if (numpy_python().empty()) GTEST_SKIP() << numpy_absent;
  EXPECT_EQ(run_numpy(folder_.path(),
                      "import json\n"
                      "f = np.load(\"s.npz\")\n"
                      "print(sorted(f.files))\n"
                      "t = len(f[\"times\"])\n"
                      "print(f[\"samples\"].shape, f[\"log_density\"].shape, f[\"trajectories\"].shape == (5, t, 2))\n"
                      "print((f[\"trajectories\"][:, -1] == f[\"samples\"][:5]).all(), f[\"times\"][-1])\n"
                      "z = (f[\"log_density\"] - f[\"exact_log_density\"]) / f[\"std_error\"]\n"
                      "print(abs(z).max() < 7, abs(f[\"samples\"].mean(0) - [0.5, -0.25]).max() < 0.1)\n"
                      "job = json.loads(str(f[\"job\"]))\n"
                      "print(job[\"sampler\"], job[\"lambda\"], job[\"steps\"], job[\"grid\"])\n"),
            "['exact_log_density', 'job', 'log_density', 'samples', 'std_error', 'times', 'trajectories']\n"
            "(3000, 2) (3000,) True\nTrue 0.0\nTrue True\nsecond-order 0.0 64 tapered\n");
}

TEST_F(Sample, JsonIsTheSummary) {
  const ProcessResult result = sample({"--count", "1000", "--log-density", "--lambda", "0.5", "--json", "-"});
  const json whole = json::parse(result.out);
  EXPECT_EQ(whole["command"], "sample");
  EXPECT_EQ(whole["count"], 1000);
  EXPECT_EQ(whole["lambda"], 0.5);
  EXPECT_EQ(whole["quantity"], "log-density");
  EXPECT_EQ(whole["score_evaluations"], 192'000);
  ASSERT_EQ(whole["mean"].size(), 2u);
  EXPECT_NEAR(whole["mean"][0], 0.5, 0.2);
  EXPECT_EQ(whole["non_finite"], 0);
  EXPECT_EQ(whole["stopped"], false);
}

TEST_F(Sample, IsTheSameAgainAndAnotherWithAnotherSeed) {
  for (const char* name : {"@a.npz", "@b.npz", "@c.npz"}) {
    const bool other = std::string(name) == "@c.npz";
    ASSERT_EQ(sample({"--count", "100", "--out", name, "--seed", other ? "1" : "0"}).exit_code, 0);
  }
  EXPECT_EQ(folder_.read("a.npz"), folder_.read("b.npz"));
  EXPECT_NE(folder_.read("a.npz"), folder_.read("c.npz"));
}

TEST_F(Sample, EverySamplerRuns) {
  for (const char* sampler :
       {"exponential", "euler-maruyama", "ancestral", "second-order", "ddim", "predictor-corrector"}) {
    const ProcessResult result = sample({"--count", "200", "--sampler", sampler, "--json", "-"});
    ASSERT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(json::parse(result.out)["sampler"], sampler);
  }
}

TEST_F(Sample, PathsThatReachInfinityAreFlagged) {
  const ProcessResult result =
      sample({"--count", "100", "--sampler", "euler-maruyama", "--lambda", "-1000", "--out=@s.npz"});
  EXPECT_EQ(result.exit_code, 6) << result.err;
  EXPECT_THAT(result.err, HasSubstr("reached infinity"));
  EXPECT_TRUE(std::filesystem::exists(folder_.file("s.npz")));
}

TEST_F(Sample, DrawsWhereGnuplotIs) {
  const ProcessResult result =
      sample({"--count", "500", "--trajectories", "10", "--plot=@s.svg", "--quiet", "--progress", "off"});
  if (result.exit_code == 5) {
    EXPECT_THAT(result.err, HasSubstr("gnuplot not found"));
    return;
  }
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(folder_.read("s.svg"), HasSubstr("coordinate 0 of X_t"));
  EXPECT_THAT(folder_.read("s.svg"), HasSubstr("exact density"));
}

BadRun bad(const std::string& name, std::vector<std::string> more, std::vector<std::string> fragments,
           int exit_code = 2) {
  std::vector<std::string> arguments = {"sample", "--model", "@model.toml"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return {name, arguments, {}, exit_code, fragments};
}

using BadSample = BadRunTest;
TEST_P(BadSample, IsRefusedInOneLineAndNothingIsWritten) { check(GetParam()); }

INSTANTIATE_TEST_SUITE_P(
    Flags, BadSample,
    ::testing::Values(
        BadRun{"NoModel", {"sample", "--count", "5"}, {}, 2, {"--model is missing"}},
        bad("NoCount", {}, {"--count is missing"}), bad("CountZero", {"--count", "0"}, {"count is 0"}),
        bad("UnknownSampler", {"--count", "5", "--sampler", "ancestrl"}, {"unknown value", "ancestral"}),
        bad("LambdaAboveOne", {"--count", "5", "--lambda", "1.1"}, {"lambda is 1.1"}),
        bad("LambdaOfDdim", {"--count", "5", "--sampler", "ddim", "--lambda", "0"}, {"ddim", "ancestral"}),
        bad("StepsZero", {"--count", "5", "--steps", "0"}, {"steps is 0"}),
        bad("CorrectorOfOthers", {"--count", "5", "--corrector-steps", "2"},
            {"--corrector-steps", "predictor-corrector"}),
        bad("Adaptive", {"--count", "5", "--grid", "adaptive"}, {"adaptive"}),
        bad("TrajectoriesNowhere", {"--count", "5", "--trajectories", "2"}, {"--trajectories without --out"}),
        bad("TimesAlone", {"--count", "5", "--times", "0.5"}, {"times without trajectories"}),
        bad("TimesNoNumber", {"--count", "5", "--trajectories", "1", "--out", "@o.npz", "--times", "0.5,,1"},
            {"--times"}),
        bad("OutOnStdout", {"--count", "5", "--out", "-"}, {"--out -"}),
        bad("OutIsTheModel", {"--count", "5", "--out", "@model.toml", "--force"}, {"--model and --out name one file"}),
        bad("OutExists", {"--count", "5", "--out", "@points.npy"}, {"points.npy"}, 4),
        bad("PictureOfNoKind", {"--count", "5", "--plot", "@p.gif"}, {"--plot"}),
        bad("NoSuchModel", {"--count", "5", "--model", "@nothing.toml"}, {"--model given 2 times"}),
        bad("NoCuda", {"--count", "5", "--backend", "cuda"}, {"--backend cuda"}, 5),
        bad("TooMany", {"--count", "1000000000000"}, {"memory ran out"}, 5)),
    name_of_case);

}  // namespace
}  // namespace scorepath::testing
