// A program outside the tree: one Gaussian through the public API, checked against its closed form.
#include <cmath>
#include <cstdio>

#include <scorepath/scorepath.hpp>

int main() {
  scorepath::Problem problem;
  problem.score = scorepath::Gaussian{{0.0, 0.0}, {1.0}};
  const scorepath::Matrix points(1, 2, {1.0, -1.0});
  const double truth = -std::log(2.0 * 3.14159265358979323846) - 1.0;
  const double exact = scorepath::exact_log_density(problem, points).at(0);
  const scorepath::Result result = scorepath::estimate_log_density(problem, points);
  const scorepath::PointResult& point = result.points.at(0);
  std::printf("scorepath %s: %.6f +- %.6f, exact %.6f, truth %.6f\n", scorepath::version().c_str(),
              point.log_density.value(), point.std_error.value(), exact, truth);
  if (std::abs(exact - truth) > 1e-9) return 1;
  // 5 standard errors, and float rounding where a control variate leaves no variance at all.
  if (std::abs(*point.log_density - truth) > 5.0 * *point.std_error + 1e-3) return 1;
  try {
    scorepath::exact_log_density(problem, scorepath::Matrix(1, 3));
  } catch (const scorepath::Error& error) {  // the type crosses the library's border
    return error.kind() == scorepath::ErrorKind::input ? 0 : 1;
  }
  return 1;
}
