// Errors in units in the last place, and reference values in wider arithmetic.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <string_view>

namespace scorepath::test {

/// |got - want| in ULP of T at `want`: the spacing of T in the binade of `want` (of the subnormals below it). Infinite
/// where one of the two is NaN or infinite and the other is not; 0 where both overflow alike.
template <class T>
double ulp_error(T got, long double want) {
  using Limits = std::numeric_limits<T>;
  constexpr double wrong = std::numeric_limits<double>::infinity();
  if (std::isnan(want) || std::isnan(got)) return std::isnan(want) && std::isnan(got) ? 0 : wrong;
  const int digits = Limits::digits;
  // From half an ULP beyond the largest number on, the rounded result is an infinity.
  const long double overflow = std::ldexp(2.0L - std::ldexp(1.0L, -digits), Limits::max_exponent - 1);
  if (std::isinf(want) || std::fabs(want) >= overflow) {
    if (std::signbit(got) != std::signbit(want)) return wrong;
    return std::isinf(got) || (!std::isinf(want) && std::fabs(got) == Limits::max()) ? 0 : wrong;
  }
  if (std::isinf(got)) return wrong;
  int exponent = Limits::min_exponent;
  if (want != 0) std::frexp(want, &exponent);
  const int spacing = std::max(exponent, Limits::min_exponent) - digits;
  return static_cast<double>(std::ldexp(std::fabs(static_cast<long double>(got) - want), -spacing));
}

inline float float_of_bits(std::uint32_t bits) {
  float x = 0;
  std::memcpy(&x, &bits, sizeof x);
  return x;
}
inline double double_of_bits(std::uint64_t bits) {
  double x = 0;
  std::memcpy(&x, &bits, sizeof x);
  return x;
}

/// The step of a sweep: 1 with SCOREPATH_EXHAUSTIVE=1 in the environment, else `stride` (odd where bit patterns are
/// swept, so that every low one is met).
inline std::uint64_t sweep_stride(std::uint64_t stride) {
  const char* wish = std::getenv("SCOREPATH_EXHAUSTIVE");
  return wish != nullptr && std::string_view(wish) == "1" ? 1 : stride;
}

/// sin(pi x) (quadrants = 0) or cos(pi x) (quadrants = 1), exactly reduced to |r| <= 1/4; |x| below 2^60.
template <class Wide>
Wide sinpi_reference(Wide x, int quadrants) {
  const Wide n = std::round(2 * x);
  const Wide angle = static_cast<Wide>(3.141592653589793238462643383279502884L) * (x - n / 2);
  const std::int64_t q = static_cast<std::int64_t>(n) + quadrants;
  const Wide value = (q & 1) != 0 ? std::cos(angle) : std::sin(angle);
  return (q & 2) != 0 ? -value : value;
}

/// z >= 0 with Phi(-z) = p, from p in (0, 1/2] and q = 1/2 - p, by Newton's method: on erf near the centre, on log erfc
/// in the tail (concave, so that it converges from any start).
inline long double quantile_reference(long double p, long double q) {
  const long double root_half = std::sqrt(0.5L);
  const long double density_at_0 = 0.398942280401432677939946059934381868L;
  const bool centre = q < 0.25L;
  long double z = centre ? q / density_at_0 : std::sqrt(-2 * std::log(p)) - 1;
  for (int i = 0; i < 60; ++i) {
    const long double density = density_at_0 * std::exp(-z * z / 2);
    const long double tail = std::erfc(z * root_half) / 2;
    const long double step = centre ? (q - std::erf(z * root_half) / 2) / density : std::log(tail / p) * tail / density;
    z += step;
    if (std::fabs(step) <= std::fabs(z) * 0x1p-58L) break;
  }
  return z;
}

}  // namespace scorepath::test
