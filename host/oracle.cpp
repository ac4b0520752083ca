// The oracle: exact log-densities, and the check of points that it shares with the estimate.
#include <cmath>
#include <cstdint>

#include <fmt/format.h>

#include <scorepath/estimate.hpp>

#include "host/check.hpp"
#include "host/check_points.hpp"
#include "host/model.hpp"

namespace scorepath {

void check_points(const Problem& problem, MatrixView points) {
  SP_VALIDATE(points.rows > 0, input, "points is empty (there is no row) give at least one point");
  SP_VALIDATE(points.data != nullptr, input,
              fmt::format("points has no data (null pointer for {} rows) set data to the first element", points.rows));
  SP_VALIDATE(points.columns == dimension(problem.score), input,
              fmt::format("points has {} columns (the model has dimension {}) give points of the model's dimension",
                          points.columns, dimension(problem.score)));
  constexpr std::size_t most = PTRDIFF_MAX / sizeof(double);
  SP_VALIDATE(points.rows <= most / points.columns, input,
              fmt::format("points is {} x {} (more elements than any memory holds) correct its shape", points.rows,
                          points.columns));
  for (std::size_t i = 0; i < points.size(); ++i) {
    SP_VALIDATE(
        std::isfinite(points.data[i]) && std::abs(points.data[i]) <= 1e18, input,
        fmt::format("points[{}][{}] is {} (coordinates must be finite, at most 1e18) correct or remove the point",
                    i / points.columns, i % points.columns, points.data[i]));
  }
}

std::vector<double> exact_log_density(const Problem& problem, MatrixView points) {
  validate(problem);
  check_points(problem, points);
  SP_VALIDATE(!std::holds_alternative<Network>(problem.score), input,
              "score is a network (nobody knows its exact density) use estimate_log_density");
  const Model model(problem);
  std::vector<double> y(points.columns), out(points.rows);
  for (std::size_t i = 0; i < points.rows; ++i) {
    model.to_canonical(points.row(i), y.data());
    out[i] = model.log_density(y.data());
  }
  return out;
}

double bits_per_dimension(double log_density, std::size_t dim, double scale) {
  SP_VALIDATE(dim > 0, usage, "dim is 0 (bits per dimension need one) give the number of coordinates");
  SP_VALIDATE(std::isfinite(scale) && scale > 0.0, usage,
              fmt::format("scale is {} (data are divided by a positive, finite number) give that number", scale));
  const double d = static_cast<double>(dim);
  return (d * kernels::log(scale) - log_density) / (d * 0.69314718055994531);
}

}  // namespace scorepath
