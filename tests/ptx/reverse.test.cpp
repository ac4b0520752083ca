// Samples of backend cuda, on a device that interprets the library's own PTX: every number is the processor's, bit for
// bit, for every method, score and dimension.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/ptx/ptx_job.hpp"
#include "tests/support/device_samples.hpp"
#include "tests/support/expect_error.hpp"

namespace scorepath::test {
namespace {

class CudaSamples : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!has_library_kernels()) GTEST_SKIP() << "nvcc is not installed";
  }
};

TEST_F(CudaSamples, OfEveryMethodHaveTheBitsOfTheProcessor) {
  std::size_t turn = 0;
  for (SampleOptions o : every_reverse_job(5, test_seed())) {
    o.trajectories = turn % 3 == 0 ? 2 : 0;
    expect_same_samples_on(ptx_devices(1), {every_schedule()[turn++ % 8], mixture(Layout::isotropic, 2, 9, 3)}, 140, o,
                           sampling_text(o));
  }
}

TEST_F(CudaSamples, OfEveryScoreHaveTheBitsOfTheProcessor) {
  const std::vector<SampleOptions> jobs = every_reverse_job(4, test_seed());
  std::size_t turn = 0;
  for (const Layout layout : every_layout) {
    for (const int dim : {1, 2, 3, 4, 5, 8, 11, 16, 17, 33, 70, 130}) {
      for (const int components : {1, 8, 70}) {
        if (dim > 16 && components > 8) continue;  // many seconds each
        SampleOptions o = jobs[turn++ % jobs.size()];
        o.log_density = turn % 2 == 0;
        expect_same_samples_on(ptx_devices(1), {every_schedule()[turn % 8], mixture(layout, dim, components, 5)},
                               dim > 16 ? 6 : 40, o, sampling_text(o) + ", d = " + std::to_string(dim));
      }
    }
  }
}

/// Several batches, on two devices, in little memory.
TEST_F(CudaSamples, DependOnNoDeviceAndNoMemory) {
  const Problem problem{schedule_of(VpLinear{}), mixture(Layout::shared, 2, 3, 5)};
  SampleOptions o;
  o.steps = 4;
  o.seed = test_seed();
  o.threads = 1;
  PtxDeviceOptions plain;
  plain.races = false;
  const CudaDevices one = ptx_devices(1, plain);
  expect_same_samples_on(one, problem, 3 * 4096 + 50, o, "one device");
  expect_same_samples_on(ptx_devices(2, plain), problem, 3 * 4096 + 50, o, "two devices");
  const auto& used = static_cast<const PtxDevice&>(*one.front());
  // What one batch takes: launches have as many as the machine is fast enough for, here they must do with one.
  const CudaDevices single = ptx_devices(1, plain);
  o.backend = Backend::cuda;
  sample_on(problem, 4096, o, &single);
  o.backend = Backend::automatic;
  PtxDeviceOptions little = plain;
  little.memory = static_cast<const PtxDevice&>(*single.front()).most_allocated + 1024;  // the list of two batches
  const CudaDevices short_of = ptx_devices(1, little);
  expect_same_samples_on(short_of, problem, 3 * 4096 + 50, o, "little memory");
  EXPECT_GE(static_cast<const PtxDevice&>(*short_of.front()).launches, used.launches);
  little.memory = 1000;
  const CudaDevices hopeless = ptx_devices(1, little);
  o.backend = Backend::cuda;
  scorepath::testing::expect_error(ErrorKind::resource, {"memory ran out"},
                                   [&] { sample_on(problem, 10, o, &hopeless); });
  PtxDeviceOptions failing = plain;
  failing.launches = 0;
  const CudaDevices broken = ptx_devices(1, failing);
  scorepath::testing::expect_error(ErrorKind::resource, {"the CUDA device failed"},
                                   [&] { sample_on(problem, 10, o, &broken); });
}

}  // namespace
}  // namespace scorepath::test
