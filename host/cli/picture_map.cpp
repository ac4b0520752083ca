#include "host/cli/picture_map.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "host/cli/picture_runs.hpp"
#include "host/cli/picture_style.hpp"

namespace scorepath::cli {
namespace {

constexpr std::size_t most_dots = 4000;
constexpr double deepest = 15.0;  ///< [nat] below the highest value: further down there is nothing to tell apart

std::vector<double> distinct_coordinates(const Matrix& points, std::size_t column) {
  std::vector<double> values;
  for (std::size_t i = 0; i < points.rows; ++i) values.push_back(points(i, column));
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return values;
}

std::size_t place_of(const std::vector<double>& values, double value) {
  return static_cast<std::size_t>(std::lower_bound(values.begin(), values.end(), value) - values.begin());
}

/// Within what single precision leaves of a constant spacing.
bool is_even(const std::vector<double>& values) {
  const double spacing = (values.back() - values.front()) / static_cast<double>(values.size() - 1);
  for (std::size_t i = 1; i < values.size(); ++i)
    if (std::abs(values[i] - values[i - 1] - spacing) > 1e-3 * spacing) return false;
  return true;
}

/// Where the cells around the values end: half way between neighbours.
std::vector<double> cell_edges(const std::vector<double>& values) {
  std::vector<double> ends = {values[0] - 0.5 * (values[1] - values[0])};
  for (std::size_t i = 1; i < values.size(); ++i) ends.push_back(0.5 * values[i - 1] + 0.5 * values[i]);
  ends.push_back(values.back() + 0.5 * (values.back() - values[values.size() - 2]));
  return ends;
}

struct MapWindow {
  double left, right, bottom, top;
  bool holds(double x, double y) const { return x >= left && x <= right && y >= bottom && y <= top; }
};

/// A window around points that are no grid.
MapWindow around(const Matrix& points) {
  const std::vector<double> x = distinct_coordinates(points, 0), y = distinct_coordinates(points, 1);
  const double widest = std::max(x.back() - x.front(), y.back() - y.front());
  const double margin = widest > 0.0 ? 0.05 * widest : 1.0;
  return {x.front() - margin, x.back() + margin, y.front() - margin, y.back() + margin};
}

struct MapLayer {
  std::string block, plot;
};

MapLayer map_cells(const PointGrid& grid, const Result& result) {
  // Cells reach a pixel under the next ones: where two only touch, paper shines through.
  constexpr double overlap = 0.002;
  const std::vector<double> x = cell_edges(grid.x), y = cell_edges(grid.y);
  MapLayer layer{"$cells << END\n",
                 grid.even ? "$cells using 1:2:3 with image notitle"
                           : "$cells using 1:2:4:5:6:7:3 with boxxyerror fs solid noborder lc palette notitle"};
  for (std::size_t i = 0; i < grid.y.size(); ++i)
    for (std::size_t j = 0; j < grid.x.size(); ++j) {
      const std::optional<double> value = result.points[grid.rows[i * grid.x.size() + j]].log_density;
      if (!value && !grid.even) continue;
      layer.block += fmt::format("{} {} {}", grid.x[j], grid.y[i], value ? fmt::format("{}", *value) : "NaN");
      if (!grid.even)
        layer.block += fmt::format(" {} {} {} {}", x[j], x[j + 1] + overlap * (x.back() - x.front()), y[i],
                                   y[i + 1] + overlap * (y.back() - y.front()));
      layer.block += "\n";
    }
  layer.block += "END\n";
  return layer;
}

MapLayer map_points(const DensityMap& map) {
  MapLayer layer{"$points << END\n", fmt::format("$points using 1:2:3 with points pt 7 ps {} lc palette notitle",
                                                 map.points.rows > 1000 ? 0.5 : 1.4)};
  for (std::size_t i = 0; i < map.points.rows; ++i)
    if (const std::optional<double> value = map.result.points[i].log_density)
      layer.block += fmt::format("{} {} {}\n", map.points(i, 0), map.points(i, 1), *value);
  layer.block += "END\n";
  return layer;
}

MapLayer map_dots(const Matrix& samples, const MapWindow& window) {
  const Thinned thin = thinned(samples.rows, most_dots);
  std::size_t outside = 0;
  std::string block = "$samples << END\n";
  for (std::size_t i = 0; i < samples.rows; i += thin.stride) {
    if (!window.holds(samples(i, 0), samples(i, 1)))
      ++outside;
    else
      block += fmt::format("{} {}\n", samples(i, 0), samples(i, 1));
  }
  // The legend's dot is larger than those of the picture: it would not be seen.
  std::string title = share(thin.count, samples.rows, "sample");
  if (outside > 0) title += fmt::format(", {} of them outside the map", outside);
  return {block + "END\n",
          fmt::format("$samples using 1:2 with points pt 7 ps 0.22 lc rgb '#50e8590c' notitle, keyentry with points pt "
                      "7 ps 0.7 lc rgb '#e8590c' title {}",
                      gnuplot_literal(title))};
}

}  // namespace

std::optional<PointGrid> grid_of(const Matrix& points) {
  PointGrid grid{distinct_coordinates(points, 0), distinct_coordinates(points, 1), {}, false};
  const std::size_t width = grid.x.size(), height = grid.y.size();
  if (width < 2 || height < 2 || width * height != points.rows) return std::nullopt;
  constexpr std::size_t none = SIZE_MAX;
  grid.rows.assign(points.rows, none);
  for (std::size_t i = 0; i < points.rows; ++i) {
    std::size_t& row = grid.rows[place_of(grid.y, points(i, 1)) * width + place_of(grid.x, points(i, 0))];
    if (row != none) return std::nullopt;  // twice here, so nowhere else
    row = i;
  }
  grid.even = is_even(grid.x) && is_even(grid.y);
  return grid;
}

std::string draw_map(const DensityMap& map, const std::string& path) {
  const std::optional<PointGrid> grid = grid_of(map.points);
  MapWindow window = around(map.points);
  if (grid)
    window = {cell_edges(grid->x).front(), cell_edges(grid->x).back(), cell_edges(grid->y).front(),
              cell_edges(grid->y).back()};

  double low = HUGE_VAL, high = -HUGE_VAL;
  std::size_t blank = 0;
  for (const PointResult& point : map.result.points) {
    if (!point.log_density) ++blank;
    low = std::min(low, point.log_density.value_or(low));
    high = std::max(high, point.log_density.value_or(high));
  }
  const bool cut = low < high - deepest;
  if (cut) low = high - deepest;
  if (!(high > low)) low = high - 1.0;

  std::vector<MapLayer> layers = {grid ? map_cells(*grid, map.result) : map_points(map)};
  if (map.samples != nullptr) layers.push_back(map_dots(*map.samples, window));
  std::string blocks, plots;
  for (const MapLayer& layer : layers) {
    blocks += layer.block;
    plots += (plots.empty() ? "" : ", ") + layer.plot;
  }
  const std::string shape = grid ? fmt::format("on a {} x {} grid", grid->x.size(), grid->y.size())
                                 : fmt::format("of {} points", map.points.rows);
  std::string how = fmt::format("{}, schedule {}", method_label(map.result), map.result.schedule);
  if (blank > 0) how += fmt::format("; {} of {} points have no estimate: blank", blank, map.points.rows);
  return picture_of(
      gnuplot_terminal(path) + gnuplot_formulas +
      gnuplot_title(
          fmt::format("{} {} under {}", capitalised(name_of(map.result.quantity)), shape, short_model(map.model)),
          how) +
      plane_axes + map_palette +
      fmt::format(
          "set cblabel {} offset 1.5,0\nset xrange [{}:{}]\nset yrange [{}:{}]\nset cbrange [{}:{}]\nset tics out\n",
          gnuplot_literal(
              name_of(map.result.quantity) + " [nat]" +
              (cut ? fmt::format("; lightest where it is {:.0f} nat or more below the highest", deepest) : "")),
          window.left, window.right, window.bottom, window.top, low, high) +
      blocks + "plot " + plots + "\n");
}

}  // namespace scorepath::cli
