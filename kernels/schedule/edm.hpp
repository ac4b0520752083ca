// Schedule "edm" (Karras et al. 2022, arXiv 2206.00364, table 1, last column): time is the noise's standard deviation.
//
//   a = 1,  sigma = t,  t in [sigma_min, sigma_max]
//   f = 0,  g^2 = r' = 2t,  r = t^2
//
// The noise starts at sigma_min, not at zero: densities at zero noise need a path that begins below t = sigma_min
// (every function here holds down to t = 0).
#pragma once

#include "kernels/lane/elementary.hpp"
#include "kernels/lane/lane.hpp"

namespace scorepath::kernels {

struct EdmSchedule {
  double sigma_min;  // > 0
  double sigma_max;  // > sigma_min

  SP_HD double a(double) const { return 1.0; }
  SP_HD double sigma2(double t) const { return t * t; }
  SP_HD double noise_ratio(double t) const { return t * t; }
  SP_HD double log_snr(double t) const { return -2.0 * log(t); }
  SP_HD double time_of_noise_ratio(double r) const { return sqrt(r); }
  SP_HD double drift(double) const { return 0.0; }
  SP_HD double diffusion(double t) const { return 2.0 * t; }
  SP_HD double noise_ratio_rate(double t) const { return 2.0 * t; }

  SP_HD double t_lo() const { return sigma_min; }
  SP_HD double t_hi() const { return sigma_max; }
  SP_HD double default_t_max() const { return t_hi(); }
  SP_HD bool starts_at_zero_noise() const { return false; }
  SP_HD bool ends_at_zero_signal() const { return false; }
};

}  // namespace scorepath::kernels
