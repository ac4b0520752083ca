// Log-densities of a few points under a model, with error bars, next to the exact values.
// Usage: first_density [model.toml points.npy]
#include <cmath>
#include <cstdio>
#include <exception>
#include <string>

#include <scorepath/scorepath.hpp>

int main(int argc, char** argv) try {
  const std::string model = argc > 2 ? argv[1] : "data/mixtures/ring-2/model.toml";
  const std::string file = argc > 2 ? argv[2] : "data/mixtures/ring-2/points.npy";
  const scorepath::Problem problem = scorepath::load_problem(model);
  const scorepath::Matrix points = scorepath::load_points(file);

  scorepath::Options options;
  options.target_se = 0.01;  // [nat]; stops at each point as soon as its error bar is this small
  options.paths = 1 << 20;   // ... and here at the latest
  const scorepath::Result result = scorepath::estimate_log_density(problem, points, options);

  int outside = 0;
  std::printf("point  log-density   std error       exact\n");
  for (const scorepath::PointResult& point : result.points) {
    if (!point.log_density || !point.std_error || !point.exact_log_density) return 1;
    std::printf("%5zu  %11.4f  %10.4f  %10.4f\n", static_cast<std::size_t>(point.index), *point.log_density,
                *point.std_error, *point.exact_log_density);
    if (std::abs(*point.log_density - *point.exact_log_density) > 5.0 * *point.std_error) ++outside;
  }
  return outside == 0 ? 0 : 1;
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
