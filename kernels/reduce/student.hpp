// Quantiles for error bars: Student's t for intervals from few independent samples, chi-square for how far a variance
// may be underestimated.
#pragma once

#include "kernels/lane/elementary.hpp"
#include "kernels/lane/lane.hpp"

namespace scorepath::kernels {

/// P(|T| <= t) for Student's T with `df` degrees of freedom (Abramowitz & Stegun 26.7.3, 26.7.4: a finite sum).
inline double student_two_sided(double t, int df) {
  const double theta = atan(t / sqrt(static_cast<double>(df)));
  const double cosine_square = 1.0 / (1.0 + t * t / df);
  const double cosine = sqrt(cosine_square);
  const double sine = t / sqrt(static_cast<double>(df)) * cosine;
  double term = df % 2 == 1 ? cosine : 1.0;
  double sum = df == 1 ? 0.0 : term;
  for (int k = df % 2 == 1 ? 3 : 2; k < df; k += 2) {
    term *= cosine_square * (k - 1) / k;
    sum += term;
  }
  return df % 2 == 1 ? 2.0 / 3.14159265358979323846 * (theta + sine * sum) : sine * sum;
}

/// The 97.5% quantile of Student's t: half the width of a 95% interval in standard errors. df >= 1. Error below 1e-6.
inline double student_975(std::uint64_t df) {
  constexpr double z = 1.9599639845400545;
  if (df > 200) {  // Cornish & Fisher (Abramowitz & Stegun 26.7.5)
    const double n = static_cast<double>(df);
    const double z3 = z * z * z;
    const double z5 = z3 * z * z;
    return z + (z3 + z) / (4.0 * n) + (5.0 * z5 + 16.0 * z3 + 3.0 * z) / (96.0 * n * n);
  }
  double low = z;
  double high = 13.0;  // the quantile of one degree of freedom is 12.7
  for (int i = 0; i < 60; ++i) {
    const double middle = 0.5 * (low + high);
    (student_two_sided(middle, static_cast<int>(df)) < 0.95 ? low : high) = middle;
  }
  return 0.5 * (low + high);
}

/// By what a sample variance with `df` degrees of freedom must be multiplied to be above the true one with probability
/// 99% (normal samples; Wilson & Hilferty 1931).
inline double variance_safety(std::uint64_t df) {
  constexpr double z = 2.3263478740408408;
  const double c = 2.0 / (9.0 * static_cast<double>(df));
  const double root = max(1.0 - c - z * sqrt(c), 0.1);
  return 1.0 / (root * root * root);
}

/// How far the true mean may lie below and above that of n samples, in standard errors, for skewed samples: the t
/// interval pulled straight by Hall's cubic transformation (P. Hall 1992, "On the removal of skewness by
/// transformation"), g(T) = T + G T^2/3 + G^2 T^3/27 + G/(6 n) with T = (mean - truth)/deviation.
struct SkewedReach {
  double below, above;
};
/// skewness G of the samples; t the symmetric quantile.
inline SkewedReach skewed_reach(double skewness, std::uint64_t n, double t) {
  const double count = static_cast<double>(n);
  const double root = sqrt(count);
  if (skewness * skewness < 1e-12) return {t, t};
  const auto inverse = [&](double x) {
    const double cube = fma(skewness, x - skewness / (6.0 * count), 1.0);
    const double size = cube < 0.0 ? -cube : cube;
    const double cube_root = size > 0.0 ? exp(log(size) / 3.0) : 0.0;
    return 3.0 / skewness * ((cube < 0.0 ? -cube_root : cube_root) - 1.0);
  };
  return {root * inverse(t / root), -root * inverse(-t / root)};
}

}  // namespace scorepath::kernels
