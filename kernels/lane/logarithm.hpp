// log, log2 and log1p over lanes.
//
// x = 2^e m with m in [sqrt(1/2), sqrt(2)), f = m - 1 exactly. Float: a polynomial in f. Double: with s = f / (2 + f),
// log(1 + f) = 2 atanh(s) = f - f^2/2 + s (f^2/2 + R(s^2)), whose large terms are exact or nearly so (the arrangement
// is K. C. Ng's, fdlibm). Coefficients are minimax fits of our own, by Remez exchange in relative error.
#pragma once

#include "kernels/lane/polynomial.hpp"

namespace scorepath::kernels {

/// x = 2^exponent mantissa, mantissa in [sqrt(1/2), sqrt(2)).
template <class F>
struct SplitNumber {
  F mantissa;
  F exponent;
  F twice_inverse_power;  // 2^(1 - exponent); 0 where the exponent is 1024 (128)
};
/// For x positive, normal and finite.
template <class F>
SP_HD SplitNumber<F> split_number(F x) {
  constexpr std::uint64_t sqrt_half = is_double_v<F> ? 0x3fe6a09e667f3bcdu : 0x3f3504f3u;
  const bits_t<F> bits = as_bits(x);
  const bits_t<F> power = (bits - constant_bits<F>(sqrt_half)) & constant_bits<F>(Layout<F>::sign_and_exponent);
  SplitNumber<F> out;
  out.mantissa = as_real(bits - power);
  if constexpr (is_double_v<F>) {
    // e + 1023 >= 0 in the low bits of 2^52: no conversion of 64-bit integers, which AVX2 lacks.
    const bits_t<F> biased = (power + constant_bits<F>(Layout<F>::one)) >> Layout<F>::fraction_bits;
    out.exponent = as_real(biased | constant_bits<F>(0x4330000000000000u)) - constant<F>(0x1p52 + 1023);
  } else {
    out.exponent = bits_to_real_signed(power) * constant<F>(0x1p-23);
  }
  out.twice_inverse_power = as_real(constant_bits<F>(Layout<F>::two) - power);
  return out;
}

/// log(1 + f) - f + f^2/2 over s of the double form: R(s^2). Relative error of the logarithm: 1.2e-18.
template <class F>
SP_HD F log_remainder(F s) {
  const F z = s * s;
  return z * horner(z, 0.6666666666666734, 0.3999999999941642, 0.2857142874211102, 0.2222219859387807,
                    0.18183563548886078, 0.15314064378305525, 0.1479586162249645);
}

/// e log 2 + log(1 + f), f in [sqrt(1/2) - 1, sqrt(2) - 1).
template <class F>
SP_HD F log_of_parts(F f, F e) {
  constexpr double log2_high = is_double_v<F> ? 0x1.62e42fefap-1 : 0x1.62e4p-1;  // e log2_high is exact
  constexpr double log2_low = is_double_v<F> ? 0x1.cf79abc9e3b3ap-40 : 0x1.7f7d1cf79abcap-20;
  if constexpr (is_double_v<F>) {
    const F s = f / (constant<F>(2.0) + f);
    const F half_square = constant<F>(0.5) * f * f;
    const F small = fma(e, constant<F>(log2_low), s * (half_square + log_remainder(s)));
    return fma(e, constant<F>(log2_high), f - (half_square - small));
  } else {  // relative error 7.3e-9
    const F p = horner(f, -0.5, 3.33333313e-1, -2.50008225e-1, 2.00012282e-1, -1.6623342e-1, 1.42017186e-1,
                       -1.31603107e-1, 1.27619117e-1, -7.63453171e-2);
    const F small = fma(e, constant<F>(log2_low), f * f * p);
    return fma(e, constant<F>(log2_high), f + small);
  }
}

/// e + log2(1 + f), f as above.
template <class F>
SP_HD F log2_of_parts(F f, F e) {
  if constexpr (is_double_v<F>) {
    // log(1 + f) = high + low, times 1/log(2) = scale_high + scale_low, all to well beyond 53 bits.
    constexpr double scale_high = 0x1.71547652b82fep+0;
    constexpr double scale_low = 0x1.777d0ffda0d24p-56;
    const F s = f / (constant<F>(2.0) + f);
    const F half_square = constant<F>(0.5) * f * f;
    const F high = f - half_square;
    const F low = ((f - high) - half_square) + s * (half_square + log_remainder(s));
    const F product = high * constant<F>(scale_high);
    const F product_low = fma(high, constant<F>(scale_high), constant<F>(0.0) - product);
    const F small = fma(high, constant<F>(scale_low), fma(low, constant<F>(scale_high), product_low));
    const F sum = e + product;  // |e| is 0 or above |product|, so the next line is its exact error
    return sum + (((e - sum) + product) + small);
  } else {  // relative error 2.9e-8
    const F p = horner(f, -7.21347392e-1, 4.80909258e-1, -3.60699356e-1, 2.87940234e-1, -2.39051715e-1, 2.15676501e-1,
                       -2.06527412e-1, 1.24865226e-1);
    return fma(f, constant<F>(1.44269502), fma(f * f, p, e));
  }
}

/// Subnormals multiplied into the normal range; -(log2 of the factor) where that was done, else 0.
template <class F>
SP_HD F lift_subnormal(F x, F& extra_exponent) {
  constexpr double lift = is_double_v<F> ? 54 : 25;
  const auto subnormal = x < constant<F>(Layout<F>::smallest_normal);
  extra_exponent = select(subnormal, constant<F>(-lift), constant<F>(0.0));
  return select(subnormal, x * constant<F>(is_double_v<F> ? 0x1p54 : 0x1p25), x);
}

/// The logarithm's value at the edges: x = 0 -> -inf, x < 0 -> NaN, +inf -> +inf, NaN -> NaN; else `value`.
template <class F>
SP_HD F log_edges(F x, F value) {
  const F inner = select(x < infinity<F>(), value, x);
  return select(x <= constant<F>(0.0), select(x < constant<F>(0.0), not_a_number<F>(), constant<F>(-__builtin_inf())),
                inner);
}

/// Natural logarithm of every x. Max error: float 1 ULP, double 1 ULP; log(1) = +0.
/// Subnormals as any number; 0 gives -inf, x < 0 NaN, +inf +inf, NaN NaN.
template <class F>
SP_HD F log(F x) {
  F extra_exponent;
  const SplitNumber<F> parts = split_number(lift_subnormal(x, extra_exponent));
  return log_edges(x, log_of_parts(parts.mantissa - constant<F>(1.0), parts.exponent + extra_exponent));
}

/// log for inner loops: x positive, normal and finite, anything else (NaN too) gives an unspecified value. Same bits
/// and error as log.
template <class F>
SP_HD F log_positive_normal(F x) {
  const SplitNumber<F> parts = split_number(x);
  return log_of_parts(parts.mantissa - constant<F>(1.0), parts.exponent);
}

/// Logarithm to base 2 of every x. Max error: float 2 ULP, double 1 ULP; exact for powers of two. Edges as log.
template <class F>
SP_HD F log2(F x) {
  F extra_exponent;
  const SplitNumber<F> parts = split_number(lift_subnormal(x, extra_exponent));
  return log_edges(x, log2_of_parts(parts.mantissa - constant<F>(1.0), parts.exponent + extra_exponent));
}

/// log2 for inner loops, under the conditions of log_positive_normal.
template <class F>
SP_HD F log2_positive_normal(F x) {
  const SplitNumber<F> parts = split_number(x);
  return log2_of_parts(parts.mantissa - constant<F>(1.0), parts.exponent);
}

/// log(1 + x) for every x, to full relative precision near 0. Max error: float 2 ULP, double 2 ULP; log1p(-0) = -0.
/// -1 gives -inf, x < -1 NaN, +inf +inf, NaN NaN.
template <class F>
SP_HD F log1p(F x) {
  const F one = constant<F>(1.0);
  const F u = one + x;
  const F part = u - one;
  const F rounding = (one - (u - part)) + (x - part);  // 1 + x = u + rounding exactly (Knuth's two-sum)
  const SplitNumber<F> parts = split_number(u);
  // f = 2^-e (1 + x) - 1; where e = 0 this is x itself.
  const F f = fma(rounding, constant<F>(0.5) * parts.twice_inverse_power, parts.mantissa - one);
  return select(x == constant<F>(0.0), x, log_edges(u, log_of_parts(f, parts.exponent)));
}

}  // namespace scorepath::kernels
