// Samples on the real devices: in reproducible arithmetic every number is the processor's; in fast arithmetic they have
// the same law.
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "tests/gpu/gpu_test.hpp"
#include "tests/support/device_samples.hpp"

namespace scorepath::test {
namespace {

class GpuSamples : public GpuTest {};

TEST_F(GpuSamples, HaveTheBitsOfTheProcessor) {
  const CudaDevices devices = open_cuda_devices();
  std::size_t turn = 0;
  for (const int dim : {1, 2, 4, 7, 16, 40, 130}) {
    for (SampleOptions o : every_reverse_job(16, test_seed())) {
      o.threads = 0;
      o.trajectories = turn % 5 == 0 ? 3 : 0;
      expect_same_samples_on(devices, {every_schedule()[turn % 8], mixture(static_cast<Layout>(turn % 3), dim, 9, 3)},
                             dim > 16 ? 2000 : 20'000, o, sampling_text(o) + ", d = " + std::to_string(dim));
      ++turn;
    }
  }
}

/// The few paths that the sanitizer tools run (tools/gpu-session).
TEST_F(GpuSamples, SmallJobsHaveTheBitsOfTheProcessor) {
  const CudaDevices devices = open_cuda_devices();
  for (const int dim : {2, 7, 40}) {
    for (const SampleOptions& o : every_reverse_job(4, test_seed()))
      expect_same_samples_on(devices, {schedule_of(VpLinear{}), mixture(Layout::isotropic, dim, 9, 3)}, 600, o,
                             sampling_text(o));
  }
}

TEST_F(GpuSamples, OfFastArithmeticAreWithinFloatOfTheProcessors) {
  const CudaDevices devices = open_cuda_devices();
  const Problem problem{schedule_of(VpLinear{}), mixture(Layout::shared, 2, 8, 3)};
  SampleOptions o;
  o.steps = 64;
  o.log_density = true;
  o.seed = test_seed();
  o.backend = Backend::cpu;
  const Samples want = sample(problem, 100'000, o);
  o.backend = Backend::cuda;
  o.arithmetic = Arithmetic::fast;
  const Samples got = sample_on(problem, 100'000, o, &devices);
  double square = 0.0;
  for (std::size_t i = 0; i < want.samples.values.size(); ++i)
    square += std::pow(got.samples.values[i] - want.samples.values[i], 2) / 200'000.0;
  EXPECT_LT(std::sqrt(square), 1e-3);
}

}  // namespace
}  // namespace scorepath::test
