// `scorepath plot`: pictures of results that were written before; and files that are none.
#include "tests/cli/plot_fixture.hpp"

namespace scorepath::testing {
namespace {

using ::testing::HasSubstr;

using Plot = PlotTest;

/// Without gnuplot the command says so; with it, the picture is the one that --plot draws, byte for byte.
TEST_F(Plot, OfADensityIsThePictureOfItsFlag) {
  for (const std::vector<std::string>& flags :
       {std::vector<std::string>{}, {"--method", "ode"}, {"--method", "elbo", "--form", "implicit", "--paths", "64"}}) {
    std::vector<std::string> arguments = {"--json", "@r.json", "--quiet", "--force"};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    if (has_gnuplot()) arguments.insert(arguments.end(), {"--plot", "@flag.svg"});
    ASSERT_EQ(density(arguments).exit_code, 0);
    const ProcessResult result = plot({"@r.json", "--out", "@plot.svg", "--force"});
    EXPECT_EQ(result.exit_code, has_gnuplot() ? 0 : 5) << result.err;
    if (!has_gnuplot()) {
      EXPECT_THAT(result.err, HasSubstr("gnuplot not found"));
      return;
    }
    EXPECT_EQ(folder_.read("plot.svg"), folder_.read("flag.svg"));
  }
  EXPECT_EQ(plot({"@r.json", "--out", "@plot.svg"}).exit_code, 4);
  EXPECT_EQ(plot({"@r.json", "--out=@plot.png"}).exit_code, 0);
  EXPECT_THAT(folder_.read("plot.png"), ::testing::StartsWith("\x89PNG\r\n"));
}

TEST_F(Plot, OfAComparisonIsThePictureOfItsFlag) {
  std::vector<std::string> arguments = {"compare",
                                        "--model=@model.toml",
                                        "--points=@points.npy",
                                        "--methods",
                                        "pathwise:ray,ode,density-formula",
                                        "--budget",
                                        "4096",
                                        "--json"};
  if (has_gnuplot()) arguments.insert(arguments.end(), {"--plot", "@flag.svg"});
  const ProcessResult compared = run(arguments);
  ASSERT_TRUE(compared.exit_code == 0 || compared.exit_code == 6) << compared.err;
  folder_.write("c.json", compared.out);
  const ProcessResult result = plot({"--out", "@plot.svg", "@c.json"});
  EXPECT_EQ(result.exit_code, has_gnuplot() ? 0 : 5) << result.err;
  if (has_gnuplot()) {
    EXPECT_EQ(folder_.read("plot.svg"), folder_.read("flag.svg"));
  }
}

/// A method whose points are all flagged has a name too.
TEST_F(Plot, NamesMethodsWhoseEveryPointIsFlagged) {
  if (!has_gnuplot()) return;
  folder_.write("c.json", comparison_text({result_text({{"1.5", "null", "1.0"}}),
                                           result_text({{"2.5", "null", "1.0", 100, "\"heavy-tail\""}}),
                                           result_text({{"null", "null", "1.0", 100, "\"stopped\""}})}));
  const std::string picture = svg({"@c.json"});
  EXPECT_THAT(picture, HasSubstr("method-0"));
  EXPECT_THAT(picture, HasSubstr("method-1"));
}

/// An exact value is drawn whether the estimate has an interval or not.
TEST_F(Plot, DrawsExactValuesOfPointsWithoutAnInterval) {
  if (!has_gnuplot()) return;
  ASSERT_EQ(density({"--json", "@r.json", "--quiet", "--paths", "1"}).exit_code, 6);  // one ray: no error bar
  EXPECT_EQ(plot({"@r.json", "--out", "@p.svg"}).exit_code, 0);
  EXPECT_THAT(folder_.read("p.svg"), HasSubstr("estimate without a valid error bar"));
  EXPECT_THAT(folder_.read("p.svg"), HasSubstr(">exact<"));
}

/// What is no log-density is not called one, and its intervals are not said to hold the data's.
TEST_F(Plot, SaysWhatIsDrawn) {
  if (!has_gnuplot()) return;
  ASSERT_EQ(density({"--json", "@r.json", "--quiet", "--method", "elbo", "--end", "prior"}).exit_code % 6, 0);
  EXPECT_EQ(plot({"@r.json", "--out", "@p.svg"}).exit_code, 0);
  const std::string picture = folder_.read("p.svg");
  EXPECT_THAT(picture, HasSubstr("Lower-bound of 3 points"));
  EXPECT_THAT(picture, HasSubstr("lower-bound minus the exact log-density of the data"));
  EXPECT_THAT(picture, ::testing::Not(HasSubstr("95 of 100")));
}

using BadPlot = BadPlotTest;
TEST_P(BadPlot, IsOneLineAndTouchesNothing) { check_plot(GetParam()); }

const std::string point =
    "{\"index\": 0, \"log_density\": 1.0, \"std_error\": 0.1, \"ci95\": [0.8, 1.2], \"score_evaluations\": 7, "
    "\"exact_log_density\": null, \"flags\": []}";
const std::string no_estimate = result_text({{"null", "null", "null"}});
std::string result_with(const std::string& points, const std::string& method = "\"pathwise\"") {
  return "{\"command\": \"density\", \"method\": " + method +
         ", \"schedule\": \"ve\", \"sampler\": \"paths\", \"quantity\": \"log-density\", \"job\": {\"model\": "
         "\"m.toml\"}, \"totals\": {\"paths\": "
         "3}, "
         "\"points\": [" +
         points + "]}";
}
BadRun bad_result(const std::string& name, const std::string& text, std::vector<std::string> fragments) {
  return {name, {"plot", "@r.json", "--out", "@p.svg"}, {{"r.json", text}}, 3, std::move(fragments)};
}
INSTANTIATE_TEST_SUITE_P(
    CommandLine, BadPlot,
    ::testing::Values(
        BadRun{"NoResult", {"plot", "--out", "@p.svg"}, {}, 2, {"no RESULT"}},
        BadRun{"NoPicture", {"plot", "@r.json"}, {{"r.json", "{}"}}, 2, {"--out is missing"}},
        BadRun{"Pdf", {"plot", "@r.json", "--out", "@p.pdf"}, {{"r.json", "{}"}}, 2, {"--out", ".png or .svg"}},
        BadRun{
            "Itself", {"plot", "@r.svg", "--out", "@r.svg", "--force"}, {{"r.svg", "{}"}}, 2, {"the result itself"}}),
    name_of_case);
INSTANTIATE_TEST_SUITE_P(
    Files, BadPlot,
    ::testing::Values(
        BadRun{"Missing", {"plot", "@no.json", "--out", "@p.svg"}, {}, 3, {"no.json"}},
        bad_result("Empty", "", {"is no JSON"}), bad_result("Broken", "{\"command\": ", {"r.json", "is no JSON"}),
        bad_result("NoCommand", "{}", {"command is missing"}),
        bad_result("Sample", "{\"command\": \"sample\"}", {"command is 'sample'"}),
        bad_result("Array", "[1, 2]", {"command is missing"}),
        bad_result("NoPoints", result_with(""), {"points is empty"}),
        bad_result("NoMethod", result_with(point, "\"magic\""), {"method is 'magic'"}),
        bad_result("MethodIsNumber", result_with(point, "3"), {"method is no string"}),
        bad_result("PointIsNumber", result_with("3"), {"points[0].index is missing"}),
        bad_result("TextForNumber", result_with("{\"index\": 0, \"log_density\": \"high\"}"),
                   {"points[0].log_density is no number"}),
        bad_result("NegativeIndex", result_with("{\"index\": -1}"), {"points[0].index is no count"}),
        bad_result("ShortInterval", result_with("{\"index\": 0, \"log_density\": 1, \"std_error\": 1, \"ci95\": [1]}"),
                   {"points[0].ci95 has another length"}),
        bad_result("NoEvaluations", result_with("{\"index\": 0, \"log_density\": 1, \"std_error\": 1, \"ci95\": null}"),
                   {"points[0].score_evaluations is missing"}),
        bad_result("NoEstimates", no_estimate, {"no point with an estimate"}),
        bad_result("Comparison",
                   "{\"command\": \"compare\", \"model\": \"m\", \"methods\": [], \"results\": [" + result_with(point) +
                       "]}",
                   {"methods is shorter than results"}),
        bad_result("NoQuantity",
                   "{\"command\": \"density\", \"method\": \"ode\", \"schedule\": \"ve\", \"sampler\": \"paths\", "
                   "\"job\": {\"model\": \"m\"}}",
                   {"quantity is missing"}),
        bad_result("ComparisonWithoutEstimates", comparison_text({no_estimate}), {"no point with an estimate"}),
        bad_result("EmptyComparison", "{\"command\": \"compare\", \"model\": \"m\", \"methods\": [], \"results\": []}",
                   {"results is empty"})),
    name_of_case);

}  // namespace
}  // namespace scorepath::testing
