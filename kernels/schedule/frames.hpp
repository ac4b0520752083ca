// The two frames in which every schedule looks alike, and the way points, scores and log-densities change between them.
//
// Canonical frame: Y = X/a, "time" r = sigma^2/a^2. Then Y_r | X_0 = x ~ N(x, r I), Brownian motion in r.
// Stationary frame: Z = Y/sqrt(r0 + r), u = ln((r0 + r)/r0). Then dZ = -Z/2 du + dW, which leaves N(0, I) invariant;
// r0 is the finest variance to be resolved.
// Coordinate by coordinate for points and scores; log-densities [nat] of points with `dim` coordinates. Scores are
// gradients of the log-density in the frame's own coordinates. F is a lane type, times and scales are double.
#pragma once

#include "kernels/lane/elementary.hpp"
#include "kernels/lane/lane.hpp"

namespace scorepath::kernels {

// ---- schedule's frame X <-> canonical frame Y -------------------------------------------------------------

/// y = x/a.
template <class F>
SP_HD F canonical_from_schedule(F x, F a) {
  return x / a;
}
/// x = a y.
template <class F>
SP_HD F schedule_from_canonical(F y, F a) {
  return a * y;
}
/// s_Y(y, r) = a s_X(a y, t).
template <class F>
SP_HD F canonical_score(F score_x, F a) {
  return a * score_x;
}
/// s_X(x, t) = s_Y(x/a, r)/a.
template <class F>
SP_HD F schedule_score(F score_y, F a) {
  return score_y / a;
}
/// log p_Y(y) = log p_X(a y) + d ln a.
SP_HD double canonical_log_density(double log_p_x, double dim, double a) { return fma(dim, log(a), log_p_x); }
/// log p_X(x) = log p_Y(x/a) - d ln a.
SP_HD double schedule_log_density(double log_p_y, double dim, double a) { return fma(-dim, log(a), log_p_y); }

// ---- canonical frame Y <-> stationary frame Z -------------------------------------------------------------

/// u = ln((r0 + r)/r0) = log1p(r/r0).
SP_HD double stationary_time(double r, double r0) { return log1p(r / r0); }
/// r = r0 (e^u - 1).
SP_HD double noise_ratio_of_stationary_time(double u, double r0) { return r0 * expm1(u); }
/// sqrt(r0 + r) = sqrt(r0 e^u): the scale c with Y = c Z.
SP_HD double stationary_scale(double r, double r0) { return sqrt(r0 + r); }

/// z = y/c, c = sqrt(r0 + r).
template <class F>
SP_HD F stationary_from_canonical(F y, F scale) {
  return y / scale;
}
/// y = c z.
template <class F>
SP_HD F canonical_from_stationary(F z, F scale) {
  return scale * z;
}
/// S(z, u) = c s_Y(c z, r).
template <class F>
SP_HD F stationary_score(F score_y, F scale) {
  return scale * score_y;
}
/// s_Y(y, r) = S(y/c, u)/c.
template <class F>
SP_HD F canonical_score_from_stationary(F score_z, F scale) {
  return score_z / scale;
}
/// log p_Z(z) = log p_Y(c z) + (d/2) ln(r0 + r).
SP_HD double stationary_log_density(double log_p_y, double dim, double r, double r0) {
  return fma(0.5 * dim, log(r0 + r), log_p_y);
}
/// log p_Y(y) = log p_Z(y/c) - (d/2) ln(r0 + r).
SP_HD double canonical_log_density_from_stationary(double log_p_z, double dim, double r, double r0) {
  return fma(-0.5 * dim, log(r0 + r), log_p_z);
}

}  // namespace scorepath::kernels
