// tanh and the logistic function over lanes, from exp.
#pragma once

#include "kernels/lane/exponential.hpp"

namespace scorepath::kernels {

/// Hyperbolic tangent of every x. Max error: float 2 ULP, double 2 ULP; odd, tanh(-0) = -0, NaN gives NaN.
template <class F>
SP_HD F tanh(F x) {
  constexpr double saturated = is_double_v<F> ? 22 : 10;
  const F a = abs(x);
  // Below 0.55 an odd polynomial (relative error: float 2.3e-9, double 1.1e-18), above 1 - 2 / (e^2a + 1).
  const F z = a * a;
  F p;
  if constexpr (is_double_v<F>) {
    p = horner(z, -0.33333333333333276, 0.13333333333322822, -0.053968253961546565, 0.021869488322268288,
               -0.00886323155654608, 0.003592081450238642, -0.0014554745892312098, 0.0005881632690519756,
               -0.00023266542372784988, 8.22896677898796e-05, -1.8860935822281086e-05);
  } else {
    p = horner(z, -3.33333135e-1, 1.33324519e-1, -5.38374335e-2, 2.10074708e-2, -6.17982354e-3);
  }
  const F near = fma(a * z, p, a);
  const F bounded = min(constant<F>(saturated), a);
  const F one = constant<F>(1.0);
  const F away = one - constant<F>(2.0) / (exp(bounded + bounded) + one);
  return with_sign_of(select(a < constant<F>(0.55), near, away), x);
}

/// 1 / (1 + e^-x) for every x. Max error: float 2 ULP, double 2 ULP; NaN gives NaN.
/// x below -86.64 (double -707.7) gives the value at that bound, never 0 or a subnormal.
template <class F>
SP_HD F sigmoid(F x) {
  const F one = constant<F>(1.0);
  const F e = exp(constant<F>(0.0) - abs(x));
  const auto negative = x < constant<F>(0.0);
  const F numerator = select(negative, e, one);
  const F denominator = one + e;
  const F lost = e - (denominator - one);  // what rounding took from the denominator
  const F quotient = numerator / denominator;
  const F minus = constant<F>(0.0) - quotient;
  const F remainder = fma(minus, lost, fma(minus, denominator, numerator));
  return fma(remainder, select(negative, one - quotient, quotient), quotient);  // + remainder / denominator
}

}  // namespace scorepath::kernels
