#include "host/cli/picture_convergence.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "host/check.hpp"
#include "host/cli/picture_style.hpp"
#include "host/cli/table.hpp"

namespace scorepath::cli {
namespace {

/// Filled; each one's hollow form is the one before. Curves that lie on each other differ by them.
constexpr int curve_marks[] = {7, 5, 9, 13, 15};

/// One run as a point of the picture [evaluations a point, nat].
struct Accuracy {
  std::string label;
  double evaluations;
  double drawn;                  ///< the real error, or the stated one where exact values are not known
  std::optional<double> stated;  ///< beside the real error
  bool flagged;                  ///< at least one of its points is, or has no estimate
};

/// Root mean square of the values added, without overflow on the way.
struct RootMeanSquare {
  double root = 0.0;
  std::size_t count = 0;
  void add(double value) {
    root = std::hypot(root, value);
    ++count;
  }
  std::optional<double> value() const {
    if (count == 0 || !std::isfinite(root)) return std::nullopt;
    return root / std::sqrt(static_cast<double>(count));
  }
};

/// Absent where no point can be used.
std::optional<Accuracy> accuracy_of(const Run& run, bool exact) {
  RootMeanSquare error, stated;
  double evaluations = 0.0;
  std::size_t used = 0;
  bool flagged = false;
  for (const PointResult& point : run.result.points) {
    flagged = flagged || !point.flags.empty() || !point.log_density;
    if (!point.log_density || (exact && !point.exact_log_density)) continue;
    ++used;
    evaluations += static_cast<double>(point.score_evaluations);
    if (exact) error.add(*point.log_density - *point.exact_log_density);
    if (const std::optional<double> whole = whole_error(point)) stated.add(*whole);
  }
  const std::optional<double> drawn = exact ? error.value() : stated.value();
  if (!drawn || !(evaluations > 0.0)) return std::nullopt;
  return Accuracy{run.label, evaluations / static_cast<double>(used), *drawn, exact ? stated.value() : std::nullopt,
                  flagged};
}

bool any_exact(const Runs& runs) {
  for (const Run& run : runs.all)
    for (const PointResult& point : run.result.points)
      if (point.log_density && point.exact_log_density) return true;
  return false;
}

/// What is drawn, on log axes: zero has no place there and is marked at the lower edge.
struct Frame {
  double left = HUGE_VAL, right = 0.0, low = HUGE_VAL, high = 0.0, floor = 0.0;
};

Frame frame_of(const std::vector<Accuracy>& all) {
  Frame frame;
  bool any_zero = false;
  const auto include = [&](double value) {
    any_zero = any_zero || value == 0.0;
    if (value > 0.0) frame.low = std::min(frame.low, value), frame.high = std::max(frame.high, value);
  };
  for (const Accuracy& a : all) {
    frame.left = std::min(frame.left, a.evaluations);
    frame.right = std::max(frame.right, a.evaluations);
    include(a.drawn);
    if (a.stated) include(*a.stated);
  }
  if (frame.high == 0.0) frame.low = frame.high = 1e-16;  // all are zero
  frame.left /= 1.5, frame.right *= 4.0;                  // on the right the slopes have their names
  frame.low /= 2.0, frame.high *= 4.0;
  if (any_zero) frame.low /= 4.0;
  frame.floor = 1.5 * frame.low;
  return frame;
}

/// From the upper left corner down to the right or lower edge, its name at its end.
std::string slope_block(const char* name, double slope, const char* title, const Frame& f) {
  const double start = 0.6 * f.high;
  // The name stands under the end, inside the picture.
  const double right = std::min(f.right / 1.1, f.left * std::pow(3.0 * f.low / start, 1.0 / slope));
  const double end = start * std::pow(right / f.left, slope);
  return fmt::format("${} << END\n{} {}\n{} {}\nEND\n${}name << END\n{} {} \"{}\"\nEND\n", name, f.left, start, right,
                     end, name, right, end, title);
}

/// The blocks and layers of one label.
void add_series(const std::vector<Accuracy>& all, const std::string& label, std::size_t number, const Frame& frame,
                std::string& blocks, std::vector<std::string>& layers) {
  std::string sound, flagged, stated, zero, stated_zero;
  for (const Accuracy& a : all) {
    if (a.label != label) continue;
    const auto at = [&](double value) { return fmt::format("{} {}\n", a.evaluations, value); };
    if (a.drawn > 0.0)
      (a.flagged ? flagged : sound) += at(a.drawn);
    else
      zero += at(frame.floor);
    if (a.stated) (*a.stated > 0.0 ? stated : stated_zero) += at(*a.stated > 0.0 ? *a.stated : frame.floor);
  }
  std::string line;
  for (const Accuracy& a : all)
    if (a.label == label && a.drawn > 0.0) line += fmt::format("{} {}\n", a.evaluations, a.drawn);

  const char* colour = series_colour(number);
  const int mark = curve_marks[number % std::size(curve_marks)];
  bool named = false;
  const auto layer = [&](const char* kind, const std::string& rows, const std::string& style, bool names) {
    if (rows.empty()) return;
    blocks += fmt::format("${}{} << END\n{}END\n", kind, number, rows);
    const std::string title = names && !named ? "title " + gnuplot_literal(label) : "notitle";
    named = named || names;
    layers.push_back(fmt::format("${}{} using 1:2 with {} lc '{}' {}", kind, number, style, colour, title));
  };
  layer("stated", stated, "linespoints dt 2 lw 1.2 pt 1 ps 0.6", false);
  layer("line", line, "lines lw 2", false);
  layer("sound", sound, fmt::format("points pt {} ps 1.1", mark), true);
  layer("flagged", flagged, fmt::format("points pt {} ps 1.3 lw 1.5", mark - 1), true);
  layer("zero", zero, "points pt 11 ps 1.4", true);
  layer("statedzero", stated_zero, "points pt 10 ps 1.4", false);
}

/// Legend entries in grey for what marks mean, where they are there.
void add_legend(const std::vector<Accuracy>& all, std::vector<std::string>& layers) {
  const auto any = [&](auto holds) { return std::any_of(all.begin(), all.end(), holds); };
  const auto entry = [&](bool is_there, const char* style, const char* title) {
    if (is_there) layers.push_back(fmt::format("keyentry with {} lc '#555555' title '{}'", style, title));
  };
  entry(any([](const Accuracy& a) { return a.stated.value_or(0.0) > 0.0; }), "linespoints dt 2 lw 1.2 pt 1 ps 0.6",
        "stated error");
  entry(any([](const Accuracy& a) { return a.flagged && a.drawn > 0.0; }), "points pt 6 ps 1.3 lw 1.5",
        "some points flagged");
  entry(any([](const Accuracy& a) { return a.drawn == 0.0; }), "points pt 11 ps 1.4", "zero (no place on the axis)");
  entry(any([](const Accuracy& a) { return a.stated && *a.stated == 0.0; }), "points pt 10 ps 1.4", "zero is stated");
}

}  // namespace

std::string draw_convergence(const Runs& runs, const std::string& path) {
  const bool exact = any_exact(runs);
  std::vector<Accuracy> all;
  for (const Run& run : runs.all)
    if (const std::optional<Accuracy> accuracy = accuracy_of(run, exact)) all.push_back(*accuracy);
  SP_VALIDATE(!all.empty(), input,
              "the results have no point with an estimate and its error (there is nothing to draw) give others");
  std::stable_sort(all.begin(), all.end(),
                   [](const Accuracy& a, const Accuracy& b) { return a.evaluations < b.evaluations; });
  const Frame frame = frame_of(all);
  std::string blocks = slope_block("half", -0.5, "slope -1/2", frame) + slope_block("whole", -1.0, "slope -1", frame);
  std::vector<std::string> layers;
  for (const char* name : {"half", "whole"}) {
    layers.push_back(fmt::format("${} using 1:2 with lines lw 0.8 lc '#999999' notitle", name));
    layers.push_back(fmt::format("${}name using 1:2:3 with labels right offset 0,-0.8 tc rgb '#777777' notitle", name));
  }
  const std::vector<std::string> labels = runs.labels();
  for (std::size_t m = 0; m < labels.size(); ++m) add_series(all, labels[m], m, frame, blocks, layers);
  add_legend(all, layers);

  std::string how = fmt::format("root mean square over {} points, schedule {}", runs.all.front().result.points.size(),
                                runs.all.front().result.schedule);
  if (exact) how += "; stated: standard and systematic error";
  if (const std::size_t left_out = runs.all.size() - all.size(); left_out > 0)
    how += fmt::format("; {} of {} results have no estimate and are not drawn", left_out, runs.all.size());
  return picture_of(
      gnuplot_terminal(path) + gnuplot_formulas +
      gnuplot_title(fmt::format("{} against cost under {}", exact ? "Error" : "Stated error", short_model(runs.model)),
                    how) +
      fmt::format("set logscale xy\nset format xy '10^{{%T}}'\n"
                  "set grid lt 1 lc rgb '#e4e4e4'\nset lmargin 13\nset rmargin 4\n"
                  "set key bmargin center horizontal Left reverse samplen 2 maxcols 4 height 0.5\n"
                  "set xlabel 'score evaluations a point'\nset ylabel {}\nset xrange [{}:{}]\nset yrange [{}:{}]\n",
                  gnuplot_literal(exact ? "root mean square error against the exact values [nat]"
                                        : "root mean square of the stated error (exact values unknown) [nat]"),
                  frame.left, frame.right, frame.low, frame.high) +
      blocks + fmt::format("plot {}\n", fmt::join(layers, ", ")));
}

}  // namespace scorepath::cli
