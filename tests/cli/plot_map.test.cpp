// `scorepath plot --points`: log-density over the plane, with samples on it.
#include <algorithm>

#include "tests/cli/plot_fixture.hpp"
#include "tests/support/npz_literals.hpp"

namespace scorepath::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// The columns x = 0, 1, 3 and the rows y = 0, 2, in no order.
const std::vector<double> uneven_grid = {3, 0, 0, 2, 1, 0, 0, 0, 1, 2, 3, 2};
const std::vector<double> even_grid = {2, 0, 0, 2, 1, 0, 0, 0, 1, 2, 2, 2};

/// The cells of the map; what comes after them draws the bar of colours.
std::vector<Box> cells_of(const std::string& svg) {
  const std::size_t begin = svg.find("gnuplot_plot_1");
  return boxes_of(svg.substr(begin, svg.find("</g>\n\t</g>", begin) - begin));
}

class PlotMap : public PlotTest {
 protected:
  std::string map(const std::vector<double>& points, const std::vector<PointText>& estimates,
                  const std::vector<double>& samples = {}) const {
    folder_.write("p.npy", npy_doubles(fmt::format("({}, 2)", points.size() / 2), points));
    folder_.write("r.json", result_text(estimates, "pathwise", "\"form\": \"ray\""));
    if (samples.empty()) return svg({"@r.json", "--points=@p.npy"});
    folder_.write("s.npz", npz_file({{"samples", npy_doubles(fmt::format("({}, 2)", samples.size() / 2), samples)}}));
    return svg({"@r.json", "--points=@p.npy", "--samples", folder_.file("s.npz")});
  }
};

const std::vector<PointText> six = {{"null", "null", "null"}, {"-20", "1", "null"}, {"-20", "1", "null"},
                                    {"-20", "1", "null"},     {"0", "1", "null"},   {"-10", "1", "null"}};

/// Whatever the order, a cell lies around its point; a point without an estimate has none.
TEST_F(PlotMap, UnevenGridIsFoundInAnyOrder) {
  const std::string svg = map(uneven_grid, six);
  if (svg.empty()) return;
  EXPECT_THAT(svg, HasSubstr("Log-density on a 3 x 2 grid under ring/m.toml"));
  EXPECT_THAT(svg, HasSubstr("pathwise:ray, schedule ve; 1 of 6 points have no estimate: blank"));
  EXPECT_THAT(svg, HasSubstr(">log-density [nat]; lightest where it is 15 nat or more below the highest<"));
  const std::vector<Box> cells = cells_of(svg);
  ASSERT_EQ(cells.size(), 5u);
  const auto of_colour = [&](const char* colour) {
    return std::count_if(cells.begin(), cells.end(), [&](const Box& cell) { return cell.colour == colour; });
  };
  EXPECT_EQ(of_colour("rgb( 10,  46,  92)"), 1);
  EXPECT_EQ(of_colour("rgb(233, 241, 247)"), 3);
  const auto [leftmost, rightmost] =
      std::minmax_element(cells.begin(), cells.end(), [](const Box& a, const Box& b) { return a.left < b.left; });
  const double highest =
      std::min_element(cells.begin(), cells.end(), [](const Box& a, const Box& b) { return a.top < b.top; })->top;
  for (const Box& cell : cells) {
    if (cell.colour != "rgb( 10,  46,  92)") continue;  // (1, 2): in the middle of the upper row
    EXPECT_GT(cell.left, leftmost->left + 5);
    EXPECT_LT(cell.right, rightmost->right - 5);
    EXPECT_EQ(cell.top, highest);
  }
  EXPECT_NEAR(rightmost->top, highest, 0.01);  // (3, 0) is the blank one
}

TEST_F(PlotMap, EvenGridIsAnImage) {
  const std::string svg = map(even_grid, six);
  if (svg.empty()) return;
  EXPECT_THAT(svg, HasSubstr("<image "));
  EXPECT_THAT(svg, HasSubstr("on a 3 x 2 grid"));
  EXPECT_EQ(marks_of(svg, "gpPt6", ".*").size(), 0u);
}

/// Six points that are no grid, although their coordinates have three and two values: one stands twice.
TEST_F(PlotMap, OtherPointsAreMarks) {
  std::vector<double> points = uneven_grid;
  std::copy(points.begin() + 8, points.end(), points.begin() + 6);
  const std::string svg = map(points, six);
  if (svg.empty()) return;
  EXPECT_THAT(svg, HasSubstr("Log-density of 6 points under"));
  EXPECT_EQ(cells_of(svg).size(), 0u);
  EXPECT_EQ(marks_of(svg, "gpPt6", "rgb[^']*").size(), 5u);
}

TEST_F(PlotMap, OnePoint) {
  const std::string svg = map({1, 2}, {{"3", "1", "null"}});
  if (svg.empty()) return;
  EXPECT_EQ(marks_of(svg, "gpPt6", "rgb[^']*").size(), 1u);
  EXPECT_THAT(svg, HasSubstr(">log-density [nat]<"));
}

/// Four thousand dots at most, those outside are counted; the legend has one of its own.
TEST_F(PlotMap, SamplesAreThinnedAndCounted) {
  constexpr const char* dot = "rgb\\(232,  89,  12\\)";
  std::vector<double> samples(2 * 9000, 1.0);
  samples[0] = 100.0;
  const std::string svg = map(uneven_grid, six, samples);
  if (svg.empty()) return;
  EXPECT_THAT(svg, HasSubstr(">3000 of 9000 samples, 1 of them outside the map<"));
  EXPECT_EQ(marks_of(svg, "gpPt6", dot).size(), 3000u);
  EXPECT_THAT(map(uneven_grid, six, {1, 1, 2, 1}), HasSubstr(">2 samples<"));
}

TEST_F(PlotMap, OfWhatTheCommandsWrite) {
  ASSERT_EQ(density({"--json=@d.json", "--quiet"}).exit_code, 0);
  ASSERT_EQ(run({"sample", "--model=@model.toml", "--count=50", "--out=@d.npz", "--quiet"}).exit_code, 0);
  EXPECT_THAT(svg({"@d.json", "--points=@points.npy", "--samples=@d.npz"}),
              AnyOf(HasSubstr("Log-density of 3 points"), ::testing::IsEmpty()));
  const ProcessResult compared =
      run({"compare", "--model=@model.toml", "--points=@points.npy", "--methods=ode", "--budget=1000", "--json"});
  folder_.write("c.json", compared.out);
  EXPECT_THAT(svg({"@c.json", "--points=@points.npy"}), AnyOf(HasSubstr("ode, schedule"), ::testing::IsEmpty()));
}

using BadPlotOfMap = BadPlotTest;
TEST_P(BadPlotOfMap, IsOneLineAndTouchesNothing) { check_plot(GetParam()); }

const std::string two = result_text({{"1", "0.1", "null"}, {"2", "0.1", "null"}});
const std::string plane = npy_doubles("(2, 2)", {1, 2, 3, 4});
BadRun bad_map(const std::string& name, const std::string& points, std::vector<std::string> fragments) {
  return {name,
          {"plot", "@r.json", "--points", "@p.npy", "--out", "@p.svg"},
          {{"r.json", two}, {"p.npy", points}},
          3,
          std::move(fragments)};
}
BadRun bad_samples(const std::string& name, const std::string& samples, std::vector<std::string> fragments) {
  return {name,
          {"plot", "@r.json", "--points", "@p.npy", "--samples", "@s.npz", "--out", "@p.svg"},
          {{"r.json", two}, {"p.npy", plane}, {"s.npz", samples}},
          3,
          std::move(fragments)};
}
INSTANTIATE_TEST_SUITE_P(
    All, BadPlotOfMap,
    ::testing::Values(
        bad_map("OtherNumber", npy_doubles("(3, 2)", {1, 2, 3, 4, 5, 6}), {"p.npy", "3 points", "r.json", "2"}),
        bad_map("OneDimension", npy_doubles("(2, 1)", {1, 2}), {"p.npy", "points of 1 coordinates", "--points"}),
        bad_map("NoArray", "points", {"p.npy", "cannot be read as .npy"}),
        bad_samples("NoArchive", "samples", {"s.npz", "it is no zip archive"}),
        bad_samples("NoSamples", npz_file({{"x", plane}}), {"s.npz", "no array 'samples'", "it has x"}),
        bad_samples("SamplesInSpace", npz_file({{"samples", npy_doubles("(1, 3)", {1, 2, 3})}}),
                    {"s.npz", "samples", "[1 x 3]", "[n x 2]"}),
        BadRun{"NoPoints", {"plot", "@r.json", "--points=@no.npy", "--out=@p.svg"}, {{"r.json", two}}, 3, {"no.npy"}},
        BadRun{"SeveralMethods",
               {"plot", "@r.json", "--points=@p.npy", "--out=@p.svg"},
               {{"r.json", comparison_text({two, two})}, {"p.npy", plane}},
               3,
               {"r.json", "2 methods", "a map is of one"}},
        BadRun{"Archive",
               {"plot", "@r.npz", "--points=@p.npy", "--out=@p.svg"},
               {{"r.npz", npz_file({{"samples", plane}})}, {"p.npy", plane}},
               3,
               {"r.npz", "is a .npz archive"}},
        BadRun{"SeveralResults",
               {"plot", "@r.json", "@q.json", "--points=@p.npy", "--out=@p.svg"},
               {{"r.json", two}, {"q.json", two}, {"p.npy", plane}},
               2,
               {"--points with 2 results"}},
        BadRun{"SamplesWithoutPoints",
               {"plot", "@r.json", "--samples=@s.npz", "--out=@p.svg"},
               {{"r.json", two}, {"s.npz", ""}},
               2,
               {"--samples without --points"}},
        BadRun{"PictureIsSamples",
               {"plot", "@r.json", "--points=@p.npy", "--samples=@s.svg", "--out=@s.svg", "--force"},
               {{"r.json", two}, {"p.npy", plane}, {"s.svg", ""}},
               2,
               {"--out and --samples name one file"}}),
    name_of_case);

}  // namespace
}  // namespace scorepath::testing
