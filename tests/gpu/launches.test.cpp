// How work reaches the real devices changes no bit: devices, threads, blocks, memory, launches; and what a caller hears
// of it.
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/gpu/gpu_test.hpp"
#include "tests/gpu/limited_device.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/small_jobs.hpp"

namespace scorepath::test {
namespace {

using scorepath::testing::expect_error;
using scorepath::testing::has_flag;

/// Three points of a mixture with both samplers, several launches each.
class GpuLaunches : public GpuTest, public ::testing::WithParamInterface<Sampler> {
 protected:
  GpuLaunches() : problem_{schedule_of(VpLinear{}), mixture(Layout::diagonal, 3, 9, 5)} {
    points_ = draw_points(problem_, 3, 7);
    options_.sampler = GetParam();
    options_.paths = 40 * 4096 + 100;
    options_.steps = 16;
    options_.seed = test_seed();
  }
  Result on_processor() const {
    Options o = options_;
    o.backend = Backend::cpu;
    return estimate_log_density(problem_, points_, o);
  }
  Result on(const CudaDevices& devices) const {
    Options o = options_;
    o.backend = Backend::cuda;
    return estimate_on(problem_, points_, o, &devices);
  }

  Problem problem_;
  Matrix points_;
  Options options_;
};
INSTANTIATE_TEST_SUITE_P(Of, GpuLaunches, ::testing::Values(Sampler::slices, Sampler::paths),
                         [](const auto& info) { return name_of(info.param); });

TEST_P(GpuLaunches, AllDevicesOneDeviceAndOneOpenedTwiceAgree) {
  const Result want = on_processor();
  const CudaDevices all = open_cuda_devices();
  expect_same_result(on(all), want, std::to_string(all.size()) + " devices");
  CudaDevices one, twice;
  one.push_back(kernels::cuda::open_device(0));
  for (int i = 0; i < 2; ++i) twice.push_back(kernels::cuda::open_device(0));
  expect_same_result(on(one), want, "one device");
  expect_same_result(on(twice), want, "one device opened twice");
}

TEST_P(GpuLaunches, NoBitDependsOnBlocks) {
  const Result want = on_processor();
  for (const std::uint32_t blocks : {1u, 7u, 100u}) {
    DeviceLimits limits;
    limits.blocks = blocks;
    expect_same_result(on(limited_device(limits)), want, std::to_string(blocks) + " blocks");
  }
}

TEST_P(GpuLaunches, NoBitDependsOnTheThreadsOfABlock) {
  for (const int dim : {3, 40, 1000}) {
    problem_.score = mixture(Layout::shared, dim, dim > 100 ? 12 : 20, 5);
    points_ = draw_points(problem_, 2, 7);
    options_.paths = dim > 100 ? 300 : 20000;
    options_.keep_samples = true;
    const Result want = on_processor();
    for (const std::uint32_t threads : {32u, 64u, 128u}) {
      DeviceLimits limits;
      limits.block_threads = threads;
      expect_same_result(on(limited_device(limits)), want,
                         "d = " + std::to_string(dim) + ", blocks of " + std::to_string(threads));
    }
  }
}

TEST_P(GpuLaunches, LessMemoryMakesSmallerLaunchesOfTheSameBits) {
  options_.keep_samples = true;
  const Result want = on_processor();
  const CudaDevices whole = limited_device({});
  expect_same_result(on(whole), want, "all memory");
  const LimitedDevice& used = as_limited(whole);
  EXPECT_EQ(used.still_allocated(), 0u) << "memory was kept";
  DeviceLimits little;
  little.blocks = 16;  // slices keep memory for each path that is worked on
  const CudaDevices narrow = limited_device(little), least = limited_device(little);
  expect_same_result(on(narrow), want, "few blocks");
  // Between what launches of a batch or two need and what they take where they can.
  const std::uint64_t paths = std::exchange(options_.paths, 4096);
  on(least);
  options_.paths = paths;
  const std::size_t few = as_limited(least).most_allocated, many = as_limited(narrow).most_allocated;
  ASSERT_GT(many, few) << "launches never grew: the device is as slow as an interpreter";
  little.memory = few + (many - few) / 4;
  const CudaDevices short_of = limited_device(little);
  expect_same_result(on(short_of), want, "little memory");
  EXPECT_GT(as_limited(short_of).launches, as_limited(narrow).launches);
  EXPECT_LE(as_limited(short_of).most_allocated, little.memory);
}

TEST_P(GpuLaunches, LaunchesOfAShapeThatRecursAreReplayed) {
  const CudaDevices devices = limited_device({});
  expect_recurring_launches_same_on(devices, GetParam());
  EXPECT_EQ(as_limited(devices).replays, replays_expected);
}

TEST_P(GpuLaunches, NoMemoryIsAnErrorOfResources) {
  for (const std::size_t memory : {std::size_t{0}, std::size_t{1000}}) {
    DeviceLimits none;
    none.memory = memory;
    const CudaDevices devices = limited_device(none);
    expect_error(ErrorKind::resource, {"memory ran out"}, [&] { on(devices); });
    EXPECT_EQ(as_limited(devices).still_allocated(), 0u);
  }
  expect_same_result(on(open_cuda_devices()), on_processor(), "after it");
}

TEST_P(GpuLaunches, AFailingDeviceIsAnErrorThatNamesItself) {
  DeviceLimits failing;
  failing.launches = 0;
  const CudaDevices devices = limited_device(failing);
  expect_error(ErrorKind::resource, {"the CUDA device failed", "planted by the test"}, [&] { on(devices); });
}

TEST_P(GpuLaunches, TwoThreadsWithADeviceEachAgree) {
  const Result want = on_processor();
  std::vector<Result> got(2);
  std::vector<std::thread> threads;
  for (Result& result : got) threads.emplace_back([&] { result = on(open_cuda_devices()); });
  for (std::thread& thread : threads) thread.join();
  for (const Result& result : got) expect_same_result(result, want, "a thread");
}

TEST_P(GpuLaunches, ProgressRisesToTheTotalOnTheCallingThread) {
  const Result want = on_processor();
  const std::thread::id caller = std::this_thread::get_id();
  std::vector<Progress> seen;
  options_.progress = [&](const Progress& p) {
    EXPECT_EQ(std::this_thread::get_id(), caller);
    seen.push_back(p);
    return Continue::yes;
  };
  const Result got = on(open_cuda_devices());
  expect_same_result(got, want, "with progress");
  ASSERT_GE(seen.size(), 2u);
  for (std::size_t i = 1; i < seen.size(); ++i) EXPECT_GE(seen[i].batches_done, seen[i - 1].batches_done);
  EXPECT_EQ(seen.back().batches_done, seen.back().batches_total);
  EXPECT_EQ(seen.back().paths_done, got.totals.paths);
}

TEST_P(GpuLaunches, StoppingBetweenLaunchesKeepsWhatWasDone) {
  points_ = draw_points(problem_, 1, 7);
  options_.time_points = TimePoints::plain;  // what was done is then a job of that size
  options_.paths = std::uint64_t{4096} * 100'000;
  options_.progress = [](const Progress& p) { return p.batches_done > 0 ? Continue::no : Continue::yes; };
  const CudaDevices devices = limited_device({});
  const Result stopped = on(devices);
  EXPECT_TRUE(stopped.stopped);
  EXPECT_LE(as_limited(devices).launches, 2u);
  const PointResult& p = stopped.points.at(0);
  EXPECT_TRUE(has_flag(p, "stopped"));
  ASSERT_TRUE(p.log_density.has_value());
  EXPECT_GT(p.paths, 0u);
  EXPECT_LT(p.paths, options_.paths);
  options_.progress = {};
  options_.paths = p.paths;
  const Result whole = on_processor();
  expect_same_bits(p.log_density, whole.points.at(0).log_density, "log density");
  expect_same_bits(p.std_error, whole.points.at(0).std_error, "standard error");
}

/// A target grows the job round by round.
TEST_P(GpuLaunches, AJobWithATargetHasTheBitsOfTheProcessor) {
  options_.target_se = 0.02;
  options_.paths = std::uint64_t{1} << 20;
  expect_same_result(on(open_cuda_devices()), on_processor(), "with a target");
}

TEST_F(GpuTest, DevicesSayWhatTheyAre) {
  const std::vector<CudaDevice> devices = cuda_devices();
  ASSERT_FALSE(devices.empty());
  for (const CudaDevice& d : devices) {
    EXPECT_FALSE(d.name.empty());
    EXPECT_GT(d.memory, std::size_t{1} << 30);
    EXPECT_GT(d.multiprocessors, 0);
    EXPECT_GT(d.clock_mhz, 100);
    EXPECT_LT(d.clock_mhz, 10000);
    EXPECT_GE(std::stod(d.capability), 9.0) << d.capability;
  }
}

}  // namespace
}  // namespace scorepath::test
