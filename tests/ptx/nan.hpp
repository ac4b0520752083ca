// What a NaN result looks like: the one place that says so.
//
// PTX: "single-precision instructions return an unspecified NaN", and every GPU so far returns 0x7fffffff. In double
// precision payloads are kept: the result is the first operand that is a NaN, quieted; where none is (0/0, inf - inf)
// it is 0xfff8000000000000. fma.f64 maps NaN operands to that one too. Copies of bits (mov, ld, st, selp, shfl,
// copysign) keep any NaN as it is.
#pragma once

#include <bit>
#include <cstdint>

namespace scorepath::ptx {

inline constexpr float float_nan = std::bit_cast<float>(std::uint32_t{0x7fffffff});
inline constexpr double double_nan = std::bit_cast<double>(std::uint64_t{0xfff8000000000000});

inline double quieted(double nan) {
  return std::bit_cast<double>(std::bit_cast<std::uint64_t>(nan) | std::uint64_t{0x0008000000000000});
}

/// The result of single-precision arithmetic as the GPU returns it.
template <class... Operands>
inline float settle(float result, Operands...) {
  return result == result ? result : float_nan;
}
/// The result of double-precision arithmetic on these operands.
inline double settle(double result, double a) {
  if (result == result) return result;
  return a != a ? quieted(a) : double_nan;
}
inline double settle(double result, double a, double b) {
  if (result == result) return result;
  return a != a ? quieted(a) : b != b ? quieted(b) : double_nan;
}

}  // namespace scorepath::ptx
