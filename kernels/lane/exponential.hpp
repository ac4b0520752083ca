// exp2, exp and expm1 over lanes.
//
// All round the exponent to an integer n by adding a large number, so that n also stands in the low bits of the sum t
// and one shift turns it into the power of two. The polynomials are minimax fits in the relative error of the result,
// found by Remez exchange; float coefficients were rounded one by one from the lowest power, the rest refitted.
#pragma once

#include "kernels/lane/polynomial.hpp"

namespace scorepath::kernels {

/// (2^r - 1) / r for |r| <= 1/2. Relative error of 2^r: float 1.1e-8, double 6e-18.
template <class F>
SP_HD F exp2_minus_one_over(F r) {
  if constexpr (is_double_v<F>) {
    return horner(r, 0.6931471805599453, 0.24022650695910172, 0.055504108664824574, 0.009618129107577074,
                  0.0013333558145567528, 0.00015403530478854383, 1.525273473786644e-05, 1.3215424480381156e-06,
                  1.0177656151585985e-07, 7.075617678118797e-09, 4.519303676343318e-10);
  } else {
    return horner(r, 6.93147182e-1, 2.4022603e-1, 5.55036999e-2, 9.62417293e-3, 1.33855722e-3, 1.36480987e-4);
  }
}

/// 2^x for every x. Max error: float 1 ULP, double 1 ULP; exact for integers.
/// x <= -126 (double -1022) gives 2^-126 (2^-1022), never a subnormal; x >= 128 (1024) gives +inf; NaN gives NaN.
template <class F>
SP_HD F exp2(F x) {
  constexpr double lowest = is_double_v<F> ? -1022 : -126;
  constexpr double highest = is_double_v<F> ? 1024 : 128;
  // A NaN must be the second argument to pass through max and min.
  const F clamped = min(constant<F>(highest), max(constant<F>(lowest), x));
  const F t = clamped + constant<F>(Layout<F>::round_shift);
  const F r = clamped - (t - constant<F>(Layout<F>::round_shift));
  const F p = fma(exp2_minus_one_over(r), r, constant<F>(1.0));
  const F scaled = as_real(as_bits(p) + (as_bits(t) << Layout<F>::fraction_bits));
  // Adding to the exponent of a NaN may make it a number; + 0 x gives it back.
  return fma(clamped, constant<F>(0.0), scaled);
}

/// 2^x for x <= 0 in the fewest instructions (float 11: a clamp, 3 to round, 5 fma, a shift, a product): the weights of
/// mixtures. Max error: float 2 ULP, double 1 ULP; exactly 1 at x = 0.
/// x <= -120 (double -1000) gives 2^-120 (2^-1000), so that sums of weights never meet a subnormal; NaN gives NaN.
/// Up to x < 127.5 (1023.5) positive x is good too; beyond, unspecified.
template <class F>
SP_HD F exp2_nonpositive(F x) {
  constexpr double lowest = is_double_v<F> ? -1000 : -120;
  constexpr double shift = Layout<F>::round_shift + Layout<F>::exponent_bias;  // so t << fraction_bits is 2^n itself
  const F clamped = max(constant<F>(lowest), x);
  const F t = clamped + constant<F>(shift);
  const F r = clamped - (t - constant<F>(shift));
  F q;
  if constexpr (is_double_v<F>) {
    q = exp2_minus_one_over(r);
  } else {  // found by a search around the minimax fit, over all r, so that rounding is counted too
    q = horner(r, 0.693146944, 0.240222633, 0.0555082858, 0.00967057887, 0.00132302428);
  }
  // A product, not a sum of exponents: it keeps a NaN whatever its payload.
  return fma(q, r, constant<F>(1.0)) * as_real(as_bits(t) << Layout<F>::fraction_bits);
}

/// x = n log 2 + r, |r| <= log(2)/2 (1 + tiny); half_power = 2^(n - 1). For |n| small enough that this is normal.
template <class F>
SP_HD F reduce_by_log2(F x, F& half_power) {
  constexpr double shift = Layout<F>::round_shift + Layout<F>::exponent_bias - 1;
  constexpr double log2_high = is_double_v<F> ? 0x1.62e42fefap-1 : 0x1.62e4p-1;  // n log2_high is exact
  constexpr double log2_low = is_double_v<F> ? 0x1.cf79abc9e3b3ap-40 : 0x1.7f7d1cf79abcap-20;
  const F t = fma(x, constant<F>(1.4426950408889634), constant<F>(shift));
  const F n = t - constant<F>(shift);
  half_power = as_real(as_bits(t) << Layout<F>::fraction_bits);
  return fma(n, constant<F>(-log2_low), fma(n, constant<F>(-log2_high), x));
}

/// (e^r - 1 - r) / r^2 for |r| <= log(2)/2. Relative error of e^r - 1: float 1.4e-8, double 4e-19.
template <class F>
SP_HD F expm1_tail(F r) {
  if constexpr (is_double_v<F>) {
    return horner(r, 0.5, 0.16666666666666677, 0.041666666666666685, 0.008333333333321773, 0.0013888888888888883,
                  0.00019841269885362148, 2.4801587290797982e-05, 2.7557245182074857e-06, 2.7557319008501273e-07,
                  2.5108660854748975e-08, 2.0897091683287503e-09);
  } else {
    return horner(r, 4.9999997e-1, 1.6666539e-1, 4.16677557e-2, 8.36712494e-3, 1.38356071e-3);
  }
}

/// e^x for every x. Max error: float 1 ULP, double 1 ULP; exactly 1 at 0.
/// x below -86.64 (double -707.7) gives exp of that bound, never a subnormal; x above 88.73 (709.79) gives +inf; NaN
/// gives NaN.
template <class F>
SP_HD F exp(F x) {
  constexpr double lowest = is_double_v<F> ? -707.7 : -86.64;
  constexpr double highest = is_double_v<F> ? 710 : 89;
  F half_power;
  const F r = reduce_by_log2(min(constant<F>(highest), max(constant<F>(lowest), x)), half_power);
  const F p = fma(fma(expm1_tail(r), r, constant<F>(1.0)), r, constant<F>(1.0));
  const F half = p * half_power;  // in halves, so that n = 128 (1024) does not overflow before its time
  return half + half;
}

/// e^x - 1 for every x, to full relative precision near 0. Max error: float 2 ULP, double 2 ULP; expm1(-0) = -0.
/// -inf gives -1, +inf and x above 88.73 (double 709.79) give +inf; NaN gives NaN.
template <class F>
SP_HD F expm1(F x) {
  constexpr double lowest = is_double_v<F> ? -40 : -20;  // e^x is below half an ULP of 1
  constexpr double highest = is_double_v<F> ? 710 : 89;
  constexpr double tiny = is_double_v<F> ? 0x1p-60 : 0x1p-30;
  F half_power;
  const F r = reduce_by_log2(min(constant<F>(highest), max(constant<F>(lowest), x)), half_power);
  // 2^n (e^r - 1) + (2^n - 1), in halves; the large part first, as it is exact where the two nearly cancel.
  const F large = fma(half_power, r, half_power - constant<F>(0.5));
  const F half = fma(half_power, r * r * expm1_tail(r), large);
  return select(abs(x) < constant<F>(tiny), x, half + half);
}

}  // namespace scorepath::kernels
