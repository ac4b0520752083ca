// Schedule "vp-linear" (variance preserving; Song et al. 2021, arXiv 2011.13456, eq. 11 and appendix C).
//
//   a^2 = e^{-I},  sigma^2 = 1 - e^{-I},  I = beta_min t + (beta_max - beta_min) t^2 / 2,  t in [0, 1]
//   f = -beta/2,   g^2 = beta,            r = sigma^2/a^2 = e^I - 1,                       r' = beta e^I
#pragma once

#include "kernels/schedule/linear_beta.hpp"

namespace scorepath::kernels {

struct VpLinearSchedule {
  double beta_min;
  double beta_max;

  SP_HD double a(double t) const { return exp(-0.5 * beta().integral(t)); }
  SP_HD double sigma2(double t) const { return -expm1(-beta().integral(t)); }
  SP_HD double noise_ratio(double t) const { return expm1(beta().integral(t)); }
  SP_HD double log_snr(double t) const { return -log(noise_ratio(t)); }
  SP_HD double time_of_noise_ratio(double r) const { return beta().time_of_integral(log1p(r)); }
  SP_HD double drift(double t) const { return -0.5 * beta().rate(t); }
  SP_HD double diffusion(double t) const { return beta().rate(t); }
  SP_HD double noise_ratio_rate(double t) const { return beta().rate(t) * exp(beta().integral(t)); }

  SP_HD double t_lo() const { return 0.0; }
  SP_HD double t_hi() const { return 1.0; }
  SP_HD double default_t_max() const { return t_hi(); }
  SP_HD bool starts_at_zero_noise() const { return true; }
  SP_HD bool ends_at_zero_signal() const { return false; }

  SP_HD LinearBeta beta() const { return LinearBeta{beta_min, beta_max}; }
};

}  // namespace scorepath::kernels
