#include "host/cli/picture_lambda.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "host/check.hpp"
#include "host/cli/picture_style.hpp"

namespace scorepath::cli {
namespace {

constexpr double normal_975 = 1.959963984540054;  // of a mean of many points

/// The points that every run has an estimate of: means over others would not be comparable.
std::vector<std::size_t> common_points(const Runs& runs) {
  std::vector<std::size_t> common;
  for (std::size_t i = 0; i < runs.all.front().result.points.size(); ++i)
    if (std::all_of(runs.all.begin(), runs.all.end(),
                    [&](const Run& run) { return run.result.points[i].log_density.has_value(); }))
      common.push_back(i);
  return common;
}

struct MeanBound {
  double lambda, value;
  std::optional<double> half_width;  ///< absent where a point has no standard error
};

/// The points' errors are independent: their variances add up.
MeanBound mean_bound(const Result& result, const std::vector<std::size_t>& points) {
  MeanBound mean{result.options.lambda, 0.0, 0.0};
  const auto count = static_cast<double>(points.size());
  double error = 0.0;
  for (const std::size_t i : points) {
    mean.value += *result.points[i].log_density / count;
    if (!result.points[i].std_error) mean.half_width.reset();
    error = std::hypot(error, result.points[i].std_error.value_or(0.0));
  }
  if (mean.half_width) mean.half_width = normal_975 * error / count;
  return mean;
}

std::optional<double> mean_exact(const Result& result, const std::vector<std::size_t>& points) {
  double mean = 0.0;
  for (const std::size_t i : points) {
    if (!result.points[i].exact_log_density) return std::nullopt;
    mean += *result.points[i].exact_log_density / static_cast<double>(points.size());
  }
  return mean;
}

/// Two blocks and their layers: means with an interval, and those without one (hollow).
void add_curve(const Runs& runs, const std::string& label, std::size_t number, const std::vector<std::size_t>& points,
               std::string& blocks, std::vector<std::string>& layers) {
  std::vector<MeanBound> means;
  for (const Run& run : runs.all)
    if (run.label == label) means.push_back(mean_bound(run.result, points));
  std::sort(means.begin(), means.end(), [](const MeanBound& a, const MeanBound& b) { return a.lambda < b.lambda; });
  std::string all = fmt::format("$curve{} << END\n", number), bare = fmt::format("$bare{} << END\n", number);
  bool any_bare = false;
  for (const MeanBound& mean : means) {
    const double half = mean.half_width.value_or(0.0);
    all += fmt::format("{} {} {} {}\n", mean.lambda, mean.value, mean.value - half, mean.value + half);
    if (mean.half_width) continue;
    bare += fmt::format("{} {}\n", mean.lambda, mean.value);
    any_bare = true;
  }
  blocks += all + "END\n" + bare + "END\n";
  const char* colour = series_colour(number);
  const int mark = series_mark(number);
  layers.push_back(fmt::format("$curve{} using 1:2 with lines lw 1 lc '{}' notitle", number, colour));
  layers.push_back(fmt::format("$curve{} using 1:2:3:4 with yerrorbars pt {} ps 0.9 lw 1.5 lc '{}' title {}", number,
                               mark, colour, gnuplot_literal(label)));
  if (any_bare)
    layers.push_back(fmt::format("$bare{} using 1:2 with points pt {} ps 1.8 lc '{}' title {}", number, mark - 1,
                                 colour, gnuplot_literal(label + ", without a valid error bar")));
}

}  // namespace

std::string draw_lambda_curve(const Runs& runs, const std::string& path) {
  const std::vector<std::size_t> points = common_points(runs);
  SP_VALIDATE(!points.empty(), input,
              "the results have no point in common with an estimate (there is nothing to draw) give others");
  const std::vector<PointResult>& first = runs.all.front().result.points;
  std::string blocks;
  std::vector<std::string> layers;
  const std::optional<double> exact = mean_exact(runs.all.front().result, points);
  if (exact) layers.push_back(fmt::format("{} with lines lw 1.5 lc '#222222' title 'exact log-density'", *exact));
  const std::vector<std::string> labels = runs.labels();
  for (std::size_t m = 0; m < labels.size(); ++m) add_curve(runs, labels[m], m, points, blocks, layers);

  const auto [low, high] = std::minmax_element(runs.all.begin(), runs.all.end(), [](const Run& a, const Run& b) {
    return a.result.options.lambda < b.result.options.lambda;
  });
  const double from = low->result.options.lambda, to = high->result.options.lambda;
  const std::string which =
      points.size() == first.size()
          ? fmt::format("{} points", points.size())
          : fmt::format("the {} of {} points that every result has an estimate of", points.size(), first.size());
  return picture_of(
      gnuplot_terminal(path) +
      gnuplot_title(fmt::format("Variational bound against lambda under {}", short_model(runs.model)),
                    fmt::format("mean over {} and its 95% interval (sampling alone), schedule {}", which,
                                runs.all.front().result.schedule)) +
      fmt::format("set grid lt 1 lc rgb '#dddddd'\nset bars small\nset lmargin 13\nset rmargin 4\n"
                  "set key bmargin center horizontal Left reverse samplen 2 height 1 maxcols 2\n"
                  "set xlabel 'lambda: 0 the reverse SDE, 1 the probability flow'\nset ylabel 'mean bound [nat]'\n"
                  "set xrange [{}:{}]\nset offsets 0, 0, graph 0.08, graph 0.08\nset format y '%g'\n",
                  from - 0.04 * (to - from), to + 0.04 * (to - from)) +
      blocks + fmt::format("plot {}\n", fmt::join(layers, ", ")));
}

}  // namespace scorepath::cli
