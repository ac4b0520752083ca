// Whole jobs of backend cuda, on a device that interprets the library's own PTX: every number is the CPU engine's, bit
// for bit, for every estimator, schedule, grid, score and dimension.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "host/estimate_on.hpp"
#include "tests/ptx/ptx_job.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/option_grid.hpp"

namespace scorepath::test {
namespace {

class CudaJobs : public ::testing::Test {
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
class CudaScores : public CudaJobs, public ::testing::WithParamInterface<int> {};
INSTANTIATE_TEST_SUITE_P(Dimension, CudaScores,
                         ::testing::Values(1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 32, 33, 70, 130, 1030));

TEST_P(CudaScores, HaveTheBitsOfTheProcessor) {
  const int dim = GetParam();
  std::uint64_t turn = test_seed() % 1000;
  for (const Layout layout : {Layout::shared, Layout::isotropic, Layout::diagonal}) {
    for (const int components : {1, 8, 70}) {
      for (const Sampler sampler : {Sampler::slices, Sampler::paths}) {
        if (++turn % 2 == 0 && dim > 16 && components > 8) continue;  // many seconds each
        if (dim > 200 && components > 8) continue;
        Options o;
        o.sampler = sampler;
        o.time_points = static_cast<TimePoints>(turn % 3);
        o.antithetic = turn % 2 == 0 ? Antithetic::on : Antithetic::off;
        o.control_variate = turn % 5 == 0 ? ControlVariate::none : ControlVariate::gaussian;
        o.transition = turn % 7 == 0 ? Transition::euler_maruyama : Transition::exact;
        Options job = small(o, turn);
        job.paths = dim > 200 ? 3 : dim > 16 ? 20 : 140;
        job.steps = 5;
        expect_same_on_device(Problem{schedule_of(VpLinear{}), mixture(layout, dim, components, turn)}, job,
                              "layout " + std::to_string(static_cast<int>(layout)) + ", components " +
                                  std::to_string(components) + ", " + describe(o));
      }
    }
  }
}

/// What runs on two devices, in little memory, or on one block at a time.
TEST_F(CudaJobs, NoBitDependsOnDevicesMemoryOrBlocks) {
  const Problem problem{schedule_of(VpLinear{}), mixture(Layout::diagonal, 3, 9, 5)};
  const Matrix points = draw_points(problem, 3, test_seed());
  for (const Sampler sampler : {Sampler::slices, Sampler::paths}) {
    Options o;
    o.sampler = sampler;
    Options job = small(o, 1);
    job.paths = 3 * 4096 + 100;
    job.steps = 4;
    job.keep_samples = false;
    const Result want = estimate_log_density(problem, points, job);
    job.backend = Backend::cuda;
    PtxDeviceOptions plain, little, narrow;
    plain.races = little.races = narrow.races = false;
    narrow.resident_blocks = 1;
    const CudaDevices one = ptx_devices(1, plain), two = ptx_devices(2, plain), single = ptx_devices(1, narrow);
    expect_same_result(estimate_on(problem, points, job, &one), want, "one device");
    expect_same_result(estimate_on(problem, points, job, &two), want, "two devices");
    expect_same_result(estimate_on(problem, points, job, &single), want, "one block at a time");
    const auto& used = static_cast<const PtxDevice&>(*one.front());
    little.memory = used.most_allocated / 2;
    const CudaDevices short_of = ptx_devices(1, little);
    expect_same_result(estimate_on(problem, points, job, &short_of), want, "half the memory");
    EXPECT_GT(static_cast<const PtxDevice&>(*short_of.front()).launches, used.launches);
    little.memory = 1000;
    const CudaDevices hopeless = ptx_devices(1, little);
    scorepath::testing::expect_error(ErrorKind::resource, {"memory ran out"},
                                     [&] { estimate_on(problem, points, job, &hopeless); });
  }
}

}  // namespace
}  // namespace scorepath::test
