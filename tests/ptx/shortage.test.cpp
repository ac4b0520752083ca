// Devices that lack memory or fail, interpreted: launches, groups of points and checks become smaller or the
// processor's with every bit the same; where that does not help, what is finished is kept and the rest is told.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <scorepath/files.hpp>

#include "host/cli/exit_code.hpp"
#include "host/estimate_on.hpp"
#include "tests/ptx/ptx_job.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/small_jobs.hpp"

namespace scorepath::test {
namespace {

using scorepath::testing::expect_error;
using scorepath::testing::has_flag;

/// Launches of all batches of a group, however slow this machine is: what is allocated is always the same.
PtxDeviceOptions without_races() {
  PtxDeviceOptions options;
  options.races = false;
  options.resident_blocks = 128;
  return options;
}

const PtxDevice& first_of(const CudaDevices& devices) { return static_cast<const PtxDevice&>(*devices.front()); }

/// Paths of points in groups of eight.
class CudaShortage : public ::testing::Test {
 protected:
  static constexpr std::size_t together = 8;

  void SetUp() override {
    if (!has_library_kernels()) GTEST_SKIP() << "nvcc is not installed";
    options_.sampler = Sampler::paths;
    options_.steps = 4;
    options_.paths = 64;
    options_.threads = 1;
  }
  Matrix points(std::size_t count) const { return draw_points(problem_, count, 1); }
  Result on_processor(std::size_t count) const {
    Options o = options_;
    o.backend = Backend::cpu;
    return estimate_log_density(problem_, points(count), o);
  }
  Result on(const CudaDevices& devices, std::size_t count) const {
    Options o = options_;
    o.backend = Backend::cuda;
    return estimate_on(problem_, points(count), o, &devices);
  }
  /// The first group as on the processor, the others' points stopped.
  void expect_first_group_kept(const Result& got, std::size_t count) const {
    ASSERT_EQ(got.points.size(), count);
    Result first = got;
    first.points.resize(together);
    expect_same_result(first, on_processor(together), "the first group");
    for (std::size_t p = together; p < count; ++p) {
      EXPECT_EQ(got.points[p].index, p);
      EXPECT_FALSE(got.points[p].log_density.has_value());
      EXPECT_TRUE(has_flag(got.points[p], "stopped"));
    }
    EXPECT_EQ(cli::exit_code_of(got), cli::ExitCode::resource);
    ASSERT_EQ(got.warnings.size(), 1u);
    EXPECT_NE(got.warnings[0].find("after 8 of 20 points"), std::string::npos) << got.warnings[0];
  }

  Problem problem_{schedule_of(VpLinear{}), mixture(Layout::isotropic, 3, 9, 5)};
  Options options_;
};

TEST_F(CudaShortage, ChecksThatADeviceHasNoMemoryForAreTheProcessors) {
  options_.paths = 4096;
  const Result want = on_processor(together);
  PtxDeviceOptions checking = without_races();
  const CudaDevices plain = ptx_devices(1, checking);
  expect_same_result(on(plain, together), want, "checks on the processor");
  checking.worthwhile_evaluations = 0;
  const CudaDevices ample = ptx_devices(1, checking);
  expect_same_result(on(ample, together), want, "checks on the device");
  ASSERT_GT(first_of(ample).launches, first_of(plain).launches);
  ASSERT_GT(first_of(ample).most_allocated, first_of(plain).most_allocated);
  // Launches of rays have places for rays, not for a batch of paths in each of some thirty pieces.
  EXPECT_LT(first_of(ample).most_allocated, std::size_t{1} << 20);
  bool any_on_device = false, any_on_processor = false;
  for (std::size_t times = 1; times <= 256; times *= 4) {
    PtxDeviceOptions little = checking;
    little.memory = first_of(plain).most_allocated * times;
    const CudaDevices devices = ptx_devices(1, little);
    expect_same_result(on(devices, together), want, "memory x " + std::to_string(times));
    (first_of(devices).launches > first_of(plain).launches ? any_on_device : any_on_processor) = true;
    EXPECT_EQ(first_of(devices).still_allocated(), 0u);
  }
  EXPECT_TRUE(any_on_device && any_on_processor) << "the memory tried is all too little, or all enough";
  // Memory that runs out all the same, after the job itself: of the host for copies, of the device.
  PtxDeviceOptions no_host = checking, refusing = checking;
  no_host.host_memory = first_of(plain).most_allocated_host;
  refusing.allocations = first_of(plain).allocations + 7;
  for (const PtxDeviceOptions& options : {no_host, refusing}) {
    const CudaDevices devices = ptx_devices(1, options);
    expect_same_result(on(devices, together), want, "no memory for checks");
    EXPECT_GT(first_of(devices).allocations, first_of(plain).allocations) << "checks were never begun";
    EXPECT_EQ(first_of(devices).still_allocated(), 0u);
  }
}

TEST_F(CudaShortage, GroupsOfPointsThatDoNotFitBecomeSmaller) {
  problem_.score = mixture(Layout::diagonal, 8, 70, 5);
  options_.steps = 30;
  options_.paths = 16;
  const CudaDevices one = ptx_devices(1, without_races());
  on(one, 1);
  PtxDeviceOptions little = without_races();
  little.memory = 3 * first_of(one).most_allocated;
  std::vector<Progress> seen;
  options_.progress = [&](const Progress& p) {
    seen.push_back(p);
    return Continue::yes;
  };
  const CudaDevices short_of = ptx_devices(1, little);
  const Result got = on(short_of, together);
  const std::vector<Progress> of_device = seen;
  expect_same_result(got, on_processor(together), "memory for less than half of the points");
  EXPECT_TRUE(got.warnings.empty() && !got.out_of_memory && !got.device_failed);
  EXPECT_EQ(first_of(short_of).still_allocated(), 0u);
  ASSERT_FALSE(of_device.empty());
  for (std::size_t i = 1; i < of_device.size(); ++i)
    EXPECT_GE(of_device[i].batches_done, of_device[i - 1].batches_done);
  EXPECT_EQ(of_device.back().batches_done, together);
  EXPECT_EQ(of_device.back().batches_total, together);
}

TEST_F(CudaShortage, APointThatDoesNotFitIsAnErrorThatNamesTheMemory) {
  PtxDeviceOptions no_device = without_races(), no_host = without_races();
  no_device.memory = no_host.host_memory = 1000;
  for (const auto& [options, memory] : {std::pair{no_device, "its memory"}, {no_host, "page-locked memory"}}) {
    const CudaDevices devices = ptx_devices(1, options);
    expect_error(ErrorKind::resource, {"memory ran out on the CUDA device after 0 of 20", memory, "fewer steps"}, [&] {
      try {
        on(devices, 20);
      } catch (const OutOfMemory& error) {
        EXPECT_TRUE(error.on_device());
        throw;
      }
    });
    EXPECT_EQ(first_of(devices).still_allocated(), 0u);
  }
  // Tables fit, and so would batches, but not their values on the host.
  const CudaDevices plain = ptx_devices(1, without_races());
  on(plain, 1);
  no_host.host_memory = first_of(plain).most_allocated_host - 1;
  const CudaDevices devices = ptx_devices(1, no_host);
  expect_error(ErrorKind::resource, {"page-locked memory"}, [&] { on(devices, 1); });
}

TEST_F(CudaShortage, MemoryThatRunsOutLaterKeepsWhatIsFinished) {
  const CudaDevices plain = ptx_devices(1, without_races());
  on(plain, together);
  for (const std::size_t more : {0u, 3u}) {  // none for tables; some for a launch
    PtxDeviceOptions refusing = without_races();
    refusing.allocations = first_of(plain).allocations + more;
    const CudaDevices devices = ptx_devices(1, refusing);
    const Result got = on(devices, 20);
    EXPECT_TRUE(got.out_of_memory && !got.device_failed);
    expect_first_group_kept(got, 20);
    EXPECT_NE(got.warnings[0].find("fewer steps or components"), std::string::npos) << got.warnings[0];
    EXPECT_EQ(first_of(devices).still_allocated(), 0u);
  }
}

TEST_F(CudaShortage, ADeviceThatFailsLaterKeepsWhatIsFinished) {
  const CudaDevices plain = ptx_devices(1, without_races());
  on(plain, together);
  for (const std::size_t more : {0u, 1u, 2u, 3u}) {  // in the middle of the second group
    PtxDeviceOptions failing = without_races();
    failing.launches = first_of(plain).launches + more;
    const CudaDevices devices = ptx_devices(1, failing);
    const Result got = on(devices, 20);
    EXPECT_TRUE(got.device_failed && !got.out_of_memory && !got.stopped);
    expect_first_group_kept(got, 20);
    EXPECT_NE(got.warnings[0].find("planted by the test"), std::string::npos) << got.warnings[0];
    EXPECT_NE(to_json(got, "m", "p").find("\"device_failed\": true"), std::string::npos);
    EXPECT_EQ(first_of(devices).still_allocated(), 0u);
  }
  for (const std::size_t few : {0u, 1u, 2u}) {
    PtxDeviceOptions failing = without_races();
    failing.launches = few;
    const CudaDevices devices = ptx_devices(1, failing);
    expect_error(ErrorKind::resource, {"the CUDA device failed after 0 of 20", "planted"}, [&] { on(devices, 20); });
    EXPECT_EQ(first_of(devices).still_allocated(), 0u);
  }
}

/// A launch for four batches does not fit, and the next try has the size of the buffer that was given up for it.
TEST_F(CudaShortage, NewValuesAreClearedBeTheyAsLargeAsTheOldOnes) {
  std::size_t most = 0;
  for (const bool short_of : {false, true}) {
    PtxDeviceOptions options = without_races();
    if (short_of) options.memory = most + 4000;  // records and batches, but no values
    const CudaDevices devices = ptx_devices(1, options);
    const PreparedJob job(problem_, points(1), options_, devices);
    CudaGroup group(job.context, devices, job.plans);
    for (const std::size_t batches : {std::size_t{2}, std::size_t{short_of ? 4u : 2u}}) {
      std::vector<BatchTask> tasks;
      for (std::size_t b = 0; b < batches; ++b) tasks.push_back({0, b, 64});
      Pace pace;
      pace.learn(batches, 0.1);
      const auto take = [&](std::size_t i, const BatchRecord&, const float* values, std::size_t) {
        std::uint32_t word;  // beyond the batch's samples
        std::memcpy(&word, values + 1000, sizeof word);
        EXPECT_EQ(word, 0u) << "batch " << i << " of " << batches;
      };
      EXPECT_EQ(group.run(tasks, PointPlan::Draws::estimate, true, pace, take, [](std::size_t) { return true; }),
                batches);
    }
    most = first_of(devices).most_allocated;
    EXPECT_GT(first_of(devices).launches, short_of ? 4u : 3u);
  }
}

TEST_F(CudaShortage, LaunchesThatCannotBeRecordedAreMade) {
  for (const Sampler sampler : {Sampler::slices, Sampler::paths}) {
    PtxDeviceOptions forgetting = without_races();
    const CudaDevices plain = ptx_devices(1, forgetting);
    forgetting.records = false;
    const CudaDevices devices = ptx_devices(1, forgetting);
    expect_recurring_launches_same_on(plain, sampler);
    expect_recurring_launches_same_on(devices, sampler);
    EXPECT_EQ(first_of(devices).launches, first_of(plain).launches);
    EXPECT_EQ(first_of(devices).replays, 0u);
    EXPECT_EQ(first_of(devices).recordings, 1u) << "it was tried again";
  }
}

TEST_F(CudaShortage, ChecksOnADeviceStopBetweenTheirTables) {
  const CudaDevices devices = ptx_devices(1, without_races());
  const PreparedJob job(problem_, points(2), options_, devices);
  tbb::task_arena arena(1);
  for (const std::size_t stop : {std::size_t{1}, std::size_t{2}, std::size_t{20}}) {
    std::vector<QuadratureCheck> checks;
    for (const auto& plan : job.plans) checks.emplace_back(*plan, QuadratureCheck::Budget{0.0, 1000, 1000});
    ASSERT_GT(job.plans[0]->ray_pieces(checks[0].fine()), 20u);
    std::size_t asked = 0;
    EXPECT_FALSE(run_on_device(job.context, arena, job.plans, checks, [&] { return ++asked < stop; }));
    EXPECT_EQ(asked, stop);
    EXPECT_EQ(first_of(devices).launches, 0u);
    EXPECT_EQ(first_of(devices).still_allocated(), 0u);
  }
}

TEST_F(CudaShortage, ADeviceThatDoesNotSayWhatItIsIsAnErrorOfResources) {
  PtxDeviceOptions silent = without_races();
  silent.answers = false;
  const CudaDevices devices = ptx_devices(1, silent);
  expect_error(ErrorKind::resource, {"does not answer", "planted by the test"}, [&] { on(devices, 1); });
}

/// What a run and its --dry-run open.
TEST_F(CudaShortage, AutoTakesTheProcessorWhereADeviceDoesNotOpen) {
  PtxDeviceOptions silent = without_races();
  silent.answers = false;
  const auto closed = []() -> CudaDevices { throw Error(ErrorKind::resource, "shut (by the test) open it"); };
  const auto nameless = [&] { return ptx_devices(1, silent); };
  const auto open = [] { return ptx_devices(2); };
  Options o;
  EXPECT_EQ(open_backend(o, Backend::cpu, closed).backend, Backend::cpu);
  EXPECT_TRUE(open_backend(o, Backend::cpu, closed).warnings.empty());
  const Opened opened = open_backend(o, Backend::cuda, open);
  EXPECT_EQ(opened.backend, Backend::cuda);
  EXPECT_EQ(opened.devices.size(), 2u);
  EXPECT_EQ(opened.device, "2 x PTX interpreter");
  for (const std::function<CudaDevices()>& fails : {std::function<CudaDevices()>(closed), {nameless}}) {
    const Opened fallen = open_backend(o, Backend::cuda, fails);
    EXPECT_EQ(fallen.backend, Backend::cpu);
    EXPECT_TRUE(fallen.devices.empty());
    EXPECT_EQ(fallen.device, processor_name());
    ASSERT_EQ(fallen.warnings.size(), 1u);
    EXPECT_EQ(fallen.warnings[0].rfind("backend auto took the processor: ", 0), 0u) << fallen.warnings[0];
    Options asked = o;
    asked.backend = Backend::cuda;
    expect_error(ErrorKind::resource, {"by the test"}, [&] { open_backend(asked, Backend::cuda, fails); });
    Options fast = o;  // which the processor does not have
    fast.arithmetic = Arithmetic::fast;
    expect_error(ErrorKind::resource, {"by the test"}, [&] { open_backend(fast, Backend::cuda, fails); });
  }
}

}  // namespace
}  // namespace scorepath::test
