// Schedule "flow-matching" (linear path; Lipman et al. 2022, arXiv 2210.02747, and Liu et al. 2022, arXiv 2209.03003;
// here t = 0 is data and t = 1 noise).
//
//   a = 1 - t,  sigma = t,  t in [0, 1)
//   f = -1/(1-t),  g^2 = 2t/(1-t),  r = (t/(1-t))^2,  r' = 2t/(1-t)^3
//
// Near t = 1 the double t itself carries r only to a relative 2e-16/(1-t): grids there are kept in r, not in t.
#pragma once

#include "kernels/lane/elementary.hpp"
#include "kernels/lane/lane.hpp"

namespace scorepath::kernels {

struct FlowMatchingSchedule {
  SP_HD double a(double t) const { return 1.0 - t; }
  SP_HD double sigma2(double t) const { return t * t; }
  SP_HD double noise_ratio(double t) const {
    const double root = t / (1.0 - t);
    return root * root;
  }
  SP_HD double log_snr(double t) const { return -2.0 * log(t / (1.0 - t)); }
  SP_HD double time_of_noise_ratio(double r) const {
    const double root = sqrt(r);
    return root / (1.0 + root);
  }
  SP_HD double drift(double t) const { return -1.0 / (1.0 - t); }
  SP_HD double diffusion(double t) const { return 2.0 * t / (1.0 - t); }
  SP_HD double noise_ratio_rate(double t) const {
    const double a_t = 1.0 - t;
    return 2.0 * t / (a_t * a_t * a_t);
  }

  SP_HD double t_lo() const { return 0.0; }
  SP_HD double t_hi() const { return 1.0; }
  SP_HD double default_t_max() const { return time_of_noise_ratio(1e8); }
  SP_HD bool starts_at_zero_noise() const { return true; }
  SP_HD bool ends_at_zero_signal() const { return true; }
};

}  // namespace scorepath::kernels
