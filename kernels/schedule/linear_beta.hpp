// The rate beta(t) that rises linearly, its integral and the integral's inverse: shared by vp-linear and sub-vp.
//
//   beta(t) = beta_min + (beta_max - beta_min) t,   I(t) = beta_min t + (beta_max - beta_min) t^2 / 2
#pragma once

#include "kernels/lane/elementary.hpp"
#include "kernels/lane/lane.hpp"

namespace scorepath::kernels {

struct LinearBeta {
  double beta_min;  // >= 0
  double beta_max;  // >= 0, and not both zero

  SP_HD double rate(double t) const { return fma(beta_max - beta_min, t, beta_min); }
  SP_HD double integral(double t) const { return t * fma(0.5 * (beta_max - beta_min), t, beta_min); }
  /// The root of I(t) = integral in the form without cancellation, t = 2 I / (beta_min + beta(t)).
  SP_HD double time_of_integral(double integral) const {
    if (integral == 0.0) return 0.0;  // beta_min may be 0
    return 2.0 * integral / (beta_min + sqrt(fma(2.0 * (beta_max - beta_min), integral, beta_min * beta_min)));
  }
};

}  // namespace scorepath::kernels
