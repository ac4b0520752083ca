// `scorepath compare`: methods side by side, at one precision or one budget.
#include <nlohmann/json.hpp>

#include "tests/cli/bad_run.hpp"

namespace scorepath::testing {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

class Compare : public CliTest {
 protected:
  ProcessResult compare(std::vector<std::string> more) const {
    std::vector<std::string> arguments = {"compare", "--model=@model.toml", "--points=@points.npy"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run(arguments);
  }
};

TEST_F(Compare, GivesEveryMethodARowAndEveryPointARow) {
  const ProcessResult result = compare(
      {"--methods", "pathwise:ray,density-formula,path-weights:chain,elbo:implicit,ddpm:vlb", "--budget", "4096"});
  ASSERT_TRUE(result.exit_code == 0 || result.exit_code == 6) << result.err;
  const std::vector<std::string> lines = lines_of(result.out);
  ASSERT_EQ(lines.size(), 1u + 5u + 1u + 1u + 1u + 3u) << result.out;
  EXPECT_THAT(lines[0], HasSubstr("worst std_error"));
  EXPECT_THAT(lines[3], HasSubstr("chain-likelihood"));
  EXPECT_THAT(lines[8], HasSubstr("exact"));
  EXPECT_THAT(lines[8], HasSubstr("elbo:implicit"));
}

TEST_F(Compare, JsonHoldsWhatDensityWrites) {
  const ProcessResult result = compare({"--methods", "pathwise:ray,path-weights", "--budget", "8192", "--json"});
  const json whole = json::parse(result.out);
  EXPECT_EQ(whole["command"], "compare");
  EXPECT_EQ(whole["methods"], json::array({"pathwise:ray", "path-weights"}));
  EXPECT_EQ(whole["stopped"], false);
  ASSERT_EQ(whole["results"].size(), 2u);
  EXPECT_EQ(whole["results"][0]["job"]["paths"], 8192 / 128);
  const ProcessResult alone = run({"density", "--model=@model.toml", "--points=@points.npy", "--method", "path-weights",
                                   "--paths", "64", "--json", "-", "--quiet"});
  EXPECT_EQ(whole["results"][1]["points"], json::parse(alone.out)["points"]);
}

/// A ddpm chain has the table's steps: the budget is for them.
TEST_F(Compare, ABudgetCountsTheStepsOfATable) {
  folder_.write("model.toml", toml("kind = \"ddpm\"\nsteps = 500", plain_score));
  const json whole = json::parse(compare({"--methods", "ddpm,path-weights", "--budget", "8000", "--json"}).out);
  EXPECT_EQ(whole["results"][0]["points"][0]["paths"], 16);
  EXPECT_EQ(whole["results"][1]["points"][0]["paths"], 62);
  EXPECT_EQ(compare({"--methods", "ddpm", "--budget", "800"}).exit_code, 2);
}

TEST_F(Compare, AnAbsentErrorIsNoZero) {
  const ProcessResult result = compare({"--methods", "path-weights", "--target-se", "0.1", "--paths", "1"});
  EXPECT_EQ(result.exit_code, 7);
  EXPECT_THAT(lines_of(result.out)[1], ::testing::ContainsRegex("log-density +- "));
}

TEST_F(Compare, ATargetIsMetOrMissed) {
  const json met =
      json::parse(compare({"--methods", "density-formula,path-weights", "--target-se", "0.05", "--json"}).out);
  for (const json& result : met["results"]) {
    for (const json& point : result["points"]) EXPECT_LE(point["std_error"].get<double>(), 0.05);
  }
  // A mixture's slices have variance; the Gaussian's own control variate leaves none.
  folder_.write("model.toml", toml(plain_schedule,
                                   "kind = \"gaussian-mixture\"\nweights = [0.5, 0.5]\nmeans = [[1, 0], [-1, 0]]\n"
                                   "variances = [0.1, 0.1]"));
  EXPECT_EQ(compare({"--methods", "density-formula", "--target-se", "1e-5", "--paths", "8192"}).exit_code, 7);
}

TEST_F(Compare, DrawsAPicture) {
  const ProcessResult result =
      compare({"--methods", "pathwise:ray,density-formula", "--budget", "4096", "--plot", "@both.svg"});
  if (result.exit_code == 5) {
    EXPECT_THAT(result.err, HasSubstr("gnuplot not found"));
    return;
  }
  const std::string picture = folder_.read("both.svg");
  EXPECT_THAT(picture, HasSubstr("<svg"));
  for (const char* text : {"pathwise:ray", "density-formula", "log-density less exact [nat]"})
    EXPECT_THAT(picture, HasSubstr(text));
  EXPECT_EQ(compare({"--methods", "pathwise:ray", "--budget", "4096", "--plot", "@both.svg"}).exit_code, 4);
}

class BadComparison : public BadRunTest {};
TEST_P(BadComparison, IsOneLineAndTouchesNothing) { check(GetParam()); }

BadRun compare(const std::string& name, std::vector<std::string> more, std::vector<std::string> fragments) {
  std::vector<std::string> arguments = {"compare", "--model=@model.toml", "--points=@points.npy"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return {name, arguments, {}, 2, std::move(fragments)};
}
INSTANTIATE_TEST_SUITE_P(
    CommandLine, BadComparison,
    ::testing::Values(
        compare("NoMethods", {"--budget", "100"}, {"--methods is missing"}),
        compare("NoGoal", {"--methods", "pathwise"}, {"--target-se", "--budget"}),
        compare("TwoGoals", {"--methods", "pathwise", "--budget", "1000", "--target-se", "0.1"}, {"one of"}),
        compare("UnknownMethod", {"--methods", "pathwise,magic", "--budget", "1000"}, {"magic"}),
        compare("UnknownForm", {"--methods", "pathwise:magic", "--budget", "1000"}, {"magic"}),
        compare("FormOfAnother", {"--methods", "elbo:ray", "--budget", "1000"}, {"form is ray", "pathwise"}),
        compare("EmptyEntry", {"--methods", "pathwise,,elbo", "--budget", "1000"}, {"empty entry"}),
        compare("PathsWithABudget", {"--methods", "pathwise", "--budget", "1000", "--paths", "8"},
                {"--paths", "--budget"}),
        compare("NoPaths", {"--methods", "pathwise", "--target-se", "0.1", "--paths", "0"}, {"paths is 0"}),
        compare("Threads", {"--methods", "pathwise", "--budget", "1000", "--threads", "4294967298"}, {"--threads"}),
        compare("SmallBudget", {"--methods", "pathwise", "--budget", "100"}, {"--budget is 100", "128"}),
        compare("Steps", {"--methods", "path-weights", "--budget", "10000", "--steps", "30"}, {"steps is 30"}),
        compare("Target", {"--methods", "pathwise", "--target-se", "-1"}, {"--target-se", "negative"}),
        compare("PlotName", {"--methods", "pathwise", "--budget", "1000", "--plot", "@a.pdf"}, {".png or .svg"})),
    name_of_case);

}  // namespace
}  // namespace scorepath::testing
