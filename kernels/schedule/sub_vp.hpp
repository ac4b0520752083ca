// Schedule "sub-vp" (variance below the variance-preserving one; Song et al. 2021, arXiv 2011.13456, eq. 12).
//
//   a^2 = e^{-I},  sigma = 1 - e^{-I},     I = beta_min t + (beta_max - beta_min) t^2 / 2,  t in [0, 1]
//   f = -beta/2,   g^2 = beta (1 - e^{-2I}),  sqrt(r) = sigma/a = 2 sinh(I/2),              r' = 2 beta sinh(I)
//
// Inverse: I = 2 asinh(h), h = sqrt(r)/2, with asinh(h) = ln(1 + h + h^2/(1 + sqrt(1 + h^2))).
#pragma once

#include "kernels/schedule/linear_beta.hpp"

namespace scorepath::kernels {

struct SubVpSchedule {
  double beta_min;
  double beta_max;

  SP_HD double a(double t) const { return exp(-0.5 * beta().integral(t)); }
  SP_HD double sigma2(double t) const {
    const double sigma = -expm1(-beta().integral(t));
    return sigma * sigma;
  }
  SP_HD double noise_ratio(double t) const {
    const double root = twice_sinh(0.5 * beta().integral(t));
    return root * root;
  }
  SP_HD double log_snr(double t) const { return -log(noise_ratio(t)); }
  SP_HD double time_of_noise_ratio(double r) const {
    const double h = 0.5 * sqrt(r);
    return beta().time_of_integral(2.0 * log1p(h + h * (h / (1.0 + sqrt(fma(h, h, 1.0))))));
  }
  SP_HD double drift(double t) const { return -0.5 * beta().rate(t); }
  SP_HD double diffusion(double t) const { return -beta().rate(t) * expm1(-2.0 * beta().integral(t)); }
  SP_HD double noise_ratio_rate(double t) const { return beta().rate(t) * twice_sinh(beta().integral(t)); }

  SP_HD double t_lo() const { return 0.0; }
  SP_HD double t_hi() const { return 1.0; }
  SP_HD double default_t_max() const { return t_hi(); }
  SP_HD bool starts_at_zero_noise() const { return true; }
  SP_HD bool ends_at_zero_signal() const { return false; }

  SP_HD LinearBeta beta() const { return LinearBeta{beta_min, beta_max}; }
  /// e^x - e^{-x} = m + m/(1 + m) with m = e^x - 1, for x >= 0.
  SP_HD static double twice_sinh(double x) {
    const double m = expm1(x);
    return m + m / (1.0 + m);
  }
};

}  // namespace scorepath::kernels
