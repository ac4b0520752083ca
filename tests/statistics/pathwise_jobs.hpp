// Jobs of the tests of sums along paths.
#pragma once

#include <scorepath/scorepath.hpp>

#include <cstdint>
#include <variant>
#include <vector>

namespace scorepath::test {

inline Options pathwise(Form form, std::uint64_t steps, std::uint64_t paths) {
  Options o;
  o.method = Method::pathwise;
  o.form = form;
  o.steps = steps;
  o.paths = paths;
  o.threads = 1;
  return o;
}

/// Every kind from zero noise, and from a t_min.
inline std::vector<Schedule> some_schedules() {
  std::vector<Schedule> all;
  for (const ScheduleKind& kind : std::vector<ScheduleKind>{VpLinear{}, VpCosine{}, SubVp{}, Ve{}, Edm{}, ddpm_linear(),
                                                            LiYan{}, FlowMatching{}}) {
    all.push_back({kind, {}, {}});
    // Far enough from zero noise in every kind that the density is another one.
    if (!std::holds_alternative<Ve>(kind)) all.push_back({kind, 0.2, {}});
  }
  return all;
}

}  // namespace scorepath::test
