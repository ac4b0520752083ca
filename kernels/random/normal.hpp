// Two random words to two standard normals: Box and Muller (1958), in a form made for lanes.
#pragma once

#include "kernels/lane/elementary.hpp"
#include "kernels/lane/lane.hpp"

namespace scorepath::kernels {

/// u in (0, 1] from the low 31 bits m of the word: u = (m + 1/2) 2^-31, the middle of its cell, rounded to F; from
/// 2^-32 to 1. The top bit of the word is left over.
template <class F>
SP_HD F uniform_from_magnitude(word_t<F> w) {
  return fma(to_real_signed<F>(w & word_t<F>(0x7fffffffu)), constant<F>(0x1p-31), constant<F>(0x1p-32));
}

/// -ln u for u in [2^-32, 1]; relative error below 4e-7 in float (a minimax polynomial for ln(1 + f)/f on
/// [sqrt(1/2) - 1, sqrt(2) - 1]), that of log() in double.
template <class F>
SP_HD F negative_log_unit(F u) {
  if constexpr (is_double_v<F>) {
    return -log(u);
  } else {
    using B = bits_t<F>;
    const B shifted = as_bits(u) - B(0x3f3504f3u);  // bits of sqrt(1/2): the mantissa lies in [sqrt(1/2), sqrt(2))
    const F exponent = bits_to_real_signed(shift_right_signed(shifted, 23));
    const F f = as_real((shifted & B(0x007fffffu)) + B(0x3f3504f3u)) - constant<F>(1.0);
    const F z = f * f;  // even and odd powers apart: half the chain of one Horner scheme
    F even = constant<F>(-0.16222524466557728);
    F odd = constant<F>(0.10106764319738418);
    even = fma(even, z, constant<F>(-0.19900173193687412));
    odd = fma(odd, z, constant<F>(0.17250848168152821));
    even = fma(even, z, constant<F>(-0.3333505867865897));
    odd = fma(odd, z, constant<F>(0.24969908277023978));
    even = fma(even, z, constant<F>(-0.9999999453229148));
    odd = fma(odd, z, constant<F>(0.5000036513321271));
    const F p = fma(odd, f, even);
    return fma(p, f, exponent * constant<F>(-0.69314718055994531));
  }
}

/// sin and cos of phi in [-pi/4, pi/4]; minimax, relative errors below 1e-8 (sine) and 4e-8 (cosine) before rounding.
template <class F>
SP_HD void quarter_sincos(F phi, F& sine, F& cosine) {
  const F z = phi * phi;
  F s = constant<F>(-0.00019501821988186785);
  s = fma(s, z, constant<F>(0.008332016452815838));
  s = fma(s, z, constant<F>(-0.16666650224233606));
  s = fma(s, z, constant<F>(0.99999999676179));
  F c = constant<F>(-0.001357940404416294);
  c = fma(c, z, constant<F>(0.041654419558385725));
  c = fma(c, z, constant<F>(-0.4999984243413118));
  sine = s * phi;
  cosine = fma(c, z, constant<F>(0.9999999673862566));
}

/// N pairs of independent N(0, 1) variates from N pairs of words: with rho = sqrt(-ln u) and phi uniform in [-pi/4,
/// pi/4), rho (cos phi + sin phi) and rho (cos phi - sin phi) are sqrt(2) rho times the sine and cosine of an angle
/// uniform in [0, pi/2); the two spare bits (top of the first word, last of the second) are their signs. |z|
/// reaches 6.66. Float error of z: below 5e-7 of the radius R plus min(2^-25/R, 2.5e-4), which is u's own rounding next
/// to 1. Pairs go stage by stage, to keep the units busy.
template <class F, int N>
SP_HD void box_muller(const word_t<F> (&w_radius)[N], const word_t<F> (&w_angle)[N], F (&z0)[N], F (&z1)[N]) {
  if constexpr (requires(F & z) { normal_pair(w_radius[0], w_angle[0], z, z); }) {
    // A lane that brings its own (kernels/cuda/fast_lane.hpp).
    for (int i = 0; i < N; ++i) normal_pair(w_radius[i], w_angle[i], z0[i], z1[i]);
  } else {
    F rho[N], sine[N], cosine[N];
    for (int i = 0; i < N; ++i) rho[i] = sqrt(negative_log_unit(uniform_from_magnitude<F>(w_radius[i])));
    for (int i = 0; i < N; ++i) {
      const F turn = to_real_signed<F>(w_angle[i]);  // in [-2^31, 2^31]
      if constexpr (is_double_v<F>) {
        sincospi(turn * constant<F>(0x1p-33), sine[i], cosine[i]);
      } else {
        quarter_sincos(turn * constant<F>(0x1p-33 * 3.14159265358979323846), sine[i], cosine[i]);
      }
    }
    for (int i = 0; i < N; ++i) {
      z0[i] = flip_sign(rho[i] * (cosine[i] + sine[i]), w_radius[i]);
      z1[i] = flip_sign(rho[i] * (cosine[i] - sine[i]), w_angle[i] << 31);
    }
  }
}

}  // namespace scorepath::kernels
