// Floating point in 113 bits of software arithmetic (libgcc's), from which results are rounded once: what the
// processor's own operations are compared with.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include "tests/ptx/operands.hpp"

namespace scorepath::ptx::test {

#if __LDBL_MANT_DIG__ == 113
using Quad = long double;
#else
__extension__ using Quad = __float128;
#endif

enum class Mode { nearest, zero, down, up };
inline constexpr std::pair<const char*, Mode> modes[] = {
    {"n", Mode::nearest}, {"z", Mode::zero}, {"m", Mode::down}, {"p", Mode::up}};

/// The exact value in the type of a result; the value must be finite.
template <class T>
T rounded(Quad exact, Mode mode = Mode::nearest) {
  const T nearest = static_cast<T>(exact);
  const bool negative = exact < 0;
  const bool downwards = mode == Mode::down || (mode == Mode::zero && !negative);
  if (mode == Mode::nearest || nearest == exact) return nearest;
  // An infinity lies beyond every finite number, and steps back to the greatest of them.
  if (downwards && nearest > exact) return std::nextafter(nearest, -std::numeric_limits<T>::infinity());
  if (!downwards && nearest < exact) return std::nextafter(nearest, std::numeric_limits<T>::infinity());
  return nearest;
}

/// a + b with its last bit set where it is not exact: rounding that once more gives what one rounding would.
inline Quad odd_sum(Quad a, Quad b) {
  const Quad sum = a + b, part = sum - a;
  const Quad error = (a - (sum - part)) + (b - part);
  if (error == 0) return sum;
  __extension__ using Bits = unsigned __int128;
  Bits bits = std::bit_cast<Bits>(sum);
  if ((bits & 1) != 0) return sum;
  // The sum was rounded to even: the exact value lies on the side of the error.
  bits = (error > 0) == (sum > 0) ? bits + 1 : bits - 1;
  return std::bit_cast<Quad>(bits);
}

template <class T>
bool is_nan(T a) {
  constexpr BitsOf<T> infinity = std::bit_cast<BitsOf<T>>(std::numeric_limits<T>::infinity());
  return (bits_of(a) & ~(BitsOf<T>{1} << (8 * sizeof(T) - 1))) > infinity;
}
/// Integers in the order of the floats, zeros together; not for NaNs.
template <class T>
std::int64_t order_of(T a) {
  const auto magnitude = static_cast<std::int64_t>(bits_of(a) & ~(BitsOf<T>{1} << (8 * sizeof(T) - 1)));
  return std::signbit(a) ? -magnitude : magnitude;
}

/// The NaN that an instruction gives: float has one; double keeps the first operand's payload, but fma's is fixed.
inline float nan_of(float, float = 0) { return std::bit_cast<float>(0x7fffffffu); }
inline double nan_of(double a, double b = 0) {
  const std::uint64_t quiet = 0x0008000000000000u;
  if (is_nan(a)) return std::bit_cast<double>(bits_of(a) | quiet);
  if (is_nan(b)) return std::bit_cast<double>(bits_of(b) | quiet);
  return std::bit_cast<double>(std::uint64_t{0xfff8000000000000u});
}

}  // namespace scorepath::ptx::test
