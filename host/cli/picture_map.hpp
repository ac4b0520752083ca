// The picture of log-densities over the plane.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <scorepath/matrix_view.hpp>
#include <scorepath/result.hpp>

namespace scorepath::cli {

/// Points that fill a rectangular grid, found from their coordinates alone, in whatever order they stand.
struct PointGrid {
  std::vector<double> x, y;       ///< ascending
  std::vector<std::size_t> rows;  ///< [y.size() x x.size()] of the points
  bool even = false;              ///< both spacings are constant
};
/// `points` [n x 2]; absent where they are no grid of at least 2 x 2.
std::optional<PointGrid> grid_of(const Matrix& points);

struct DensityMap {
  const Result& result;
  std::string model;
  const Matrix& points;             ///< [n x 2], those of the result
  const Matrix* samples = nullptr;  ///< [m x 2], drawn on top
};

/// The bytes of a .png or .svg file, by the extension of `path`: log-density [nat] as cells of a grid, or as coloured
/// points where there is none; what has no estimate stays blank. Errors: resource.
std::string draw_map(const DensityMap& map, const std::string& path);

}  // namespace scorepath::cli
