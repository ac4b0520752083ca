// Whole jobs of backend cuda, on a device that interprets the library's own PTX: every number is the CPU engine's, bit
// for bit, for every estimator, schedule, grid, score and dimension.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "host/estimate_on.hpp"
#include "tests/ptx/ptx_job.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/small_jobs.hpp"

namespace scorepath::test {
namespace {

class CudaJobs : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!has_library_kernels()) GTEST_SKIP() << "nvcc is not installed";
  }
};

Continue stop_after_a_batch(const Progress& p) { return p.batches_done > 0 ? Continue::no : Continue::yes; }

/// Jobs small enough for the interpreter: a few hundred paths, tens of steps.
constexpr JobSize small_job{300, 12, 1};

TEST_F(CudaJobs, EveryEstimatorHasTheBitsOfTheProcessor) { expect_every_estimator_same_on(ptx_devices(1), small_job); }

/// Every score in dimensions of one thread (exact and padded) and of teams up to several warps.
class CudaScores : public CudaJobs, public ::testing::WithParamInterface<int> {};
INSTANTIATE_TEST_SUITE_P(Dimension, CudaScores,
                         ::testing::Values(1, 2, 3, 4, 5, 8, 9, 16, 32, 33, 70, 130, 1030, 2050));

TEST_P(CudaScores, HaveTheBitsOfTheProcessor) {
  const int dim = GetParam();
  const auto size = [&](Sampler, int components, std::uint64_t turn) -> std::optional<JobSize> {
    if (turn % 2 == 0 && dim > 16 && components > 8) return std::nullopt;  // many seconds each
    if (dim > 200 && components > 8) return std::nullopt;
    if (dim > 2000 && turn % 2 == 0) return std::nullopt;  // a minute as it is
    return JobSize{dim > 200 ? 3u : dim > 16 ? 20u : 140u, 5, 1};
  };
  expect_every_score_same_on(ptx_devices(1), dim, {1, 8, 70}, size);
}

/// A point so far out that samples are no numbers: an answer with a flag, as on the processor, not a faulty device.
TEST_F(CudaJobs, SamplesThatAreNoNumbersAreFlagged) {
  std::size_t flagged = 0;
  for (const Layout layout : every_layout) {
    for (const int dim : {2, 5, 40}) {
      for (const Sampler sampler : {Sampler::slices, Sampler::paths}) {
        const Problem problem{schedule_of(VpLinear{}), mixture(layout, dim, 3, 5)};
        Options o;
        o.sampler = sampler;
        o = sized(o, {64, 8, 1}, 1);
        Matrix far(1, static_cast<std::size_t>(dim));
        std::fill(far.values.begin(), far.values.end(), 1e18);
        const Result want = estimate_log_density(problem, far, o);
        o.backend = Backend::cuda;
        const CudaDevices devices = ptx_devices(1);
        const Result got = estimate_on(problem, far, o, &devices);
        expect_same_result(got, want, describe(o));
        const std::vector<std::string>& flags = want.points.front().flags;
        flagged += static_cast<std::size_t>(std::count(flags.begin(), flags.end(), "non-finite-path"));
      }
    }
  }
  EXPECT_GE(flagged, 1u) << "nothing that this test is about was met";
}

TEST_F(CudaJobs, ChecksOfQuadraturesHaveTheBitsOfTheProcessor) {
  PtxDeviceOptions plain;
  plain.races = false;
  expect_quadrature_checks_same_on(ptx_devices(1, plain), 400'000);
}

/// Whole jobs whose checks go to the device: more launches, the same numbers.
TEST_F(CudaJobs, JobsWhoseChecksGoToTheDeviceHaveTheBitsOfTheProcessor) {
  const Problem problem{schedule_of(VpLinear{}), mixture(Layout::isotropic, 3, 9, 5)};
  Options o;
  o.sampler = Sampler::paths;
  const Options job = sized(o, {300, 12, 1}, 3);
  PtxDeviceOptions checking;
  checking.worthwhile_evaluations = 0;
  const CudaDevices plain = ptx_devices(1), device = ptx_devices(2, checking);
  expect_same_on(plain, problem, job, "checks on the processor");
  expect_same_on(device, problem, job, "checks on a device");
  EXPECT_GT(static_cast<const PtxDevice&>(*device.front()).launches,
            static_cast<const PtxDevice&>(*plain.front()).launches);
}

/// As many threads on a path as there are: sixteen warps, whose sums are exchanged in four rounds.
TEST_F(CudaJobs, ATeamOfSixteenWarpsHasTheBitsOfTheProcessor) {
  Options o;
  o.sampler = Sampler::slices;
  expect_same_on(ptx_devices(1), {schedule_of(VpLinear{}), mixture(Layout::isotropic, 8200, 3, 1)},
                 sized(o, {4, 4, 1}, test_seed()), "d = 8200");
}

/// A target is met by way of pilots, whose draws have indices beyond 32 bits and are never the estimate's.
TEST_F(CudaJobs, AJobWithATargetHasTheBitsOfTheProcessor) {
  const Problem problem{schedule_of(VpLinear{}), mixture(Layout::isotropic, 2, 5, 3)};
  for (const Sampler sampler : {Sampler::slices, Sampler::paths}) {
    Options o;
    o.sampler = sampler;
    o.target_se = 0.05;
    Options job = sized(o, {3 * 4096, 4, 1}, 1);
    expect_same_on(ptx_devices(1), problem, job, name_of(sampler));
    // A pilot alone: what was done when the job is stopped while it is sized.
    job.progress = stop_after_a_batch;
    const Matrix points = draw_points(problem, 1, 1);
    const Result want = estimate_log_density(problem, points, job);
    job.backend = Backend::cuda;
    const CudaDevices devices = ptx_devices(1);
    const Result got = estimate_on(problem, points, job, &devices);
    EXPECT_TRUE(got.stopped);
    EXPECT_TRUE(got.points.front().log_density.has_value());
    expect_same_result(got, want, name_of(sampler) + ", its pilot");
  }
}

/// Levels of 32, 64 and 128 steps, each with its own launches on the device.
TEST_F(CudaJobs, AMultilevelJobHasTheBitsOfTheProcessor) {
  Options o;
  o.method = Method::pathwise;
  o.form = Form::multilevel;
  expect_same_on(ptx_devices(1), {schedule_of(VpLinear{}), mixture(Layout::isotropic, 2, 3, 3)},
                 sized(o, {384, 128, 1}, 1), "multilevel");
}

TEST_F(CudaJobs, StoppingBetweenLaunchesKeepsWhatWasDone) {
  const Problem problem{schedule_of(VpLinear{}), mixture(Layout::isotropic, 2, 5, 3)};
  const Matrix points = draw_points(problem, 1, 1);
  for (const Sampler sampler : {Sampler::slices, Sampler::paths}) {
    Options job;
    job.sampler = sampler;
    job.time_points = TimePoints::plain;  // what was done is then a job of that size
    job.paths = 8 * 4096;
    job.steps = 4;
    job.threads = 1;
    job.backend = Backend::cuda;
    job.progress = stop_after_a_batch;
    const CudaDevices devices = ptx_devices(1);
    const Result stopped = estimate_on(problem, points, job, &devices);
    EXPECT_TRUE(stopped.stopped);
    EXPECT_EQ(static_cast<const PtxDevice&>(*devices.front()).launches, 2u);  // samples, and their record
    const PointResult& p = stopped.points.front();
    EXPECT_TRUE(scorepath::testing::has_flag(p, "stopped"));
    EXPECT_EQ(p.paths, 4096u);
    ASSERT_TRUE(p.log_density.has_value());
    job.backend = Backend::cpu;
    job.progress = {};
    job.paths = p.paths;
    const PointResult whole = estimate_log_density(problem, points, job).points.front();
    expect_same_bits(p.log_density, whole.log_density, "log density");
    expect_same_bits(p.std_error, whole.std_error, "standard error");
  }
}

TEST_F(CudaJobs, LaunchesOfAShapeThatRecursAreReplayed) {
  constexpr std::size_t batch_bytes = 2048 * sizeof(float);  // pairs
  for (const Sampler sampler : {Sampler::slices, Sampler::paths}) {
    const CudaDevices devices = ptx_devices(1);
    expect_recurring_launches_same_on(devices, sampler);
    const auto& used = static_cast<const PtxDevice&>(*devices.front());
    EXPECT_EQ(used.replays, replays_expected);
    // Values of a batch, but not of two: after the try for four a launch has the shape of the one before, and other
    // buffers.
    PtxDeviceOptions little;
    little.memory = used.most_allocated - 4 * batch_bytes + 3 * batch_bytes / 2;
    const CudaDevices short_of = ptx_devices(1, little);
    expect_recurring_launches_same_on(short_of, sampler);
    EXPECT_GT(static_cast<const PtxDevice&>(*short_of.front()).launches, used.launches);
  }
}

/// Blocks of fewer threads than the library's 128, whose paths are threads or teams, with panels that blocks share (in
/// three dimensions those of more than 16 components).
TEST_F(CudaJobs, NoBitDependsOnTheThreadsOfABlock) {
  for (const int dim : {3, 40, 1000}) {
    const Problem problem{schedule_of(VpLinear{}), mixture(Layout::shared, dim, dim > 100 ? 12 : 20, 5)};
    for (const Sampler sampler : {Sampler::slices, Sampler::paths}) {
      Options o;
      o.sampler = sampler;
      const Options job = sized(o, {dim > 100 ? 12u : 300u, 4, 1}, test_seed());
      for (const std::uint32_t threads : {32u, 64u, 128u}) {
        PtxDeviceOptions options;
        options.block_threads = threads;
        expect_same_on(ptx_devices(1, options), problem, job,
                       name_of(sampler) + ", d = " + std::to_string(dim) + ", blocks of " + std::to_string(threads));
      }
    }
  }
}

/// What runs on two devices, in little memory, or in few blocks.
TEST_F(CudaJobs, NoBitDependsOnDevicesMemoryOrBlocks) {
  const Problem problem{schedule_of(VpLinear{}), mixture(Layout::diagonal, 3, 9, 5)};
  const Matrix points = draw_points(problem, 3, test_seed());
  for (const Sampler sampler : {Sampler::slices, Sampler::paths}) {
    Options o;
    o.sampler = sampler;
    Options job = sized(o, {3 * 4096 + 100, 4, 1}, 1);
    job.keep_samples = false;
    const Result want = estimate_log_density(problem, points, job);
    job.backend = Backend::cuda;
    PtxDeviceOptions plain, little, narrow, few;
    plain.races = little.races = narrow.races = few.races = false;
    narrow.resident_blocks = narrow.blocks = 1;
    plain.resident_blocks = little.resident_blocks = 128;  // launches of eight batches, however slow this machine is
    few.resident_blocks = few.blocks = 5;
    const CudaDevices one = ptx_devices(1, plain), two = ptx_devices(2, plain), single = ptx_devices(1, narrow),
                      some = ptx_devices(1, few);
    expect_same_result(estimate_on(problem, points, job, &one), want, "one device");
    expect_same_result(estimate_on(problem, points, job, &two), want, "two devices");
    expect_same_result(estimate_on(problem, points, job, &single), want, "one block");
    expect_same_result(estimate_on(problem, points, job, &some), want, "five blocks");
    const auto& used = static_cast<const PtxDevice&>(*one.front());
    little.memory = used.most_allocated / 2;
    const CudaDevices short_of = ptx_devices(1, little);
    expect_same_result(estimate_on(problem, points, job, &short_of), want, "half the memory");
    // Slices, most of whose memory is levels, are worked on fewer at a time instead.
    if (sampler == Sampler::paths) {
      EXPECT_GT(static_cast<const PtxDevice&>(*short_of.front()).launches, used.launches);
    }
    little.memory = 1000;
    const CudaDevices hopeless = ptx_devices(1, little);
    scorepath::testing::expect_error(ErrorKind::resource, {"memory ran out"},
                                     [&] { estimate_on(problem, points, job, &hopeless); });
  }
}

}  // namespace
}  // namespace scorepath::test
