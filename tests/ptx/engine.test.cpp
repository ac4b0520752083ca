// Whole jobs of backend cuda, on a device that interprets the library's own PTX: every number is the CPU engine's, bit
// for bit, for every estimator, schedule, grid, score and dimension.
#include <gtest/gtest.h>

#include <bit>
#include <string>
#include <vector>

#include "host/estimate_on.hpp"
#include "tests/ptx/ptx_job.hpp"
#include "tests/support/option_grid.hpp"

namespace scorepath::test {
namespace {

class CudaJobs : public testing::Test {
 protected:
  void SetUp() override {
    if (!has_library_kernels()) GTEST_SKIP() << "nvcc is not installed";
  }
};

/// The options of a job small enough for the interpreter: a few hundred paths, tens of steps, a second batch.
Options small(Options o, std::uint64_t seed) {
  o.paths = 300;
  o.steps = 12;
  o.threads = 1;
  o.seed = seed;
  o.keep_samples = true;
  return o;
}

/// Every estimator, schedules and layouts taking turns.
TEST_F(CudaJobs, EveryEstimatorHasTheBitsOfTheProcessor) {
  std::vector<Options> all = slice_combinations();
  for (const Transition t : {Transition::exact, Transition::euler_maruyama}) {
    for (const Options& o : path_combinations(t)) all.push_back(o);
  }
  ASSERT_EQ(all.size(), 160u);
  const std::vector<Schedule> schedules = every_schedule();
  std::uint64_t turn = test_seed() % 1000;
  for (const Options& o : all) {
    ++turn;
    Problem problem{schedules[turn % schedules.size()], mixture(static_cast<Layout>(turn % 3), 2, 5, turn)};
    expect_same_on_device(problem, small(o, turn), describe(o) + ", turn " + std::to_string(turn));
  }
}

/// Every score in dimensions of one thread (exact and padded) and of teams up to several warps.
TEST_F(CudaJobs, EveryScoreAndDimensionHasTheBitsOfTheProcessor) {
  std::uint64_t turn = test_seed() % 1000;
  for (const Layout layout : {Layout::shared, Layout::isotropic, Layout::diagonal}) {
    for (const int dim : {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 32, 33, 70, 130}) {
      for (const int components : {1, 8, 70}) {
        for (const Sampler sampler : {Sampler::slices, Sampler::paths}) {
          ++turn;
          Options o;
          o.sampler = sampler;
          o.time_points = static_cast<TimePoints>(turn % 3);
          o.antithetic = turn % 2 == 0 ? Antithetic::on : Antithetic::off;
          o.control_variate = turn % 5 == 0 ? ControlVariate::none : ControlVariate::gaussian;
          o.transition = turn % 7 == 0 ? Transition::euler_maruyama : Transition::exact;
          Options job = small(o, turn);
          job.paths = dim > 16 ? 40 : 150;
          job.steps = 5;
          SCOPED_TRACE(std::to_string(static_cast<int>(layout)) + " " + std::to_string(dim) + " " +
                       std::to_string(components));
          printf("%d %d %d %s\n", (int)layout, dim, components, describe(o).c_str());
          expect_same_on_device(Problem{schedule_of(VpLinear{}), mixture(layout, dim, components, turn)}, job,
                                "layout " + std::to_string(static_cast<int>(layout)) + ", dim " + std::to_string(dim) +
                                    ", components " + std::to_string(components) + ", " + describe(o));
        }
      }
    }
  }
}

}  // namespace
}  // namespace scorepath::test
