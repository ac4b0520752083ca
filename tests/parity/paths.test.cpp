// Whole paths and whole slices: the bits of every instruction set are those of the scalar float lane, for any count and
// any place in the stream of samples.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "tests/parity/instruction_sets.hpp"
#include "tests/parity/jobs.hpp"
#include "tests/support/seed.hpp"

namespace scorepath::test {
namespace {

using kernels::Points;
using kernels::VarianceLayout;

std::string describe(const JobOptions& o) {
  return "layout " + std::to_string(static_cast<int>(o.layout)) + ", dim " + std::to_string(o.dim) + ", components " +
         std::to_string(o.components) + ", reference " + std::to_string(o.reference) + ", antithetic " +
         std::to_string(o.antithetic) + ", cancellation " + std::to_string(o.cancellation) + ", euler-maruyama " +
         std::to_string(o.euler_maruyama) + ", points " + std::to_string(static_cast<int>(o.points)) + ", length 2^" +
         std::to_string(o.log2_length);
}

/// Every switch on and off, then scores and dimensions, with the switches cycling.
std::vector<JobOptions> all_options() {
  std::vector<JobOptions> list;
  for (int bits = 0; bits < 16; ++bits) {
    JobOptions o;
    o.reference = bits & 1;
    o.antithetic = bits & 2;
    o.cancellation = bits & 4;
    o.euler_maruyama = bits & 8;
    for (const Points points : {Points::stratified, Points::plain, Points::sobol}) {
      o.points = points;
      o.log2_length = bits & 8 ? 0 : 5;
      list.push_back(o);
    }
  }
  int turn = 0;
  for (const VarianceLayout layout : every_variance_layout) {
    for (const int dim : {1, 2, 3, 4, 5, 8, 16, 17, 33, 64, 100}) {
      for (const int components : {1, 7, 65}) {
        ++turn;
        list.push_back({layout, dim, components, turn % 2 == 0, turn % 3 != 0, turn % 5 != 0, turn % 4 == 0, 12,
                        static_cast<Points>(turn % 3), turn % 7});
      }
    }
  }
  return list;
}

class WholeSamples : public OnInstructionSet {
 protected:
  /// Where samples begin: at 0, inside a randomisation, and beyond 32 bits.
  static constexpr std::uint64_t starts[] = {0, 16, (std::uint64_t{5} << 32) + 4096};
  static constexpr int counts[] = {1, 5, 17, 32};

  /// job_of(random job), run by packs and on the scalar lane.
  template <class JobOf, class Packs>
  static void expect_scalar_bits(const JobOf& job_of, const Packs& packs) {
    for (const JobOptions& o : all_options()) {
      const RandomJob made(o, test_seed());
      const auto job = job_of(made);
      for (const std::uint64_t first : starts) {
        const std::vector<float> want = scalar_samples(job, first, counts[3], Dimension::known);
        ASSERT_TRUE(std::all_of(want.begin(), want.end(), [](float x) { return std::isfinite(x); })) << describe(o);
        ASSERT_EQ(scalar_samples(job, first, counts[3], Dimension::run_time), want) << describe(o);
        for (const int count : counts) {
          float values[32];
          packs(job, first, count, values);
          for (int i = 0; i < count; ++i) {
            const auto at = static_cast<std::size_t>(i);
            ASSERT_EQ(kernels::as_bits(values[i]), kernels::as_bits(want[at])) << describe(o) << ", sample " << i;
          }
        }
      }
    }
  }
};
INSTANTIATE_TEST_SUITE_P(Isa, WholeSamples, testing::ValuesIn(instruction_sets), name_of_isa);

TEST_P(WholeSamples, PathsHaveTheBitsOfTheScalarLane) {
  expect_scalar_bits([](const RandomJob& made) { return made.paths(); }, GetParam().cpu_kernels().paths);
}
TEST_P(WholeSamples, IncrementsHaveTheBitsOfTheScalarLane) {
  for (const bool divergence : {true, false}) {
    expect_scalar_bits([&](const RandomJob& made) { return made.increments(divergence); },
                       GetParam().cpu_kernels().increments);
  }
}
TEST_P(WholeSamples, RaysHaveTheBitsOfTheScalarLane) {
  expect_scalar_bits([](const RandomJob& made) { return made.rays(); }, GetParam().cpu_kernels().rays);
}

TEST_P(WholeSamples, WeightsHaveTheBitsOfTheScalarLane) {
  const auto weights = GetParam().cpu_kernels().weights;
  for (int chain = 0; chain < kernels::weight_chains; ++chain) {
    expect_scalar_bits(
        [&](const RandomJob& made) {
          return WeightsOfChain{made.weights(), chain};
        },
        [&](const WeightsOfChain& of, std::uint64_t first, int count, float* values) {
          float all[kernels::weight_chains * 32];
          weights(of.job, first, count, all, 32);
          std::copy_n(all + 32 * of.chain, count, values);
        });
  }
}

TEST_P(WholeSamples, SlicesHaveTheBitsOfTheScalarLane) {
  const kernels::CpuKernels cpu = GetParam().cpu_kernels();
  for (const JobOptions& o : all_options()) {
    const RandomJob made(o, test_seed());
    const kernels::SliceJob<float> job = made.slices();
    for (const std::uint64_t first : starts) {
      const std::vector<float> want = scalar_slices(job, first, counts[3], Dimension::known);
      ASSERT_TRUE(std::all_of(want.begin(), want.end(), [](float x) { return std::isfinite(x); })) << describe(o);
      ASSERT_EQ(scalar_slices(job, first, counts[3], Dimension::run_time), want) << describe(o);
      for (const int count : counts) {
        float values[32];
        cpu.slices(job, first, count, values);
        for (int i = 0; i < count; ++i) {
          const float expected = want[static_cast<std::size_t>(i)];
          ASSERT_EQ(kernels::as_bits(values[i]), kernels::as_bits(expected)) << describe(o) << ", sample " << i;
        }
      }
    }
  }
}

/// The double lane and the level tables are compiled once per instruction set too.
TEST_P(WholeSamples, LevelTablesAreTheSameOnEveryInstructionSet) {
  const kernels::CpuKernels cpu = GetParam().cpu_kernels();
  for (const VarianceLayout layout : every_variance_layout) {
    JobOptions o;
    o.layout = layout;
    o.dim = 7;
    const RandomJob made(o, test_seed());
    const kernels::ScoreTables<float> tables = made.paths().score;
    const std::vector<float> r = {0.0f, 1e-6f, 0.3f, 1e8f};
    const auto size = 4 * static_cast<std::size_t>(kernels::level_size(tables));
    std::vector<float> want(size), got(size);
    kernels::baseline::cpu_kernels().levels(tables, r.data(), 4, want.data());
    cpu.levels(tables, r.data(), 4, got.data());
    for (std::size_t i = 0; i < size; ++i) ASSERT_EQ(kernels::as_bits(got[i]), kernels::as_bits(want[i])) << i;
  }
}

/// A changed draw is seen: without it the parity above could compare constants.
TEST(WholeSamplesThemselves, DifferBetweenSamplesSeedsAndSwitches) {
  const RandomJob one(JobOptions{}, test_seed()), other(JobOptions{}, test_seed() + 1);
  JobOptions single;
  single.antithetic = false;
  const RandomJob unpaired(single, test_seed());
  const std::vector<float> values = scalar_samples(one.paths(), 0, 32, Dimension::known);
  EXPECT_NE(values[0], values[1]);
  EXPECT_NE(values, scalar_samples(other.paths(), 0, 32, Dimension::known));
  EXPECT_NE(values, scalar_samples(unpaired.paths(), 0, 32, Dimension::known));
  EXPECT_EQ(values[5], scalar_samples(one.paths(), 5, 1, Dimension::known)[0]);
}

}  // namespace
}  // namespace scorepath::test
