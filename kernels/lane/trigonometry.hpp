// sincospi and atan over lanes. Coefficients are minimax fits of our own, by Remez exchange in relative error.
#pragma once

#include "kernels/lane/polynomial.hpp"

namespace scorepath::kernels {

/// sin(pi r) and cos(pi r) for |r| <= 1/4. Max error: float 2 ULP, double 2 ULP; exact at 0 (sine: sign kept).
template <class F>
SP_HD void sincospi_quarter(F r, F& sine, F& cosine) {
  const F z = r * r;
  F c;
  if constexpr (is_double_v<F>) {
    sine = r * horner(z, 3.141592653589793, -5.167712780049781, 2.5501640398295695, -0.5992645247801501,
                      0.08214568077616388, -0.007365635313491282, 0.00041084619036960547, 0.0002302663386177303);
    c = horner(z, -4.934802200544679, 4.058712126416667, -1.335262768843582, 0.23533062979389263, -0.025806876105816275,
               0.0019293528487453557, -0.00010304553126059267);
  } else {
    sine = r * horner(z, 3.14159274, -5.16773319, 2.5508008, -5.99804282e-1);
    c = horner(z, -4.93479061, 4.05763817, -1.30652988);
  }
  cosine = fma(z, c, constant<F>(1.0));
}

/// sin(pi x) and cos(pi x) for |x| <= 2^20 (double 2^50), beyond unspecified. Max error: float 2 ULP, double 2 ULP;
/// exact at multiples of 1/2. An infinite x or a NaN gives NaN twice.
template <class F>
SP_HD void sincospi(F x, F& sine, F& cosine) {
  constexpr int sign_position = is_double_v<F> ? 63 : 31;
  const F t = fma(x, constant<F>(2.0), constant<F>(Layout<F>::round_shift));
  const F quadrant = t - constant<F>(Layout<F>::round_shift);
  F s;
  F c;
  sincospi_quarter(fma(quadrant, constant<F>(-0.5), x), s, c);
  const bits_t<F> q = as_bits(t);
  const bits_t<F> one = constant_bits<F>(1);
  const bits_t<F> sign = constant_bits<F>(Layout<F>::sign_bit);
  const bits_t<F> swap = constant_bits<F>(0) - (q & one);  // all ones in odd quadrants
  const bits_t<F> difference = (as_bits(s) ^ as_bits(c)) & swap;
  const bits_t<F> sine_sign = (q << (sign_position - 1)) & sign;
  const bits_t<F> cosine_sign = ((q + one) << (sign_position - 1)) & sign;
  sine = as_real(xor3(as_bits(s), difference, sine_sign));
  cosine = as_real(xor3(as_bits(c), difference, cosine_sign));
}

/// Arc tangent of every x, in [-pi/2, pi/2]. Max error: float 2 ULP, double 2 ULP; atan(-0) = -0, infinities give
/// +-pi/2, NaN gives NaN.
template <class F>
SP_HD F atan(F x) {
  const F a = abs(x);
  // a <= tan(pi/8): y = a; else up to tan(3 pi/8): pi/4 + atan((a - 1) / (a + 1)); above: pi/2 + atan(-1 / a).
  const auto middle = a > constant<F>(0.41421356237309503);
  const auto far = a > constant<F>(2.414213562373095);
  const F one = constant<F>(1.0);
  const F numerator = select(far, constant<F>(-1.0), select(middle, a - one, a));
  const F denominator = select(far, a, select(middle, a + one, one));
  const F base =
      select(far, constant<F>(1.5707963267948966), select(middle, constant<F>(0.7853981633974483), constant<F>(0.0)));
  constexpr double half_pi_low = is_double_v<F> ? 0x1.1a62633145c07p-54 : -4.3711390001862426e-08;
  const F base_low =
      select(far, constant<F>(half_pi_low), select(middle, constant<F>(0.5 * half_pi_low), constant<F>(0.0)));
  const F y = numerator / denominator;
  const F z = y * y;
  F p;
  if constexpr (is_double_v<F>) {
    p = horner(z, -0.33333333333333326, 0.19999999999997098, -0.14285714285317094, 0.11111111083807443,
               -0.0909090798863406, 0.07692279273394417, -0.06666175859506077, 0.05876528762171186,
               -0.05215263839128344, 0.04490908787377073, -0.033183060095091206, 0.014902021564659888);
  } else {
    p = horner(z, -3.33333164e-1, 1.99985281e-1, -1.42443895e-1, 1.05991445e-1, -6.08996004e-2);
  }
  return with_sign_of(base + (y + fma(y * z, p, base_low)), x);
}

}  // namespace scorepath::kernels
