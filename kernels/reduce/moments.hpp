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

/// Who does the work of a sum: one thread, or (kernels/cuda) the threads of a block, each a part of every level.
struct OneWorker {
  SP_HD static std::uint32_t rank() { return 0; }
  SP_HD static std::uint32_t size() { return 1; }
  SP_HD static void meet() {}
};
/// work(i) for i in [0, count), and nobody goes on before all of it is done.
template <class Workers, class Work>
SP_HD void each(const Workers& workers, std::uint32_t count, const Work& work) {
  for (std::uint32_t i = workers.rank(); i < count; i += workers.size()) work(i);
  workers.meet();
}

/// Sum of values[0 .. count) by halves: element i and i + half first. Overwrites values.
template <class Workers>
SP_HD double tree_sum(const Workers& workers, double* values, std::uint32_t count) {
  if (count == 0) return 0.0;
  while (count > 1) {
    const std::uint32_t half = (count + 1) / 2;
    each(workers, count - half, [&](std::uint32_t i) { values[i] += values[i + half]; });
    count = half;
  }
  const double sum = values[0];
  workers.meet();  // the caller may overwrite it
  return sum;
}

/// Moments of values[0 .. count); scratch [count].
template <class Workers>
SP_HD Moments moments_of(const Workers& workers, const double* values, std::uint32_t count, double* scratch) {
  if (count == 0) return {};
  each(workers, count, [&](std::uint32_t i) { scratch[i] = values[i]; });
  const double mean = tree_sum(workers, scratch, count) / static_cast<double>(count);
  each(workers, count, [&](std::uint32_t i) { scratch[i] = (values[i] - mean) * (values[i] - mean); });
  const double m2 = tree_sum(workers, scratch, count);
  each(workers, count,
       [&](std::uint32_t i) { scratch[i] = (values[i] - mean) * ((values[i] - mean) * (values[i] - mean)); });
  return {count, mean, m2, tree_sum(workers, scratch, count)};
}
inline Moments moments_of(const double* values, std::size_t count, double* scratch) {
  return moments_of(OneWorker{}, values, static_cast<std::uint32_t>(count), scratch);
}

}  // namespace scorepath::kernels
