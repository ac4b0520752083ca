// The inverse of the standard normal distribution function over lanes, to full relative precision in both tails.
//
// By symmetry only Phi(-z) = p with p <= 1/2 is solved: near the centre z = q R(0.180625 - q^2) with q = 1/2 - p, in
// the tail z = R(t) with t = sqrt(-2 log p). The split is M. J. Wichura's (AS 241, Applied Statistics 37 (1988) 477);
// the rational functions are fits of our own in relative error (Lawson's weights), one formula per region, selected.
#pragma once

#include "kernels/lane/logarithm.hpp"

namespace scorepath::kernels {

/// Numerator and denominator of z for the centre, q = 1/2 - p <= 0.425. Relative error: float 4.6e-8, double 7.6e-17.
template <class F>
SP_HD void quantile_centre(F q, F& numerator, F& denominator) {
  const F x = fma(constant<F>(0.0) - q, q, constant<F>(0.180625));
  if constexpr (is_double_v<F>) {
    numerator = q * horner(x, 3.3871328727963665, 133.16830092494854, 1972.4524825815913, 13741.550784418921,
                           45970.1246661063, 67362.2343196315, 33493.14863909674, 2514.9899640557887);
    denominator = horner(x, 1.0, 42.32119370378137, 687.4649922730702, 5397.7681316620765, 21234.257121630744,
                         39359.598565895816, 28778.32152909768, 5237.748483597559);
  } else {
    numerator = q * horner(x, 3.38713264, 50.4421577, 159.352463, 59.1493988);
    denominator = horner(x, 1.0, 17.8974991, 78.7828064, 67.2253571);
  }
}

/// The same for the tail, t = sqrt(-2 log p) from 2.27: float to 14.4, double to 7.08.
/// Relative error: float 1.1e-8, double 1.7e-17.
template <class F>
SP_HD void quantile_tail(F t, F& numerator, F& denominator) {
  const F x = t - constant<F>(2.25);
  if constexpr (is_double_v<F>) {
    numerator = horner(x, 1.408040704099076, 3.2651241609951094, 2.897477313565059, 1.30424237484567,
                       0.3232681484898854, 0.0437477233650462, 0.0029192510692864697, 7.047698187102307e-05);
    denominator = horner(x, 1.0, 1.4601749286720866, 0.8481417933910868, 0.2482850182866462, 0.037908441485149394,
                         0.002761909196051011, 7.046518646395196e-05, 9.447365005515516e-11);
  } else {
    numerator = horner(x, 1.40804076, 2.19870639, 0.987730563, 0.158656076, 0.00739278924);
    denominator = horner(x, 1.0, 0.702798426, 0.142211452, 0.00739121577);
  }
}

/// The same for double's far tail, t from 7.05 to 38.6 (p down to the smallest subnormal). Relative error 3.3e-17.
template <class F>
SP_HD void quantile_far_tail(F t, F& numerator, F& denominator) {
  const F x = t - constant<F>(7.0);
  numerator = horner(x, 6.584003294399971, 3.8520732840056224, 0.896474535998767, 0.10603166514385554,
                     0.006745807455394922, 0.000224387229944654, 3.471828903731055e-06, 1.8217083129207974e-08);
  denominator = horner(x, 1.0, 0.42707884185969686, 0.06936313108335447, 0.0053557045332120095, 0.00020110249547944872,
                       3.3443727176430506e-06, 1.8216964196663903e-08, 1.834111360604057e-16);
}

/// z >= 0 with Phi(-z) = p, from p in (0, 1/2], q = 1/2 - p and log p.
/// far_tail: whether p may be below 2^-36 (1e-11) in double.
template <bool far_tail, class F>
SP_HD F quantile_magnitude(F q, F log_p) {
  F numerator;
  F denominator;
  const F t = sqrt(constant<F>(-2.0) * log_p);
  quantile_tail(t, numerator, denominator);
  if constexpr (far_tail && is_double_v<F>) {
    F far_numerator;
    F far_denominator;
    quantile_far_tail(t, far_numerator, far_denominator);
    const auto far = t > constant<F>(7.07);
    numerator = select(far, far_numerator, numerator);
    denominator = select(far, far_denominator, denominator);
  }
  F centre_numerator;
  F centre_denominator;
  quantile_centre(q, centre_numerator, centre_denominator);
  const auto centre = q <= constant<F>(0.425);
  return select(centre, centre_numerator, numerator) / select(centre, centre_denominator, denominator);
}

/// z with Phi(z) = u for every u. Max error: float 6 ULP, double 6 ULP, in both tails down to subnormal u (an upper
/// tail beyond 1 - u of one ULP does not exist in u itself). u = 1/2 gives +0, 0 gives -inf, 1 gives +inf; u outside
/// [0, 1] or NaN gives NaN. normal_quantile(1 - u) = -normal_quantile(u) wherever 1 - u is exact.
template <class F>
SP_HD F normal_quantile(F u) {
  const F half = constant<F>(0.5);
  const F zero = constant<F>(0.0);
  const F p = min(constant<F>(1.0) - u, u);
  const F z = quantile_magnitude<true>(half - p, log(p));
  const F bounded = select(p > zero, z, select(p == zero, infinity<F>(), not_a_number<F>()));
  return with_sign_of(bounded, u - half);
}

/// z with Phi(z) = u for the random word w, u = (w + 1/2) 2^-32: never 0 or 1, so |z| <= 6.338 and always finite.
/// Max error: float 6 ULP, double 6 ULP. Exactly odd: the word ~w gives -z.
template <class F>
SP_HD F normal_quantile_from_word(word_t<F> w) {
  // The lower of u and 1 - u belongs to the word v < 2^31; 1/2 minus it to 2^31 - 1 - v.
  const word_t<F> v = w ^ (word_t<F>(0u) - (w >> 31));
  const F scale = constant<F>(0x1p-32);
  const F half_step = constant<F>(0x1p-33);
  const F p = fma(to_real_signed<F>(v), scale, half_step);
  const F q = fma(to_real_signed<F>(v ^ word_t<F>(0x7fffffffu)), scale, half_step);
  return flip_sign(quantile_magnitude<false>(q, log_positive_normal(p)), ~w);
}

}  // namespace scorepath::kernels
