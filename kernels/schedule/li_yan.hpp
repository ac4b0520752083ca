// Schedule "li-yan" (Li & Yan 2024, arXiv 2408.16765, Theorem 1): time is the noise's variance.
//
//   a^2 = 1 - t,  sigma^2 = t,  t in [0, 1)
//   f = -1/(2 (1-t)),  g^2 = 1/(1-t),  r = t/(1-t),  r' = 1/(1-t)^2
//
// Near t = 1 the double t itself carries r only to a relative 1e-16/(1-t): grids there are kept in r, not in t.
#pragma once

#include "kernels/lane/elementary.hpp"
#include "kernels/lane/lane.hpp"

namespace scorepath::kernels {

struct LiYanSchedule {
  SP_HD double a(double t) const { return sqrt(1.0 - t); }
  SP_HD double sigma2(double t) const { return t; }
  SP_HD double noise_ratio(double t) const { return t / (1.0 - t); }
  SP_HD double log_snr(double t) const { return -log(noise_ratio(t)); }
  SP_HD double time_of_noise_ratio(double r) const { return r / (1.0 + r); }
  SP_HD double drift(double t) const { return -0.5 / (1.0 - t); }
  SP_HD double diffusion(double t) const { return 1.0 / (1.0 - t); }
  SP_HD double noise_ratio_rate(double t) const { return 1.0 / ((1.0 - t) * (1.0 - t)); }

  SP_HD double t_lo() const { return 0.0; }
  SP_HD double t_hi() const { return 1.0; }
  SP_HD double default_t_max() const { return time_of_noise_ratio(1e8); }
  SP_HD bool starts_at_zero_noise() const { return true; }
  SP_HD bool ends_at_zero_signal() const { return true; }
};

}  // namespace scorepath::kernels
