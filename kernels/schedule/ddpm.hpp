// Schedule "ddpm": a table of betas (Ho et al. 2020, arXiv 2006.11239, eq. 4) made continuous in t = k/T.
//
//   a^2 = 1/(1 + r),  sigma^2 = r/(1 + r);  at t = k/T, k = 1..T, a^2 = prod_{i <= k} (1 - beta_i)
//   l = ln r is linear in k from k = 1 on, r itself is linear below:  r = kappa r_1 for kappa = t T < 1
//   r' = T r_1 (kappa < 1),  r' = T r (l_{k+1} - l_k) (k <= kappa < k + 1);  f = -r'/(2 (1 + r)),  g^2 = r'/(1 + r)
//
// f, g^2 and r' jump at the nodes: there they are those of the piece to the right (of the last piece at t = 1).
#pragma once

#include <cstddef>

#include "kernels/lane/elementary.hpp"
#include "kernels/lane/lane.hpp"

namespace scorepath::kernels {

/// Fills log_noise_ratio[0..count) with l_k = ln((1 - abar_k)/abar_k), k = 1..count, abar_k = prod_{i <= k} (1 -
/// beta_i), from betas[0..count), each in (0, 1). Returns how many leading entries are usable, `count` for a good
/// table: an entry is not when it does not rise above the one before it (a beta that is lost in double precision beside
/// the noise so far, or not in (0, 1)) or when r = e^l or r' would overflow (l >= 700); the value returned is then its
/// index.
SP_HD std::size_t fill_log_noise_ratios(const double* betas, std::size_t count, double* log_noise_ratio) {
  double total = 0.0;  // -ln abar_k, by Kahan's sum
  double carry = 0.0;
  double previous = -1e300;
  std::size_t usable = 0;
  for (std::size_t k = 0; k < count; ++k) {
    const double term = -log1p(-betas[k]) - carry;
    const double next = total + term;
    carry = (next - total) - term;
    total = next;
    const double l = total + log(-expm1(-total));  // ln(e^total - 1), without overflow
    if (usable == k && l > previous && l < 700.0) ++usable;
    log_noise_ratio[k] = l;
    previous = l;
  }
  return usable;
}

struct DdpmSchedule {
  const double* log_noise_ratio;  // [count], strictly increasing, owned by the caller: l_1 .. l_T
  std::size_t count;              // T >= 1

  SP_HD double a(double t) const { return sqrt(1.0 / (1.0 + noise_ratio(t))); }
  SP_HD double sigma2(double t) const {
    const double r = noise_ratio(t);
    return r / (1.0 + r);
  }
  SP_HD double noise_ratio(double t) const {
    if (in_first_piece(t)) return t * steps() * first_noise_ratio();
    const std::size_t k = piece(t);
    return exp(fma(fma(t, steps(), -static_cast<double>(k)), gap(k), log_noise_ratio[k - 1]));
  }
  SP_HD double log_snr(double t) const { return -log(noise_ratio(t)); }
  SP_HD double time_of_noise_ratio(double r) const {
    const double r1 = first_noise_ratio();
    if (count == 1 || !(r >= r1)) return r / r1 / steps();
    const double l = log(r);
    std::size_t k = 1;  // the largest k in [1, T - 1] with l_k <= l
    for (std::size_t above = count; above - k > 1;) {
      const std::size_t middle = k + (above - k) / 2;
      if (log_noise_ratio[middle - 1] <= l) {
        k = middle;
      } else {
        above = middle;
      }
    }
    return (static_cast<double>(k) + (l - log_noise_ratio[k - 1]) / gap(k)) / steps();
  }
  SP_HD double drift(double t) const { return -0.5 * diffusion(t); }
  SP_HD double diffusion(double t) const { return noise_ratio_rate(t) / (1.0 + noise_ratio(t)); }
  SP_HD double noise_ratio_rate(double t) const {
    if (in_first_piece(t)) return steps() * first_noise_ratio();
    return steps() * gap(piece(t)) * noise_ratio(t);
  }

  SP_HD double t_lo() const { return 0.0; }
  SP_HD double t_hi() const { return 1.0; }
  SP_HD double default_t_max() const { return t_hi(); }
  SP_HD bool starts_at_zero_noise() const { return true; }
  SP_HD bool ends_at_zero_signal() const { return false; }

  SP_HD double steps() const { return static_cast<double>(count); }
  SP_HD double first_noise_ratio() const { return exp(log_noise_ratio[0]); }
  SP_HD bool in_first_piece(double t) const { return count == 1 || !(t * steps() >= 1.0); }
  /// k in [1, T - 1] with k <= t T < k + 1, T - 1 from the last node on (there, t >= 1/T and T >= 2).
  SP_HD std::size_t piece(double t) const { return static_cast<std::size_t>(min(t * steps(), steps() - 1.0)); }
  SP_HD double gap(std::size_t k) const { return log_noise_ratio[k] - log_noise_ratio[k - 1]; }
};

}  // namespace scorepath::kernels
