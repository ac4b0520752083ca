// Polynomials by Horner's rule, and the layout of IEEE numbers that the elementary functions rest on.
#pragma once

#include "kernels/lane/lane.hpp"

namespace scorepath::kernels {

/// c0 + x (c1 + x (c2 + ...)), one fma per power; the coefficients are rounded to the lane's precision.
template <class F>
SP_HD F horner(F, double c0) {
  return constant<F>(c0);
}
template <class F, class... Rest>
SP_HD F horner(F x, double c0, Rest... rest) {
  return fma(horner(x, rest...), x, constant<F>(c0));
}

/// Layout of scalar_t<F>.
template <class F>
struct Layout {
  static constexpr int fraction_bits = is_double_v<F> ? 52 : 23;
  static constexpr int exponent_bias = is_double_v<F> ? 1023 : 127;
  /// x + round_shift is x rounded to the nearest integer (ties to even), which then stands in the low bits of the sum;
  /// for |x| <= 2^(fraction_bits - 1).
  static constexpr double round_shift = is_double_v<F> ? 0x1.8p52 : 0x1.8p23;
  static constexpr double smallest_normal = is_double_v<F> ? 0x1p-1022 : 0x1p-126;
  static constexpr std::uint64_t sign_bit = is_double_v<F> ? 0x8000000000000000u : 0x80000000u;
  static constexpr std::uint64_t sign_and_exponent = is_double_v<F> ? 0xfff0000000000000u : 0xff800000u;
  static constexpr std::uint64_t one = is_double_v<F> ? 0x3ff0000000000000u : 0x3f800000u;
  static constexpr std::uint64_t two = is_double_v<F> ? 0x4000000000000000u : 0x40000000u;
};

/// The same bits in every lane.
template <class F>
SP_HD bits_t<F> constant_bits(std::uint64_t value) {
  if constexpr (is_double_v<F>) {
    return bits_t<F>(value);
  } else {
    return bits_t<F>(static_cast<std::uint32_t>(value));
  }
}

/// |magnitude| with the sign of `sign` (a zero's or a NaN's sign too); magnitude must not be negative.
template <class F>
SP_HD F with_sign_of(F magnitude, F sign) {
  return as_real(as_bits(magnitude) | (as_bits(sign) & constant_bits<F>(Layout<F>::sign_bit)));
}

/// +infinity and a quiet NaN.
template <class F>
SP_HD F infinity() {
  return constant<F>(__builtin_inf());
}
template <class F>
SP_HD F not_a_number() {
  return constant<F>(__builtin_nan(""));
}

}  // namespace scorepath::kernels
