// Noise ranges of every schedule for the tests of time laws and grids: units, a start at t_min, a far end beyond the
// schedule.
#pragma once

#include <string>
#include <vector>

#include "kernels/step/time_law.hpp"
#include "tests/support/schedule_cases.hpp"

namespace scorepath::test {

struct RangeCase {
  std::string name;
  kernels::NoiseSchedule schedule;
  kernels::NoiseRange range;
};

/// From noise level 0 or from t_min on, up to r(t_max) or `beyond` times it.
inline kernels::NoiseRange make_range(const kernels::NoiseSchedule& schedule, double scale, bool from_first,
                                      double t_min, double t_max, double beyond) {
  const double first = schedule.noise_ratio(t_min) * scale;
  const double last = schedule.noise_ratio(t_max) * scale;
  const double start = from_first ? first : 0.0;
  return {scale, start, last * beyond - start, t_min, t_max, first - start, last - start};
}

inline std::vector<RangeCase> range_cases() {
  std::vector<RangeCase> cases;
  for (const ScheduleCase& c : schedule_cases()) {
    const double lo = c.schedule.t_lo(), hi = c.schedule.default_t_max();
    const auto add = [&](const char* what, const kernels::NoiseRange& range) {
      cases.push_back({c.name + ", " + what, c.schedule, range});
    };
    add("whole", make_range(c.schedule, 1.0, false, lo, hi, 1.0));
    add("units and tail", make_range(c.schedule, 0.0625, false, lo, hi, 1000.0));
    const double inner = lo + 0.1 * (hi - lo);
    add("from an inner t", make_range(c.schedule, 4.0, true, inner, lo + 0.9 * (hi - lo), 1.0));
    add("from an inner t, with tail", make_range(c.schedule, 1.0, true, inner, hi, 50.0));
  }
  return cases;
}

}  // namespace scorepath::test
