// How often 95% intervals hold the truth, over many independent runs.
#pragma once

#include <scorepath/estimate.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "tests/support/problems.hpp"

namespace scorepath::test {

/// Seeds of a calibration: 2000 runs at the sixteen points of a mixture.
inline constexpr std::size_t coverage_seeds = 125;

/// Outcomes of independent runs: z = (estimate - truth)/se, and whether the interval held the truth.
struct Coverage {
  std::size_t runs = 0, covered = 0, targets_missed = 0;
  double z_sum = 0.0, z_squares = 0.0, error_sum = 0.0, error_squares = 0.0;

  void add(const PointResult& p, double truth) {
    add(p.log_density.value() - truth, p.std_error.value(), truth >= *p.ci95_lower && truth <= *p.ci95_upper);
  }
  void add(double error, double standard_error, double half_width) {
    add(error, standard_error, std::abs(error) <= half_width);
  }
  void add(double error, double standard_error, bool is_covered) {
    const double z = error / standard_error;
    ++runs;
    covered += is_covered ? 1 : 0;
    z_sum += z;
    z_squares += z * z;
    error_sum += error;
    error_squares += error * error;
  }
  double fraction() const { return static_cast<double>(covered) / static_cast<double>(runs); }
  double mean_z() const { return z_sum / static_cast<double>(runs); }
  /// z of the mean error against 0: a bias, however wide the single intervals are.
  double bias_z() const { return error_sum / std::sqrt(error_squares); }
  double mean_square_z() const { return z_squares / static_cast<double>(runs); }
};

/// The bounds on coverage over 2000 runs: the fraction's own standard error is 0.0049 where intervals are right, so a
/// right 95% interval falls outside with probability 1e-9.
inline constexpr double least_coverage = 0.92, most_coverage = 0.98;
inline bool is_calibrated(const Coverage& c) { return c.fraction() >= least_coverage && c.fraction() <= most_coverage; }

/// One job for each of `seeds` seeds, at every point: points.rows * seeds runs, all independent of each other.
inline Coverage measure_coverage(const Problem& problem, const Matrix& points, Options options, std::size_t seeds,
                                 std::uint64_t first_seed) {
  const std::vector<double> truth = true_log_densities(problem, points);
  Coverage coverage;
  options.threads = 1;
  for (std::size_t s = 0; s < seeds; ++s) {
    options.seed = first_seed + s;
    for (const PointResult& p : estimate_log_density(problem, points, options).points) coverage.add(p, truth[p.index]);
  }
  return coverage;
}

}  // namespace scorepath::test
