// The schedules that every schedule test runs over: each kind with its public defaults and with other parameters.
#pragma once

#include <scorepath/problem.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <ostream>
#include <string>
#include <vector>

#include "kernels/schedule/schedule.hpp"

namespace scorepath::test {

inline constexpr double epsilon = std::numeric_limits<double>::epsilon();

struct ScheduleCase {
  std::string name;
  kernels::NoiseSchedule schedule;
};
inline void PrintTo(const ScheduleCase& c, std::ostream* os) { *os << c.name; }

/// l_k = ln(sigma^2/a^2) of a table of betas.
inline std::vector<double> log_noise_ratios(const std::vector<double>& betas) {
  std::vector<double> table(betas.size());
  kernels::fill_log_noise_ratios(betas.data(), betas.size(), table.data());
  return table;
}

/// `steps` betas from `first` to `last`, evenly spaced.
inline std::vector<double> linear_betas(std::size_t steps, double first, double last) {
  std::vector<double> betas(steps);
  for (std::size_t k = 0; k < steps; ++k) {
    betas[k] = first + (last - first) * static_cast<double>(k) / static_cast<double>(steps - 1);
  }
  return betas;
}

/// Betas that grow from `first` by the factor `growth` up to `cap`.
inline std::vector<double> geometric_betas(std::size_t steps, double first, double growth, double cap) {
  std::vector<double> betas(steps);
  for (std::size_t k = 0; k < steps; ++k) betas[k] = std::min(cap, first * std::pow(growth, static_cast<double>(k)));
  return betas;
}

inline kernels::NoiseSchedule ddpm_schedule(const std::vector<double>& table) {
  return kernels::DdpmSchedule{table.data(), table.size()};
}

inline const std::vector<ScheduleCase>& schedule_cases() {
  using namespace kernels;
  static const std::vector<double> usual = log_noise_ratios(linear_betas(1000, 1e-4, 0.02));
  static const std::vector<double> geometric = log_noise_ratios(geometric_betas(60, 1e-6, 1.4, 0.3));
  static const std::vector<double> coarse = log_noise_ratios({0.3, 0.01, 0.5, 0.9});
  static const std::vector<double> single = log_noise_ratios({0.75});
  static const std::vector<ScheduleCase> cases = {
      {"vp_linear_default", VpLinearSchedule{VpLinear{}.beta_min, VpLinear{}.beta_max}},
      {"vp_linear_mild", VpLinearSchedule{0.02, 8.0}},
      {"vp_linear_constant", VpLinearSchedule{3.0, 3.0}},
      {"vp_linear_from_zero", VpLinearSchedule{0.0, 12.0}},
      {"vp_cosine_default", VpCosineSchedule{VpCosine{}.offset}},
      {"vp_cosine_no_offset", VpCosineSchedule{0.0}},
      {"vp_cosine_large_offset", VpCosineSchedule{0.2}},
      {"sub_vp_default", SubVpSchedule{SubVp{}.beta_min, SubVp{}.beta_max}},
      {"sub_vp_mild", SubVpSchedule{0.02, 8.0}},
      {"sub_vp_falling", SubVpSchedule{4.0, 1.0}},
      {"ve_default", VeSchedule{Ve{}.sigma_min, Ve{}.sigma_max}},
      {"ve_wide", VeSchedule{1e-4, 1000.0}},
      {"ve_narrow", VeSchedule{0.3, 5.0}},
      {"edm_default", EdmSchedule{Edm{}.sigma_min, Edm{}.sigma_max}},
      {"edm_wide", EdmSchedule{1e-4, 1000.0}},
      {"edm_narrow", EdmSchedule{0.02, 10.0}},
      {"ddpm_usual", ddpm_schedule(usual)},
      {"ddpm_geometric", ddpm_schedule(geometric)},
      {"ddpm_coarse", ddpm_schedule(coarse)},
      {"ddpm_single_step", ddpm_schedule(single)},
      {"li_yan", LiYanSchedule{}},
      {"flow_matching", FlowMatchingSchedule{}},
  };
  return cases;
}

/// Times in the open range: offsets of 1e-12, 1e-8 and 1e-4 (of the range's length) from both ends, and
/// between (on no node of the ddpm tables).
inline std::vector<double> inner_times(const kernels::NoiseSchedule& schedule) {
  const double lo = schedule.t_lo(), length = schedule.t_hi() - schedule.t_lo();
  std::vector<double> times;
  for (double x :
       {1e-12, 1e-8, 1e-4, 0.01004, 0.0437, 0.1003, 0.2503, 0.3704, 0.5004, 0.6337, 0.8007, 0.9303, 0.9907}) {
    times.push_back(lo + length * x);
  }
  for (double x : {1e-4, 1e-8, 1e-12}) times.push_back(schedule.t_hi() - length * x);
  return times;
}

/// How far t is from the next end of the range or, for ddpm, the next node (where the rates jump).
inline double smooth_distance(const kernels::NoiseSchedule& schedule, double t) {
  if (schedule.kind == kernels::ScheduleKind::edm) return std::min(t, schedule.t_hi() - t);  // smooth down to t = 0
  if (schedule.kind != kernels::ScheduleKind::ddpm) return std::min(t - schedule.t_lo(), schedule.t_hi() - t);
  const double steps = schedule.ddpm.steps();
  const double k = std::floor(t * steps);
  return std::min(t - k / steps, (k + 1.0) / steps - t);
}

}  // namespace scorepath::test
