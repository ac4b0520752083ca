// `scorepath plot` of archives of samples and trajectories.
#include <algorithm>
#include <cmath>

#include "tests/cli/plot_fixture.hpp"
#include "tests/support/npz_literals.hpp"

namespace scorepath::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* start_colour = "rgb\\( 85,  85,  85\\)";

class PlotSamples : public PlotTest {
 protected:
  std::string picture(const std::vector<std::pair<std::string, std::string>>& arrays) const {
    folder_.write("s.npz", npz_file(arrays));
    return svg({"@s.npz"});
  }
};

std::string column(const std::vector<double>& values) {
  return npy_doubles(fmt::format("({},)", values.size()), values);
}

/// Two paths of three times in three dimensions: their first two coordinates are drawn, start and end marked.
TEST_F(PlotSamples, PathsInThePlane) {
  const std::string svg = picture({{"samples", npy_doubles("(2, 3)", {2, 0, 9, 0, 2, 9})},
                                   {"trajectories", npy_doubles("(2, 3, 3)", {0, 0, 7, 1, 0, 7, 2, 0, 9,  //
                                                                              0, 0, 7, 0, 1, 7, 0, 2, 9})},
                                   {"times", column({1, 0.5, 0})}});
  if (svg.empty()) return;
  EXPECT_THAT(svg, HasSubstr(">2 trajectories over 2 samples of an unknown model<"));
  for (const char* text : {">samples<", ">start, t = 1<", ">end, t = 0<", ">t [of the schedule]<"})
    EXPECT_THAT(svg, HasSubstr(text));
  std::vector<Place> starts = marks_of(svg, "gpPt5", start_colour), ends = marks_of(svg, "gpPt6", second_colour);
  ASSERT_EQ(starts.size(), 3u);  // and the legend's
  ASSERT_EQ(ends.size(), 3u);
  EXPECT_EQ(starts[0].x, starts[1].x);
  EXPECT_EQ(starts[0].y, starts[1].y);
  EXPECT_NEAR(ends[0].x - starts[0].x, starts[0].y - ends[1].y, 0.1);  // to scale: both go as far
  EXPECT_GT(ends[0].x - starts[0].x, 100.0);
  EXPECT_NEAR(ends[0].y, starts[0].y, 0.1);
}

TEST_F(PlotSamples, PathsOfOneDimensionGoOverTime) {
  const std::string svg = picture({{"samples", npy_doubles("(1, 1)", {3})},
                                   {"trajectories", npy_doubles("(1, 3, 1)", {0, 1, 3})},
                                   {"times", column({1, 0.5, 0})}});
  if (svg.empty()) return;
  EXPECT_THAT(svg, HasSubstr(">1 trajectory of an unknown model<"));
  EXPECT_THAT(svg, HasSubstr("t [of the schedule]: noise on the right, data on the left"));
  const std::vector<std::vector<Place>> lines = lines_of(svg, first_colour);
  ASSERT_EQ(lines.size(), 1u);
  ASSERT_EQ(lines[0].size(), 3u);
  EXPECT_NEAR(lines[0][0].x - lines[0][1].x, lines[0][1].x - lines[0][2].x, 0.05);
  EXPECT_GT(lines[0][0].x, lines[0][2].x);
  EXPECT_GT(lines[0][0].y - lines[0][2].y, 100.0);
  EXPECT_NEAR(lines[0][1].y - lines[0][2].y, 2 * (lines[0][0].y - lines[0][1].y), 0.05);
}

TEST_F(PlotSamples, SamplesAloneAreColouredByTheirLogDensity) {
  const std::string samples = npy_doubles("(3, 2)", {0, 0, 1, 0, 0, 1});
  const std::string plain = picture({{"samples", samples}});
  if (plain.empty()) return;
  EXPECT_THAT(plain, HasSubstr(">3 samples of an unknown model<"));
  EXPECT_THAT(plain, Not(HasSubstr("log-density [nat]")));
  EXPECT_EQ(marks_of(plain, "gpPt6", first_colour).size(), 3u);
  const std::string coloured = picture({{"samples", samples}, {"log_density", column({-1, -2, -3})}});
  EXPECT_THAT(coloured, HasSubstr(">log-density [nat]<"));
  EXPECT_EQ(marks_of(coloured, "gpPt6", "rgb\\( 68,   1,  84\\)").size(), 1u);  // the highest
  EXPECT_EQ(marks_of(coloured, "gpPt6", "rgb\\(253, 231,  37\\)").size(), 1u);  // the lowest
}

TEST_F(PlotSamples, OneDimensionIsAHistogram) {
  const std::string svg =
      picture({{"samples", npy_doubles("(4, 1)", {0, 1, 1, 2})}, {"log_density", column({-1, 0, 0, 1e9})}});
  if (svg.empty()) return;
  EXPECT_THAT(svg, HasSubstr(">histogram of the samples<"));
  EXPECT_THAT(svg, HasSubstr(">exp(log_density) of 4 samples<"));
  EXPECT_EQ(marks_of(svg, "gpPt6", second_colour).size(), 4u);  // three that a number can hold, and the legend's
  std::vector<double> heights;
  for (const Box& box : boxes_of(svg))
    if (box.colour == "rgb(155, 184, 221)") heights.push_back(box.bottom - box.top);
  ASSERT_EQ(heights.size(), 4u);  // the legend's, then 0, twice 1, and 2
  EXPECT_GT(heights[1], 20.0);
  EXPECT_NEAR(heights[2], 2 * heights[1], 0.1);
  EXPECT_NEAR(heights[3], heights[1], 0.1);
  EXPECT_THAT(picture({{"samples", npy_doubles("(2, 1)", {-1.5e308, 1.5e308})}}), Not(::testing::IsEmpty()));
}

/// What `sample` wrote, thinned; its job says where it comes from.
TEST_F(PlotSamples, OfWhatSampleWrites) {
  ASSERT_EQ(run({"sample", "--model=@model.toml", "--count=9000", "--steps=16", "--log-density", "--trajectories=100",
                 "--out=@d.npz", "--quiet"})
                .exit_code,
            0);
  const std::string svg = this->svg({"@d.npz"});
  if (svg.empty()) return;
  EXPECT_THAT(svg, HasSubstr("34 of 100 trajectories over 3000 of 9000 samples of scorepath-test-"));
  EXPECT_THAT(svg, HasSubstr("/model.toml<"));
  EXPECT_THAT(svg, HasSubstr(">second-order, lambda 0.0, 16 steps, schedule vp-linear<"));
  EXPECT_EQ(marks_of(svg, "gpPt5", start_colour).size(), 34u + 1u);
}

TEST_F(PlotSamples, OfWhatNumpyWrites) {
  folder_.write("n.npz", numpy_savez_compressed());
  EXPECT_THAT(svg({"@n.npz"}), AnyOf(HasSubstr(">3 samples of an unknown model<"), ::testing::IsEmpty()));
  folder_.write("z.npz", npz_file({{"samples", npy_doubles("(1, 2)", {1, 2})}}, 0));
  EXPECT_THAT(svg({"@z.npz"}), AnyOf(HasSubstr(">1 sample of an unknown model<"), ::testing::IsEmpty()));
}

using BadPlotOfSamples = BadPlotTest;
TEST_P(BadPlotOfSamples, IsOneLineAndTouchesNothing) { check_plot(GetParam()); }

const std::string two_samples = npy_doubles("(2, 2)", {1, 2, 3, 4});
const std::string sound_archive = npz_file({{"samples", two_samples}});
BadRun bad_archive(const std::string& name, const std::string& bytes, std::vector<std::string> fragments) {
  fragments.push_back("s.npz");
  return {name, {"plot", "@s.npz", "--out", "@p.svg"}, {{"s.npz", bytes}}, 3, std::move(fragments)};
}
BadRun bad_arrays(const std::string& name, const std::vector<std::pair<std::string, std::string>>& more,
                  std::vector<std::string> fragments) {
  std::vector<std::pair<std::string, std::string>> arrays = {{"samples", two_samples}};
  arrays.insert(arrays.end(), more.begin(), more.end());
  return bad_archive(name, npz_file(arrays), std::move(fragments));
}
/// `bytes` with one of them changed, `at` from the front or, below zero, from the end.
std::string changed(std::string bytes, int at, char to) {
  bytes[static_cast<std::size_t>(at < 0 ? static_cast<int>(bytes.size()) + at : at)] = to;
  return bytes;
}
const std::string paths = npy_doubles("(2, 2, 2)", std::vector<double>(8, 1.0));
INSTANTIATE_TEST_SUITE_P(
    All, BadPlotOfSamples,
    ::testing::Values(
        bad_archive("Truncated", sound_archive.substr(0, 100), {"it is truncated: its directory is missing"}),
        bad_archive("Tiny", "PK\x03\x04", {"it is truncated"}),
        bad_archive("ChangedData", changed(sound_archive, 160, '!'), {"samples", "its checksum is wrong"}),
        bad_archive("Encrypted", changed(sound_archive, -22 - 57 + 8, 1), {"member 'samples.npy' is encrypted"}),
        bad_archive("OtherCompression", changed(sound_archive, -22 - 57 + 10, 12), {"neither stored nor deflated"}),
        bad_archive("BrokenDirectory", changed(sound_archive, -22 - 57, 'X'), {"its directory is broken"}),
        bad_archive("FarDirectory", changed(sound_archive, -3, 1), {"it is truncated"}),
        bad_archive("Bomb", changed(numpy_savez_compressed(), -22 - 57 + 27, 0x40),
                    {"claims more than the file holds"}),
        bad_archive("BrokenDeflate", changed(numpy_savez_compressed(), 61, 0x07), {"samples", "broken"}),
        bad_archive("Twice", npz_file({{"samples", two_samples}, {"samples", two_samples}}), {"is there twice"}),
        bad_archive("NoArrays", npz_file({}), {"no array 'samples'", "it has none"}),
        bad_archive("OtherArrays", npz_file({{"log_density", column({1})}}), {"no array 'samples'", "log_density"}),
        bad_archive("NotFinite", npz_file({{"samples", npy_doubles("(1, 2)", {1, NAN})}}),
                    {"samples", "element [0][1] is nan"}),
        bad_archive("FlatSamples", npz_file({{"samples", column({1, 2})}}),
                    {"samples has the wrong shape", "[n x dim]"}),
        bad_arrays("ShortLogDensity", {{"log_density", column({1})}},
                   {"log_density has the wrong shape", "[1]", "[2]"}),
        bad_arrays("NoTimes", {{"trajectories", paths}}, {"no array 'times'", "samples, trajectories"}),
        bad_arrays("OtherTimes", {{"trajectories", paths}, {"times", column({1, 2, 3})}},
                   {"times has the wrong shape"}),
        bad_arrays("OtherDimension",
                   {{"trajectories", npy_doubles("(1, 2, 3)", std::vector<double>(6, 1.0))}, {"times", column({1, 0})}},
                   {"trajectories has the wrong shape", "[1 x 2 x 3]", "[m x times x 2]"}),
        BadRun{"WithAResult",
               {"plot", "@s.npz", "@r.json", "--out", "@p.svg"},
               {{"s.npz", sound_archive}, {"r.json", result_text({{"1", "1", "1"}})}},
               3,
               {"s.npz", "is a .npz archive", "alone"}}),
    name_of_case);

}  // namespace
}  // namespace scorepath::testing
