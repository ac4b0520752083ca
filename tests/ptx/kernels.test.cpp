// What nvcc makes of the reproducible kernels, run here: the bits of the scalar lane, sample by sample.
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "tests/parity/jobs.hpp"
#include "tests/ptx/ptx.hpp"
#include "tests/support/seed.hpp"

namespace scorepath::test {
namespace {

using kernels::Points;
using kernels::VarianceLayout;

class CompiledKernels : public testing::Test {
 protected:
  void SetUp() override {
#if defined(SCOREPATH_PTX_KERNELS)
    module_ = ptx::parse_file(SCOREPATH_PTX_KERNELS);
#else
    GTEST_SKIP() << "nvcc is not installed";
#endif
  }

  static constexpr unsigned count = 200, block = 64;  // a last block that is not full

  /// The samples of a job, one per thread; `what` is paths or slices.
  template <class Job, class Score>
  std::vector<float> run(const std::string& what, const std::string& score_name, const Score& score, const Job& job,
                         const RandomJob& made, std::uint64_t first, const ptx::RunOptions& options = {}) {
    const long per_thread = kernels::workspace_size(score.dim(), score.level_size());
    std::vector<float> memory(static_cast<std::size_t>(per_thread) * count), values(count);
    ptx::Memory allowed;
    made.for_each_table([&](const void* table, std::size_t bytes) { allowed.allow_read(table, bytes); });
    allowed.allow_read(sobol_directions(3), 3 * kernels::sobol_directions_per_dimension * sizeof(std::uint32_t));
    allowed.allow_write(memory.data(), memory.size() * sizeof(float));
    allowed.allow_write(values.data(), values.size() * sizeof(float));
    const ptx::Launch launch{ptx::kernel_named(module_, {what, score_name}), (count + block - 1) / block, block, 0,
                             ptx::arguments(score, job, memory.data(), per_thread, first, count, values.data())};
    statistics_ = ptx::run(module_, launch, allowed, options);
    return values;
  }
  std::vector<float> paths(const RandomJob& made, std::uint64_t first, const ptx::RunOptions& options = {}) {
    const kernels::PathJob<float> job = made.paths();
    std::vector<float> values;
    const auto go = [&](const char* name, const auto& score) {
      values = run("paths", name, score, job, made, first, options);
    };
    const auto& t = job.score;
    if (t.kind == kernels::ScoreKind::mixture_shared) {
      go("MixtureShared", kernels::MixtureShared<float, 2>{t.dim, t.panels, t.variance, t.reference, t.means,
                                                           t.negative_norms, t.log2_weights, t.square_norms});
    } else {
      go("MixtureIsotropic",
         kernels::MixtureIsotropic<float, 0>{t.dim, t.panels, t.means, t.log2_weights, t.variances});
    }
    return values;
  }
  std::vector<float> slices(const RandomJob& made, std::uint64_t first) {
    const kernels::SliceJob<float> job = made.slices();
    const auto& t = job.score;
    if (t.kind == kernels::ScoreKind::mixture_shared) {
      return run("slices", "MixtureShared",
                 kernels::MixtureShared<float, 2>{t.dim, t.panels, t.variance, t.reference, t.means, t.negative_norms,
                                                  t.log2_weights, t.square_norms},
                 job, made, first);
    }
    return run("slices", "MixtureDiagonal",
               kernels::MixtureDiagonal<float, 0>{t.dim, t.panels, t.means, t.log2_weights, t.variances}, job, made,
               first);
  }

  static void expect_bits(const std::vector<float>& got, const std::vector<float>& want, const std::string& what) {
    ASSERT_EQ(got.size(), want.size());
    for (std::size_t i = 0; i < got.size(); ++i) {
      ASSERT_TRUE(std::isfinite(want[i])) << what << ", sample " << i;
      ASSERT_EQ(kernels::as_bits(got[i]), kernels::as_bits(want[i])) << what << ", sample " << i;
    }
  }

  /// The switches of a job from the bits of a number.
  static JobOptions options_of(VarianceLayout layout, int dim, unsigned bits) {
    JobOptions o;
    o.layout = layout;
    o.dim = dim;
    o.components = bits & 1 ? 5 : 70;
    o.reference = bits & 1;
    o.antithetic = bits & 2;
    o.cancellation = bits & 4;
    o.euler_maruyama = bits & 8;
    o.points = static_cast<Points>(bits % 3);
    o.log2_length = static_cast<int>(bits % 5);
    return o;
  }

  static constexpr std::uint64_t starts[] = {0, (std::uint64_t{5} << 32) + 4090};
  ptx::Module module_;
  ptx::Statistics statistics_;
};

TEST_F(CompiledKernels, PathsInRegistersHaveTheBitsOfTheScalarLane) {
  for (unsigned bits = 0; bits < 16; bits += 3) {
    const RandomJob made(options_of(VarianceLayout::shared, 2, bits), test_seed());
    for (const std::uint64_t first : starts) {
      expect_bits(paths(made, first), scalar_paths(made.paths(), first, count, Dimension::known),
                  "switches " + std::to_string(bits));
    }
  }
}

TEST_F(CompiledKernels, PathsInMemoryHaveTheBitsOfTheScalarLane) {
  for (const unsigned bits : {2u, 5u, 15u}) {
    const RandomJob made(options_of(VarianceLayout::isotropic, 3, bits), test_seed());
    expect_bits(paths(made, 7), scalar_paths(made.paths(), 7, count, Dimension::run_time),
                "switches " + std::to_string(bits));
  }
}

TEST_F(CompiledKernels, SlicesHaveTheBitsOfTheScalarLane) {
  for (unsigned bits = 0; bits < 16; ++bits) {
    const RandomJob in_registers(options_of(VarianceLayout::shared, 2, bits), test_seed());
    expect_bits(slices(in_registers, starts[bits % 2]),
                scalar_slices(in_registers.slices(), starts[bits % 2], count, Dimension::known),
                "shared, switches " + std::to_string(bits));
    const RandomJob in_memory(options_of(VarianceLayout::diagonal, 2, bits), test_seed());
    expect_bits(slices(in_memory, starts[bits % 2]),
                scalar_slices(in_memory.slices(), starts[bits % 2], count, Dimension::run_time),
                "diagonal, switches " + std::to_string(bits));
  }
}

/// How many lanes run together is no one's business but the clock's.
TEST_F(CompiledKernels, GroupsOfLanesChangeNothing) {
  const RandomJob made(options_of(VarianceLayout::shared, 2, 7), test_seed());
  const std::vector<float> want = paths(made, 0);
  const std::uint64_t lane_instructions = statistics_.lane_instructions;
  for (const unsigned together : {1u, 64u, 130u, 4096u}) {
    ptx::RunOptions options;
    options.lanes_at_once = together;
    options.races = together != 64;
    expect_bits(paths(made, 0, options), want, std::to_string(together) + " lanes together");
    EXPECT_EQ(statistics_.lane_instructions, lane_instructions);
  }
}

/// Another stream gives other samples: without it the parity above could compare constants.
TEST_F(CompiledKernels, AChangedJobIsSeen) {
  const JobOptions o = options_of(VarianceLayout::shared, 2, 7);
  const RandomJob one(o, test_seed()), other(o, test_seed() + 1);
  const std::vector<float> values = paths(one, 0);
  EXPECT_NE(values[0], values[1]);
  EXPECT_NE(values, paths(other, 0));
  EXPECT_EQ(paths(one, 5)[0], values[5]);
}

/// Threads that share one workspace race for it.
TEST_F(CompiledKernels, ASharedWorkspaceIsARace) {
  const RandomJob made(options_of(VarianceLayout::isotropic, 3, 7), test_seed());
  const kernels::PathJob<float> job = made.paths();
  const auto& t = job.score;
  const kernels::MixtureIsotropic<float, 0> score{t.dim, t.panels, t.means, t.log2_weights, t.variances};
  std::vector<float> memory(static_cast<std::size_t>(kernels::workspace_size(t.dim, 0))), values(2);
  ptx::Memory allowed;
  made.for_each_table([&](const void* table, std::size_t bytes) { allowed.allow_read(table, bytes); });
  allowed.allow_write(memory.data(), memory.size() * sizeof(float));
  allowed.allow_write(values.data(), values.size() * sizeof(float));
  const ptx::Launch launch{ptx::kernel_named(module_, {"paths", "MixtureIsotropic"}), 1, 2, 0,
                           ptx::arguments(score, job, memory.data(), 0L, std::uint64_t{0}, 2u, values.data())};
  try {
    ptx::run(module_, launch, allowed);
    ADD_FAILURE() << "no race was seen";
  } catch (const ptx::Error& e) {
    EXPECT_NE(std::string(e.what()).find("race for global memory"), std::string::npos) << e.what();
  }
}

TEST_F(CompiledKernels, SumsOfBlocks) {
  std::vector<float> values(300);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i) + 0.25f;
  for (const unsigned threads : {32u, 64u, 256u}) {
    const unsigned grid = (300 + threads - 1) / threads;
    std::vector<double> sums(grid);
    ptx::Memory allowed;
    allowed.allow_read(values.data(), values.size() * sizeof(float));
    allowed.allow_write(sums.data(), sums.size() * sizeof(double));
    ptx::run(module_,
             {ptx::kernel_named(module_, {"block_sums"}), grid, threads, threads * sizeof(double),
              ptx::arguments(values.data(), 300u, sums.data())},
             allowed);
    for (unsigned b = 0; b < grid; ++b) {
      double want = 0;
      for (unsigned i = b * threads; i < std::min(300u, (b + 1) * threads); ++i) want += 2 * (i + 0.25);
      EXPECT_EQ(sums[b], want) << threads << " threads, block " << b;
    }
  }
}

TEST_F(CompiledKernels, Sundries) {
  constexpr unsigned n = 40;
  const float weights[] = {1.0f, -2.5f, 0.25f, 3.0f, 1e-3f};
  const int powers[] = {1, -10, 100, -1000};
  std::vector<std::int8_t> bytes(n);
  std::vector<std::uint64_t> wide(n), integers(n);
  std::vector<double> results(n);
  std::mt19937_64 words(test_seed());
  for (unsigned i = 0; i < n; ++i) {
    bytes[i] = static_cast<std::int8_t>(words());
    wide[i] = words() >> i;
  }
  ptx::Memory allowed;
  allowed.allow_read(bytes.data(), n);
  allowed.allow_read(wide.data(), n * 8);
  allowed.allow_write(results.data(), n * 8);
  allowed.allow_write(integers.data(), n * 8);
  ptx::run(module_,
           {ptx::kernel_named(module_, {"sundries"}), 1, n, 0,
            ptx::arguments(bytes.data(), wide.data(), results.data(), integers.data())},
           allowed);
  for (unsigned i = 0; i < n; ++i) {
    float recent[8];
    for (unsigned k = 0; k < 8; ++k) {
      recent[(k * 3 + i) % 8] = weights[k % 5] * static_cast<float>(static_cast<int>(k) + bytes[i]);
    }
    const std::uint64_t m = wide[i], other = m ^ 0x9e3779b97f4a7c15u;
    const double x = static_cast<double>(m) / (1.0 + static_cast<double>(bytes[i]) * bytes[i]);
    EXPECT_EQ(results[i], std::sqrt(x) + static_cast<double>(recent[i % 8]) + powers[i & 3]) << i;
    std::uint32_t reversed = 0;
    for (int k = 0; k < 32; ++k) reversed |= static_cast<std::uint32_t>(m >> k & 1) << (31 - k);
    __extension__ using Wide = unsigned __int128;
    const auto high = static_cast<std::uint64_t>(static_cast<Wide>(m) * other >> 64);
    EXPECT_EQ(integers[i], high + m / (i + 3) % 1000003 + static_cast<unsigned>(std::popcount(m)) +
                               static_cast<unsigned>(std::countl_zero(m)) + (reversed >> 3) +
                               static_cast<std::uint64_t>(static_cast<std::int64_t>(x)))
        << i;
  }
}

}  // namespace
}  // namespace scorepath::test
