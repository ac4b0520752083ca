// `scorepath plot` of several results: bounds against lambda, errors against cost.
#include <algorithm>
#include <cmath>

#include "tests/cli/plot_fixture.hpp"

namespace scorepath::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* slope_colour = "rgb\\(153, 153, 153\\)";
constexpr const char* exact_colour = "rgb\\( 34,  34,  34\\)";

std::string bound(double lambda, const std::vector<PointText>& points, const std::string& form = "implicit") {
  return result_text(points, "elbo", fmt::format("\"lambda\": {}, \"form\": \"{}\"", lambda, form));
}

class PlotRuns : public PlotTest {
 protected:
  /// The picture of these results, each in a file of its own.
  std::string picture(const std::vector<std::string>& results) const {
    std::vector<std::string> arguments;
    for (std::size_t i = 0; i < results.size(); ++i) {
      const std::string name = fmt::format("r{}.json", i);
      folder_.write(name, results[i]);
      arguments.push_back("@" + name);
    }
    return svg(arguments);
  }
};

/// Two points with standard errors 0.3 and 0.4: their mean has 0.25, and an interval of 1.96 times that to both sides.
TEST_F(PlotRuns, LambdaCurveHasMeansIntervalsAndTheExactMean) {
  const auto at = [](double lambda, const char* a, const char* b) {
    return bound(lambda, {{a, "0.3", "2"}, {b, "0.4", "4"}});
  };
  const std::string svg = picture({at(0, "1.5", "2.5"), at(-1, "0.5", "1.5"), at(1, "2.5", "3.5")});
  if (svg.empty()) return;
  for (const char* text :
       {"Variational bound against lambda under ring/m.toml", "mean over 2 points", ">elbo:implicit<",
        ">exact log-density<", ">mean bound [nat]<", ">lambda: 0 the reverse SDE"})
    EXPECT_THAT(svg, HasSubstr(text));
  const std::vector<std::vector<Place>> lines = lines_of(svg, first_colour);
  ASSERT_GE(lines.size(), 1u);
  const std::vector<Place>& curve = lines.front();  // means 1, 2, 3 at -1, 0, 1
  ASSERT_EQ(curve.size(), 3u);
  const double nat = curve[0].y - curve[1].y;
  EXPECT_GT(nat, 0.0);
  EXPECT_NEAR(curve[1].y - curve[2].y, nat, 0.05);
  EXPECT_NEAR(curve[1].x - curve[0].x, curve[2].x - curve[1].x, 0.05);
  std::size_t bars = 0;
  for (const std::vector<Place>& line : lines) {
    if (line.size() != 2 || line[0].x != line[1].x) continue;
    EXPECT_NEAR(std::abs(line[0].y - line[1].y), 2 * 0.49 * nat, 0.1);
    ++bars;
  }
  EXPECT_EQ(bars, 3u);
  const std::vector<std::vector<Place>> exact = lines_of(svg, exact_colour);
  EXPECT_TRUE(std::any_of(exact.begin(), exact.end(), [&](const std::vector<Place>& line) {
    return std::abs(line.front().y - curve[2].y) < 0.05 && std::abs(line.back().y - curve[2].y) < 0.05;
  })) << "the mean exact value is 3";
}

TEST_F(PlotRuns, LambdaCurveTakesThePointsThatAllHave) {
  const std::string svg = picture({bound(0, {{"1", "0.1", "1"}, {"null", "null", "2"}}),
                                   bound(0.5, {{"1.5", "null", "1"}, {"9", "0.1", "null"}}),
                                   bound(0.5, {{"1.5", "0.1", "1"}, {"9", "0.1", "null"}}, "denoising")});
  if (svg.empty()) return;
  EXPECT_THAT(svg, HasSubstr("the 1 of 2 points that every result has an estimate of"));
  EXPECT_THAT(svg, HasSubstr(">elbo:implicit, without a valid error bar<"));
  EXPECT_THAT(svg, HasSubstr(">elbo:denoising<"));
  EXPECT_THAT(svg, HasSubstr(">exact log-density<"));
}

/// Errors of 0.1 and 0.01 at 100 and 10000 evaluations: slope -1/2. Twice as much is stated.
TEST_F(PlotRuns, ConvergenceHasErrorsStatedErrorsAndSlopes) {
  const std::string svg =
      picture({result_text({{"1.01", "0.02", "1"}, {"1.99", "0.02", "2"}}, "pathwise", "", "m.toml"),
               result_text({{"1.1", "0.2", "1", 100}, {"1.9", "0.2", "2", 100}}, "pathwise", "", "m.toml")});
  if (svg.empty()) return;
  for (const char* text : {"Error against cost under m.toml", "root mean square over 2 points, schedule ve",
                           ">pathwise<", ">stated error<", ">slope -1/2<", ">slope -1<", ">score evaluations a point<",
                           ">root mean square error against the exact values [nat]<"})
    EXPECT_THAT(svg, HasSubstr(text));
  EXPECT_THAT(svg, Not(HasSubstr("flagged")));
}

TEST_F(PlotRuns, ConvergenceIsToScale) {
  const std::string svg =
      picture({result_text({{"1.01", "0.02", "1", 10000}, {"1.99", "0.02", "2", 10000}}),
               result_text({{"1.1", "0.2", "1", 50}, {"1.9", "0.2", "2", 150}})});  // on average 100
  if (svg.empty()) return;
  const std::vector<std::vector<Place>> slopes = lines_of(svg, slope_colour);
  ASSERT_EQ(slopes.size(), 2u);
  const auto slope_of = [](const std::vector<Place>& line) {
    return (line.back().y - line.front().y) / (line.back().x - line.front().x);
  };
  EXPECT_NEAR(slope_of(slopes[1]), 2 * slope_of(slopes[0]), 0.01);
  std::vector<std::vector<Place>> curves;
  for (const std::vector<Place>& line : lines_of(svg, first_colour))
    if (line.size() == 2 && line[0].y != line[1].y) curves.push_back(line);
  ASSERT_EQ(curves.size(), 2u);  // stated, then real
  for (const std::vector<Place>& curve : curves) EXPECT_NEAR(slope_of(curve), slope_of(slopes[0]), 0.01);
  const double decade = curves[1][1].y - curves[1][0].y;
  EXPECT_GT(decade, 0.0);
  EXPECT_NEAR(curves[1][0].y - curves[0][0].y, std::log10(2.0) * decade, 0.05);
  // The grid has a line at each power of ten: both errors, 0.1 and 0.01, and both costs lie on one.
  const std::vector<std::vector<Place>> grid = lines_of(svg, "rgb\\(228, 228, 228\\)");
  for (const Place& at : curves[1]) {
    EXPECT_TRUE(std::any_of(grid.begin(), grid.end(), [&](const std::vector<Place>& line) {
      return line[0].y == line[1].y && std::abs(line[0].y - at.y) < 0.05;
    })) << at.y;
    EXPECT_TRUE(std::any_of(grid.begin(), grid.end(), [&](const std::vector<Place>& line) {
      return line[0].x == line[1].x && std::abs(line[0].x - at.x) < 0.05;
    })) << at.x;
  }
}

TEST_F(PlotRuns, ConvergenceMarksWhatTheAxisCannotHold) {
  const std::string svg = picture({result_text({{"1", "0", "1", 100}}), result_text({{"1.5", "0.1", "1", 200}}),
                                   result_text({{"1.2", "0.1", "1", 400, "\"heavy-tail\""}})});
  if (svg.empty()) return;
  EXPECT_THAT(svg, HasSubstr(">zero (no place on the axis)<"));
  EXPECT_THAT(svg, HasSubstr(">zero is stated<"));
  EXPECT_THAT(svg, HasSubstr(">some points flagged<"));
  EXPECT_EQ(marks_of(svg, "gpPt10", first_colour).size(), 1u);  // the triangle that is filled
  EXPECT_EQ(marks_of(svg, "gpPt9", first_colour).size(), 1u);
  EXPECT_EQ(marks_of(svg, "gpPt5", first_colour).size(), 1u);  // flagged: a hollow circle
}

TEST_F(PlotRuns, EverythingIsZero) {
  const std::string exact = result_text({{"1", "0", "1"}});
  EXPECT_THAT(picture({exact, exact}), AnyOf(HasSubstr(">zero (no place on the axis)<"), ::testing::IsEmpty()));
}

TEST_F(PlotRuns, WithoutExactValuesTheStatedErrorIsDrawn) {
  const std::string svg = picture({result_text({{"1", "0.1", "null"}}), result_text({{"1", "0.05", "null", 400}})});
  if (svg.empty()) return;
  EXPECT_THAT(svg, HasSubstr(">root mean square of the stated error (exact values unknown) [nat]<"));
  EXPECT_THAT(svg, HasSubstr("Stated error against cost"));
  EXPECT_THAT(svg, Not(HasSubstr(">stated error<")));
}

/// Every entry of every file is in a curve: of its method, its form, and what else it chose otherwise.
TEST_F(PlotRuns, LabelsTellMethodsApart) {
  const std::vector<PointText> points = {{"1.1", "0.1", "1"}};
  const std::string svg = picture(
      {result_text(points, "density-formula", "\"time_law\": \"uniform\", \"antithetic\": \"on\""),
       result_text(points, "density-formula", "\"time_law\": \"log-snr\", \"antithetic\": \"on\""),
       comparison_text({result_text(points, "pathwise", "\"form\": \"ray\", \"backend\": \"cuda\""),
                        result_text(points, "ode", "\"divergence\": \"exact\""), result_text({{"null", "null", "1"}})}),
       result_text(points, "pathwise", "\"form\": \"ray\", \"backend\": \"cpu\"")});
  if (svg.empty()) return;
  for (const char* text : {">density-formula, time-law uniform<", ">density-formula, time-law log-snr<",
                           ">pathwise:ray<", ">ode<", "1 of 6 results have no estimate and are not drawn"})
    EXPECT_THAT(svg, HasSubstr(text));
}

/// As people do it: the same methods at several budgets; bounds at several lambdas.
TEST_F(PlotRuns, OfWhatTheCommandsWrite) {
  for (const char* budget : {"1024", "4096"}) {
    const ProcessResult compared = run({"compare", "--model=@model.toml", "--points=@points.npy", "--methods",
                                        "pathwise:stratonovich,density-formula", "--budget", budget, "--json"});
    ASSERT_EQ(compared.exit_code % 6, 0) << compared.err;
    folder_.write(std::string(budget) + ".json", compared.out);
  }
  EXPECT_THAT(svg({"@1024.json", "@4096.json"}), AnyOf(HasSubstr(">pathwise:stratonovich<"), ::testing::IsEmpty()));
  for (const char* lambda : {"0", "0.5"})
    ASSERT_EQ(
        density({"--method=elbo", "--paths", "64", "--quiet", "--lambda", lambda, std::string("--json=@l") + lambda})
                .exit_code %
            6,
        0);
  EXPECT_THAT(svg({"@l0", "@l0.5"}), AnyOf(HasSubstr("Variational bound against lambda"), ::testing::IsEmpty()));
}

using BadPlotOfRuns = BadPlotTest;
TEST_P(BadPlotOfRuns, IsOneLineAndTouchesNothing) { check_plot(GetParam()); }

const std::string sound = result_text({{"1", "0.1", "1.5"}, {"2", "0.1", "null"}});
BadRun with_second(const std::string& name, const std::string& text, std::vector<std::string> fragments) {
  return {name,
          {"plot", "@a.json", "@b.json", "--out", "@p.svg"},
          {{"a.json", sound}, {"b.json", text}},
          3,
          std::move(fragments)};
}
INSTANTIATE_TEST_SUITE_P(
    All, BadPlotOfRuns,
    ::testing::Values(
        with_second("OtherModel", result_text({{"1", "0.1", "1.5"}, {"2", "0.1", "null"}}, "pathwise", "", "n.toml"),
                    {"b.json", "job.model is 'n.toml'", "a.json", "ring/m.toml"}),
        with_second("OtherModelOfComparison", comparison_text({sound}, "n.toml"), {"b.json", ": model is 'n.toml'"}),
        with_second("OtherNumber", result_text({{"1", "0.1", "1.5"}}), {"b.json", "points has 1 entries", "has 2"}),
        with_second("OtherNumberInComparison", comparison_text({result_text({{"1", "0.1", "1.5"}})}),
                    {"b.json", "results[0].points has 1 entries"}),
        with_second("OtherPoints", result_text({{"1", "0.1", "1.7"}, {"2", "0.1", "null"}}),
                    {"b.json", "points[0].exact_log_density is 1.7", "a.json", "1.5"}),
        with_second("NoEstimates", result_text({{"null", "null", "null"}, {"null", "null", "null"}}),
                    {"b.json", "no point with an estimate"}),
        with_second("Broken", "{", {"b.json", "is no JSON"}),
        with_second("Archive", "PK\x03\x04", {"b.json", "is a .npz archive"}),
        BadRun{"NothingToCompareWith",
               {"plot", "@a.json", "@b.json", "--out", "@p.svg"},
               {{"a.json", result_text({{"1", "null", "null"}})}, {"b.json", result_text({{"1", "null", "null"}})}},
               3,
               {"no point with an estimate and its error"}},
        BadRun{"NoPointInCommon",
               {"plot", "@a.json", "@b.json", "--out", "@p.svg"},
               {{"a.json", bound(0, {{"1", "0.1", "1"}, {"null", "null", "1"}})},
                {"b.json", bound(1, {{"null", "null", "1"}, {"1", "0.1", "1"}})}},
               3,
               {"no point in common"}},
        BadRun{"SecondIsThePicture",
               {"plot", "@a.json", "@b.svg", "--out", "@b.svg", "--force"},
               {{"a.json", sound}, {"b.svg", sound}},
               2,
               {"the result itself"}}),
    name_of_case);

}  // namespace
}  // namespace scorepath::testing
