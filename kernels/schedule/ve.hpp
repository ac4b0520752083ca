// Schedule "ve" (variance exploding, geometric; Song et al. 2021, arXiv 2011.13456, appendix C).
//
//   a = 1,  sigma = sigma_min (sigma_max/sigma_min)^t,  L = ln(sigma_max/sigma_min),  t in [0, 1]
//   f = 0,  g^2 = r' = 2 L sigma^2,  r = sigma^2,  t = ln(r/sigma_min^2)/(2 L)
//
// The noise starts at sigma_min, not at zero: densities at zero noise need a path that begins below t = 0.
#pragma once

#include "kernels/lane/elementary.hpp"
#include "kernels/lane/lane.hpp"

namespace scorepath::kernels {

struct VeSchedule {
  double sigma_min;  // > 0
  double sigma_max;  // > sigma_min

  SP_HD double a(double) const { return 1.0; }
  SP_HD double sigma2(double t) const { return noise_ratio(t); }
  SP_HD double noise_ratio(double t) const {
    const double sigma = sigma_min * exp(log_span() * t);
    return sigma * sigma;
  }
  SP_HD double log_snr(double t) const { return -log(noise_ratio(t)); }
  SP_HD double time_of_noise_ratio(double r) const { return log(r / (sigma_min * sigma_min)) / (2.0 * log_span()); }
  SP_HD double drift(double) const { return 0.0; }
  SP_HD double diffusion(double t) const { return noise_ratio_rate(t); }
  SP_HD double noise_ratio_rate(double t) const { return 2.0 * log_span() * noise_ratio(t); }

  SP_HD double t_lo() const { return 0.0; }
  SP_HD double t_hi() const { return 1.0; }
  SP_HD double default_t_max() const { return t_hi(); }
  SP_HD bool starts_at_zero_noise() const { return false; }
  SP_HD bool ends_at_zero_signal() const { return false; }

  SP_HD double log_span() const { return log(sigma_max / sigma_min); }  // L
};

}  // namespace scorepath::kernels
