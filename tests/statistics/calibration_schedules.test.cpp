// Calibration where the schedule decides: time laws uniform in t and debiased, under every schedule with its defaults,
// and intervals from few paths. Bounds and false-alarm rates as in calibration.test.cpp.
#include <scorepath/scorepath.hpp>

#include <gtest/gtest.h>

#include <cstdio>
#include <string>
#include <variant>
#include <vector>

#include "tests/support/coverage.hpp"
#include "tests/support/option_grid.hpp"
#include "tests/support/problems.hpp"
#include "tests/support/seed.hpp"

namespace scorepath::test {
namespace {

void expect_calibrated(const NamedProblem& np, const Options& o, const std::string& name) {
  const Coverage c = measure_coverage(np.problem, np.points, o, coverage_seeds, test_seed() ^ hash_of_name(name));
  std::printf("  %-60s %5.1f%%  mean z %+.3f  mean z^2 %.3f\n", name.c_str(), 100.0 * c.fraction(), c.mean_z(),
              c.mean_square_z());
  EXPECT_GE(c.fraction(), least_coverage) << name;
  EXPECT_LE(c.fraction(), most_coverage) << name;
}

class ScheduleCalibration : public testing::TestWithParam<int> {};

ScheduleKind schedule_of(int index) {
  const ScheduleKind kinds[] = {VpLinear{}, VpCosine{}, SubVp{}, Ve{}, Edm{}, ddpm_linear(), LiYan{}, FlowMatching{}};
  static_assert(std::size(kinds) == std::variant_size_v<ScheduleKind>);
  return kinds[index];
}

TEST_P(ScheduleCalibration, OfLawsThatFollowTheSchedule) {
  for (const char* mixture : {"ring-2", "cloud-16"}) {
    NamedProblem np = load_mixture(mixture);
    np.problem.schedule.kind = schedule_of(GetParam());
    for (const TimeLaw law : {TimeLaw::uniform, TimeLaw::debiased}) {
      for (const ControlVariate variate : {ControlVariate::gaussian, ControlVariate::none}) {
        Options o;
        o.time_law = law;
        o.control_variate = variate;
        o.paths = 16384;
        expect_calibrated(np, o, name_of(np.problem.schedule.kind) + " " + mixture + " " + describe(o));
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Every, ScheduleCalibration,
                         testing::Range(0, static_cast<int>(std::variant_size_v<ScheduleKind>)), [](const auto& info) {
                           std::string name;
                           for (const char c : name_of(schedule_of(info.param))) name += c == '-' ? '_' : c;
                           return name;
                         });

/// Schedules whose first step of t goes far above the data's scale, or whose noise jumps past it on the way: laws tied
/// to t hardly draw the levels that matter. Without log-snr's share the results were wrong by up to 1e7 standard
/// errors.
TEST(JumpingScheduleCalibration, OfLawsThatFollowTheSchedule) {
  std::vector<double> jump(601, 1e-4);
  jump[300] = 0.999999;
  for (const ScheduleKind& kind : std::vector<ScheduleKind>{Edm{0.002, 1e6}, Edm{0.002, 1e12}, Ddpm{{0.9999999}},
                                                            Ddpm{jump}, VpLinear{0.1, 130.0}}) {
    NamedProblem np = load_mixture("ring-2");
    np.problem.schedule.kind = kind;
    for (const TimeLaw law : {TimeLaw::uniform, TimeLaw::debiased}) {
      Options o;
      o.time_law = law;
      o.paths = 16384;
      expect_calibrated(np, o, name_of(kind) + " " + describe(o));
    }
  }
}

/// Skewed means of few samples: the symmetric t interval holds the truth in 89 to 91% of these runs.
TEST(FewPathsCalibration, OfTheDefaultSlices) {
  for (const char* mixture : {"ring-2", "cloud-16", "cloud-64"}) {
    for (const std::uint64_t paths : {256, 1024}) {
      Options o;
      o.paths = paths;
      expect_calibrated(load_mixture(mixture), o, mixture + std::string(", paths ") + std::to_string(paths));
    }
  }
}

}  // namespace
}  // namespace scorepath::test
