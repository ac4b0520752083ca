// Reproducible arithmetic on the real devices: every sample, sum and error bar is the processor's, bit for bit.
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

#include "tests/gpu/gpu_test.hpp"

namespace scorepath::test {
namespace {

class GpuParity : public GpuTest {};

TEST_F(GpuParity, EveryEstimatorHasTheBitsOfTheProcessor) {
  expect_every_estimator_same_on(open_cuda_devices(), {20000, 24, 0});
}

TEST_F(GpuParity, ChecksOfQuadraturesHaveTheBitsOfTheProcessor) {
  expect_quadrature_checks_same_on(open_cuda_devices(), 4'000'000);
}

/// Two rounds of few rays: the sanitizer tools run them (tools/gpu-session).
TEST_F(GpuParity, SmallChecksOfQuadraturesHaveTheBitsOfTheProcessor) {
  expect_quadrature_checks_same_on(open_cuda_devices(), 50'000);
}

/// The few options that the sanitizer tools run: every kernel that a job in two dimensions meets, and a team's.
TEST_F(GpuParity, SmallJobsHaveTheBitsOfTheProcessor) {
  const CudaDevices devices = open_cuda_devices();
  for (const int dim : {2, 7, 40}) {
    expect_every_score_same_on(devices, dim, {1, 9}, [](Sampler, int, std::uint64_t) { return JobSize{600, 6, 0}; });
  }
}

/// Dimensions of one thread (exact and padded), of part of a warp, of a warp and of up to sixteen of them.
class GpuScores : public GpuTest, public ::testing::WithParamInterface<int> {};
INSTANTIATE_TEST_SUITE_P(Dimension, GpuScores,
                         ::testing::Values(1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 32, 33, 64, 100, 130, 784, 3072, 16384));

TEST_P(GpuScores, HaveTheBitsOfTheProcessor) {
  const int dim = GetParam();
  // The processor's half of a test is what takes time: products of component and coordinate, and for paths some
  // thousand evaluations of the quadrature's check.
  const auto size = [dim](Sampler sampler, int components, std::uint64_t) -> std::optional<JobSize> {
    constexpr std::uint64_t steps = 8, most_products = 150'000'000, most_paths = 20000, fewest_paths = 6;
    const auto products = static_cast<std::uint64_t>(components + 4) * static_cast<std::uint64_t>(dim + 4);
    if (products > (sampler == Sampler::paths ? 210'000u : 1'300'000u)) return std::nullopt;
    const std::uint64_t per_path = products * (sampler == Sampler::paths ? steps : 1);
    return JobSize{std::clamp(most_products / per_path, fewest_paths, most_paths), steps, 0};
  };
  expect_every_score_same_on(open_cuda_devices(), dim, {1, 8, 70, 1500}, size);
}

/// Schedules with their own ends and grids, in more than two dimensions.
TEST_F(GpuParity, EverySamplerAndScheduleHasTheBitsOfTheProcessor) {
  const CudaDevices devices = open_cuda_devices();
  std::uint64_t turn = test_seed() % 1000;
  for (const Schedule& schedule : every_schedule()) {
    for (const Sampler sampler : {Sampler::slices, Sampler::paths}) {
      ++turn;
      Options o;
      o.sampler = sampler;
      o.grid = static_cast<Grid>(turn % 4);
      o.time_law = static_cast<TimeLaw>(turn % 4);
      expect_same_on(devices, Problem{schedule, mixture(static_cast<Layout>(turn % 3), 6, 12, turn)},
                     sized(o, {20000, 32, 0}, turn), describe(o) + ", turn " + std::to_string(turn));
    }
  }
}

}  // namespace
}  // namespace scorepath::test
