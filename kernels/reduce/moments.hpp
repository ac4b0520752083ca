// Mergeable records of moments, in double, summed by a fixed tree: the same bits for any thread count, chunk or shard.
#pragma once

#include <cstdint>

#include "kernels/lane/elementary.hpp"

namespace scorepath::kernels {

/// Count, mean and sums of squared and cubed deviations of a set of numbers.
struct Moments {
  std::uint64_t count = 0;
  double mean = 0.0;
  double m2 = 0.0;
  double m3 = 0.0;

  /// Unbiased variance; needs count >= 2.
  double variance() const { return m2 / static_cast<double>(count - 1); }
  /// Variance of the mean.
  double variance_of_mean() const { return variance() / static_cast<double>(count); }
  /// The sample's skewness; 0 where nothing varies.
  double skewness() const {
    const double n = static_cast<double>(count);
    return m2 > 0.0 ? m3 / m2 * sqrt(n / m2) : 0.0;
  }
  double square_skewness() const { return m2 > 0.0 ? (m3 / m2) * (m3 / m2) * (static_cast<double>(count) / m2) : 0.0; }
};

/// Both sets together (T. F. Chan, G. H. Golub, R. J. LeVeque 1979; third moment: P. Pebay 2008). Folded over batches
/// in their order.
inline Moments merge(const Moments& a, const Moments& b) {
  if (a.count == 0) return b;
  if (b.count == 0) return a;
  const double n_a = static_cast<double>(a.count);
  const double n_b = static_cast<double>(b.count);
  const double n = n_a + n_b;
  const double difference = b.mean - a.mean;
  const double between = difference * difference * (n_a * n_b / n);
  const double third = difference * ((n_a - n_b) / n * between + 3.0 * (n_a / n * b.m2 - n_b / n * a.m2));
  return {a.count + b.count, a.mean + difference * (n_b / n), a.m2 + b.m2 + between, a.m3 + b.m3 + third};
}

/// Sum of values[0 .. count) by halves: element i and i + half first. Overwrites values.
inline double tree_sum(double* values, std::uint64_t count) {
  if (count == 0) return 0.0;
  while (count > 1) {
    const std::uint64_t half = (count + 1) / 2;
    for (std::uint64_t i = 0; i + half < count; ++i) values[i] += values[i + half];
    count = half;
  }
  return values[0];
}

/// Moments of values[0 .. count); scratch [count].
inline Moments moments_of(const double* values, std::uint64_t count, double* scratch) {
  if (count == 0) return {};
  for (std::uint64_t i = 0; i < count; ++i) scratch[i] = values[i];
  const double mean = tree_sum(scratch, count) / static_cast<double>(count);
  for (std::uint64_t i = 0; i < count; ++i) scratch[i] = (values[i] - mean) * (values[i] - mean);
  const double m2 = tree_sum(scratch, count);
  for (std::uint64_t i = 0; i < count; ++i) scratch[i] = (values[i] - mean) * ((values[i] - mean) * (values[i] - mean));
  return {count, mean, m2, tree_sum(scratch, count)};
}

}  // namespace scorepath::kernels
