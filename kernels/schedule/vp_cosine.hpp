// Schedule "vp-cosine" (Nichol & Dhariwal 2021, arXiv 2102.09672, eq. 17, without their clipping of beta).
//
//   a = cos(th)/cos(th0),  sigma^2 = 1 - a^2 = sin(th - th0) sin(th + th0)/cos^2(th0),  s = offset, t in [0, 1)
//   th = pi/2 (t + s)/(1 + s),  th0 = pi/2 s/(1 + s)
//   f = -w tan(th),  g^2 = 2 w tan(th),  w = pi/2/(1 + s)
//   r = sin(th - th0) sin(th + th0)/cos^2(th),  r' = 2 w tan(th) cos^2(th0)/cos^2(th)
//
// Each angle is formed by itself, th - th0 = w t, th + th0 = w (t + 2s), pi/2 - th = w (1 - t), so that neither end
// cancels. Inverse: tan^2(th) = tan^2(th0) + r/cos^2(th0), and th - th0 is the arctangent of
// (tan th - tan th0)/(1 + tan th tan th0), where tan th - tan th0 = (r/cos^2 th0)/(tan th + tan th0).
#pragma once

#include "kernels/lane/elementary.hpp"
#include "kernels/lane/lane.hpp"

namespace scorepath::kernels {

struct VpCosineSchedule {
  double offset;  // >= 0

  SP_HD double a(double t) const { return end_angle(t).sine / start_angle().cosine; }
  SP_HD double sigma2(double t) const {
    const double cos0 = start_angle().cosine;
    return sine_product(t) / (cos0 * cos0);
  }
  SP_HD double noise_ratio(double t) const {
    const double cos_th = end_angle(t).sine;
    return sine_product(t) / (cos_th * cos_th);
  }
  SP_HD double log_snr(double t) const { return -log(noise_ratio(t)); }
  SP_HD double time_of_noise_ratio(double r) const {
    if (r == 0.0) return 0.0;  // offset may be 0
    const Angle start = start_angle();
    const double tan0 = start.sine / start.cosine;
    const double excess = r / (start.cosine * start.cosine);
    const double tan_th = sqrt(fma(tan0, tan0, excess));
    return atan(excess / ((tan_th + tan0) * fma(tan_th, tan0, 1.0))) / (pi * half_turns_per_time());
  }
  SP_HD double drift(double t) const { return -0.5 * diffusion(t); }
  SP_HD double diffusion(double t) const {
    const double sin_th = angle((t + offset) * half_turns_per_time()).sine;
    return 2.0 * pi * half_turns_per_time() * (sin_th / end_angle(t).sine);
  }
  SP_HD double noise_ratio_rate(double t) const {
    const double a_t = a(t);
    return diffusion(t) / (a_t * a_t);
  }

  SP_HD double t_lo() const { return 0.0; }
  SP_HD double t_hi() const { return 1.0; }
  SP_HD double default_t_max() const { return time_of_noise_ratio(1e8); }
  SP_HD bool starts_at_zero_noise() const { return true; }
  SP_HD bool ends_at_zero_signal() const { return true; }

  struct Angle {
    double sine;
    double cosine;
  };
  static constexpr double pi = 3.14159265358979323846;

  /// w/pi: angles are passed on as multiples of pi.
  SP_HD double half_turns_per_time() const { return 0.5 / (1.0 + offset); }
  SP_HD static Angle angle(double half_turns) {
    Angle result;
    sincospi(half_turns, result.sine, result.cosine);
    return result;
  }
  SP_HD Angle start_angle() const { return angle(offset * half_turns_per_time()); }           // th0
  SP_HD Angle end_angle(double t) const { return angle((1.0 - t) * half_turns_per_time()); }  // pi/2 - th
  /// sin(th - th0) sin(th + th0).
  SP_HD double sine_product(double t) const {
    return angle(t * half_turns_per_time()).sine * angle(fma(2.0, offset, t) * half_turns_per_time()).sine;
  }
};

}  // namespace scorepath::kernels
