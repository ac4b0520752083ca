// Statistics of the tests, in plain double: exact probabilities, test statistics as z, and the one bound on z.
//
// Every statistical assertion is |z| <= z_bound, two-sided, for a z that is N(0, 1) when the code is right (p-values
// are turned into z). A right program violates one such assertion with probability 5.7e-7; seeds are fixed by the
// tests' names, so this can happen only when a test is written, renamed or its random numbers change.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace scorepath::test {

inline constexpr double z_bound = 5.0;
inline constexpr double pi = 3.14159265358979323846;

/// P(Z <= z) and P(Z > z) for Z ~ N(0, 1), each to full relative precision.
inline double normal_cdf(double z) { return 0.5 * std::erfc(-z / std::sqrt(2.0)); }
inline double normal_tail(double z) { return 0.5 * std::erfc(z / std::sqrt(2.0)); }

/// z with P(Z > z) = tail, tail in (0, 1): Newton's method on the logarithm of the tail, from an outer bound.
inline double normal_tail_quantile(double tail) {
  if (tail > 0.5) return -normal_tail_quantile(1.0 - tail);
  if (tail <= 0.0) return std::numeric_limits<double>::infinity();
  double z = std::sqrt(std::max(0.0, -2.0 * std::log(2.0 * tail)));
  for (int i = 0; i < 100; ++i) {
    const double density = std::exp(-0.5 * z * z) / std::sqrt(2.0 * pi);
    const double step = std::log(normal_tail(z) / tail) * normal_tail(z) / density;
    z += step;
    if (std::abs(step) < 1e-13 * (1.0 + z)) break;
  }
  return z;
}

/// E Z^k: 0 for odd k, (k - 1)!! for even k.
inline double normal_moment(int k) {
  if (k % 2 == 1) return 0.0;
  double product = 1.0;
  for (int i = k - 1; i > 1; i -= 2) product *= i;
  return product;
}

/// z of a mean of n independent values with the given expectation and variance.
inline double z_of_mean(double mean, double expectation, double variance, double n) {
  return (mean - expectation) / std::sqrt(variance / n);
}

/// z of a count out of n independent trials of probability p; for n p >= 100 or so.
inline double z_of_count(double count, double n, double p) { return (count - n * p) / std::sqrt(n * p * (1.0 - p)); }

/// z of a Poisson count of moderate mean (rare events): the smaller of P(N >= count) and P(N <= count), as a signed z.
inline double z_of_rare_count(std::uint64_t count, double mean) {
  const auto probability = [mean](std::uint64_t k) {
    const auto x = static_cast<double>(k);
    return std::exp(x * std::log(mean) - mean - std::lgamma(x + 1.0));
  };
  double at_most = 0.0;
  for (std::uint64_t k = 0; k <= count; ++k) at_most += probability(k);
  double at_least = probability(count);  // summed on its own: 1 - P would cancel
  for (std::uint64_t k = count + 1; probability(k) > 1e-18 * at_least || static_cast<double>(k) < mean; ++k) {
    at_least += probability(k);
  }
  return at_least < at_most ? normal_tail_quantile(at_least) : -normal_tail_quantile(at_most);
}

/// z of a chi-square statistic (Wilson and Hilferty 1931: its cube root is nearly normal; good to 0.02 in z from 30
/// degrees of freedom on). Large z: a bad fit; small z: too good a fit.
inline double z_of_chi_square(double statistic, double degrees) {
  const double v = 2.0 / (9.0 * degrees);
  return (std::cbrt(statistic / degrees) - (1.0 - v)) / std::sqrt(v);
}

/// Pearson's statistic for counts in cells of equal probability.
inline double chi_square_uniform(std::span<const std::uint64_t> counts) {
  double total = 0.0;
  for (const std::uint64_t c : counts) total += static_cast<double>(c);
  const double expected = total / static_cast<double>(counts.size());
  double sum = 0.0;
  for (const std::uint64_t c : counts) {
    const double difference = static_cast<double>(c) - expected;
    sum += difference * difference / expected;
  }
  return sum;
}
inline double z_of_uniform_counts(std::span<const std::uint64_t> counts) {
  return z_of_chi_square(chi_square_uniform(counts), static_cast<double>(counts.size() - 1));
}

/// P(D_n > d) of Kolmogorov's statistic for large n, as an upper-tail z (Stephens' correction for finite n).
inline double z_of_kolmogorov(double d, double n) {
  const double lambda = (std::sqrt(n) + 0.12 + 0.11 / std::sqrt(n)) * d;
  double p = 0.0;
  if (lambda < 1.0) {  // the theta function's other series, where this one converges slowly
    for (int k = 1; k <= 20; ++k) p += std::exp(-(2 * k - 1) * (2 * k - 1) * pi * pi / (8.0 * lambda * lambda));
    p = 1.0 - std::sqrt(2.0 * pi) / lambda * p;
  } else {
    for (int k = 1; k <= 20; ++k) p += (k % 2 == 1 ? 2.0 : -2.0) * std::exp(-2.0 * k * k * lambda * lambda);
  }
  return normal_tail_quantile(std::clamp(p, 1e-300, 1.0 - 1e-16));
}

/// Kolmogorov's distance between counts in equally probable cells and the uniform law, taken at the cells' borders.
inline double kolmogorov_uniform(std::span<const std::uint64_t> counts) {
  double total = 0.0;
  for (const std::uint64_t c : counts) total += static_cast<double>(c);
  double below = 0.0;
  double distance = 0.0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    below += static_cast<double>(counts[i]);
    distance =
        std::max(distance, std::abs(below / total - static_cast<double>(i + 1) / static_cast<double>(counts.size())));
  }
  return distance;
}

/// Sample mean, variance (n - 1) and the z of the mean against an expectation, the variance being estimated.
struct Sample {
  double mean = 0.0;
  double variance = 0.0;
  double n = 0.0;
  double standard_error() const { return std::sqrt(variance / n); }
  double z(double expectation) const { return (mean - expectation) / standard_error(); }
};
inline Sample summarise(std::span<const double> values) {
  Sample s;
  s.n = static_cast<double>(values.size());
  for (const double v : values) s.mean += v / s.n;
  for (const double v : values) s.variance += (v - s.mean) * (v - s.mean) / (s.n - 1.0);
  return s;
}

/// Least-squares slope of y over x and its standard error from the known standard errors of y.
struct Slope {
  double value = 0.0;
  double standard_error = 0.0;
};
inline Slope weighted_slope(std::span<const double> x, std::span<const double> y, std::span<const double> y_error) {
  double w_sum = 0.0, x_mean = 0.0, y_mean = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double w = 1.0 / (y_error[i] * y_error[i]);
    w_sum += w;
    x_mean += w * x[i];
    y_mean += w * y[i];
  }
  x_mean /= w_sum;
  y_mean /= w_sum;
  double xx = 0.0, xy = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double w = 1.0 / (y_error[i] * y_error[i]);
    xx += w * (x[i] - x_mean) * (x[i] - x_mean);
    xy += w * (x[i] - x_mean) * (y[i] - y_mean);
  }
  return {xy / xx, 1.0 / std::sqrt(xx)};
}

}  // namespace scorepath::test
