// What tests of `scorepath plot` share: the command, results written by hand, and what can be read off an .svg.
#pragma once

#include <regex>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "tests/cli/bad_run.hpp"

namespace scorepath::testing {

inline bool has_gnuplot() { return run_process({"gnuplot", "--version"}).exit_code == 0; }

class PlotTest : public CliTest {
 protected:
  ProcessResult plot(const std::vector<std::string>& more) const {
    std::vector<std::string> arguments = {"plot"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run(arguments);
  }
  /// The .svg that `plot ARGUMENTS` draws; without gnuplot the command must say so, and there is none.
  std::string svg(std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), {"--out", "@picture.svg", "--force"});
    const ProcessResult result = plot(arguments);
    EXPECT_EQ(result.exit_code, has_gnuplot() ? 0 : 5) << result.err;
    if (has_gnuplot()) return folder_.read("picture.svg");
    EXPECT_THAT(result.err, ::testing::HasSubstr("gnuplot not found"));
    return "";
  }
};

/// A bad run of `plot`. Without gnuplot that is what is said, and nothing is touched either.
class BadPlotTest : public BadRunTest {
 protected:
  void check_plot(BadRun bad) {
    if (!has_gnuplot()) {
      bad.exit_code = 5;
      bad.fragments = {"gnuplot not found"};
    }
    check(bad);
  }
};

/// A point of a result as JSON; numbers as text, so that null can be one.
struct PointText {
  std::string estimate, std_error, exact;
  int evaluations = 100;
  std::string flags = "";
};

/// A result as `density --json` writes it, as far as pictures read it. `job`: more of its keys.
inline std::string result_text(const std::vector<PointText>& points, const std::string& method = "pathwise",
                               const std::string& job = "", const std::string& model = "ring/m.toml") {
  std::string rows;
  for (std::size_t i = 0; i < points.size(); ++i)
    rows += fmt::format(
        "{}{{\"index\": {}, \"log_density\": {}, \"std_error\": {}, \"ci95\": null, \"score_evaluations\": {}, "
        "\"discretization_error\": 0, \"truncation_error\": 0, \"exact_log_density\": {}, \"flags\": [{}]}}",
        i > 0 ? ", " : "", i, points[i].estimate, points[i].std_error, points[i].evaluations, points[i].exact,
        points[i].flags);
  return fmt::format(
      "{{\"command\": \"density\", \"method\": \"{}\", \"schedule\": \"ve\", \"sampler\": \"paths\", \"quantity\": "
      "\"log-density\", \"job\": {{\"model\": \"{}\"{}}}, \"totals\": {{\"paths\": 3}}, \"points\": [{}]}}",
      method, model, job.empty() ? "" : ", " + job, rows);
}

/// What `compare --json` makes of results.
inline std::string comparison_text(const std::vector<std::string>& results, const std::string& model = "ring/m.toml") {
  std::string methods, all;
  for (std::size_t m = 0; m < results.size(); ++m) {
    methods += fmt::format("{}\"method-{}\"", m > 0 ? ", " : "", m);
    all += (m > 0 ? ", " : "") + results[m];
  }
  return fmt::format("{{\"command\": \"compare\", \"model\": \"{}\", \"methods\": [{}], \"results\": [{}]}}", model,
                     methods, all);
}

// ---- reading an .svg of gnuplot's; y grows downwards

struct Place {
  double x, y;
};

inline constexpr const char* first_colour = "rgb\\( 31,  95, 168\\)";
inline constexpr const char* second_colour = "rgb\\(192,  57,  43\\)";

/// The marks of one kind and colour (a regular expression), those of the legend among them.
inline std::vector<Place> marks_of(const std::string& svg, const std::string& kind, const std::string& colour) {
  const std::regex mark("<use xlink:href='#" + kind +
                        "' transform='translate\\(([-.0-9]+),([-.0-9]+)\\)[^']*' color='" + colour + "'");
  std::vector<Place> places;
  for (std::sregex_iterator found(svg.begin(), svg.end(), mark); found != std::sregex_iterator(); ++found)
    places.push_back({std::stod((*found)[1]), std::stod((*found)[2])});
  return places;
}

/// The polylines of one colour (a regular expression): every M begins one.
inline std::vector<std::vector<Place>> lines_of(const std::string& svg, const std::string& colour) {
  const std::regex path("<path stroke='" + colour + "'[^>]* d='([^']*)'"), corner("([ML])([-.0-9]+),([-.0-9]+)");
  std::vector<std::vector<Place>> lines;
  for (std::sregex_iterator found(svg.begin(), svg.end(), path); found != std::sregex_iterator(); ++found) {
    const std::string text = (*found)[1];
    for (std::sregex_iterator at(text.begin(), text.end(), corner); at != std::sregex_iterator(); ++at) {
      if ((*at)[1] == "M") lines.emplace_back();
      lines.back().push_back({std::stod((*at)[2]), std::stod((*at)[3])});
    }
  }
  return lines;
}

struct Box {
  std::string colour;
  double left, right, top, bottom;
};

/// Filled rectangles in the order in which they are drawn, those of a legend and of a bar of colours among them.
inline std::vector<Box> boxes_of(const std::string& svg) {
  const std::regex polygon(
      "<polygon fill = '([^']*)'[^>]* points = '([-.0-9]+),([-.0-9]+) ([-.0-9]+),[-.0-9]+ [-.0-9]+,([-.0-9]+)");
  std::vector<Box> boxes;
  for (std::sregex_iterator at(svg.begin(), svg.end(), polygon); at != std::sregex_iterator(); ++at)
    boxes.push_back({(*at)[1], std::stod((*at)[2]), std::stod((*at)[4]), std::stod((*at)[5]), std::stod((*at)[3])});
  return boxes;
}

}  // namespace scorepath::testing
