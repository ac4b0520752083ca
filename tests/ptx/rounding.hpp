// Directed rounding without touching the processor's mode: a result rounded to nearest, moved by one where it lies on
// the wrong side.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>

namespace scorepath::ptx {

enum class Rounding : std::uint8_t { nearest, zero, down, up };

/// `nearest` is a value rounded to nearest; above (below) says that it is greater (less) than the value.
template <Rounding rounding, class T>
T step_towards(T nearest, bool above, bool below) {
  constexpr T infinity = std::numeric_limits<T>::infinity();
  const bool negative = std::signbit(nearest);
  const bool lower = rounding == Rounding::down || (rounding == Rounding::zero && !negative);
  const bool raise = rounding == Rounding::up || (rounding == Rounding::zero && negative);
  if (lower && above) return std::nextafter(nearest, -infinity);
  if (raise && below) return std::nextafter(nearest, infinity);
  return nearest;
}

/// To an integral value; halves to even.
template <Rounding rounding, class T>
T to_integral(T a) {
  if constexpr (rounding == Rounding::nearest) return std::nearbyint(a);
  if constexpr (rounding == Rounding::zero) return std::trunc(a);
  if constexpr (rounding == Rounding::down) return std::floor(a);
  if constexpr (rounding == Rounding::up) return std::ceil(a);
}

}  // namespace scorepath::ptx
