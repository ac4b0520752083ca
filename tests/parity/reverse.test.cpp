// Whole reverse paths: the bits of every instruction set are those of the scalar float lane, of every method, with a
// density and without.
#include "kernels/steered.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "host/reverse_plan.hpp"
#include "kernels/combinations.hpp"
#include "tests/parity/instruction_sets.hpp"
#include "tests/support/device_jobs.hpp"
#include "tests/support/reverse_jobs.hpp"
#include "tests/support/seed.hpp"

namespace scorepath::test {
namespace {

/// Numbers [of a path][count] of the paths first .. first + count - 1 on the scalar lane.
template <bool carries>
std::vector<float> scalar_paths(const kernels::SteeredJob<float>& job, std::uint64_t first, std::size_t count,
                                bool dimension_is_known) {
  const auto d = static_cast<std::size_t>(job.score.dim);
  std::vector<float> memory(static_cast<std::size_t>(kernels::workspace_size<float>(job.score.dim, 0)));
  const kernels::Workspace<float> work = kernels::make_workspace(memory.data(), job.score.dim);
  std::vector<float> numbers((d + (carries ? kernels::carried_values : 0)) * count);
  const auto run = [&](const auto& score) {
    for (std::size_t i = 0; i < count; ++i) {
      const kernels::Carried<float> carried =
          kernels::run_steered<carries>(score, job, first + i, work, [&](int j, float y) {
            numbers[(static_cast<std::size_t>(j) + (carries ? kernels::carried_values : 0)) * count + i] = y;
          });
      if (!carries) continue;
      numbers[i] = carried.value;
      numbers[count + i] = carried.sum;
      numbers[2 * count + i] = carried.square;
    }
  };
  if (dimension_is_known) {
    kernels::visit_score(job.score, run);
  } else {
    kernels::visit_score_of_dimension<0>(job.score, run);
  }
  return numbers;
}
std::vector<float> scalar_paths(const ReversePlan& plan, std::uint64_t first, std::size_t count, bool known) {
  return plan.carries() ? scalar_paths<true>(plan.job(), first, count, known)
                        : scalar_paths<false>(plan.job(), first, count, known);
}

class ReversePaths : public OnInstructionSet {
 protected:
  static void expect_scalar_bits(const Problem& problem, const SampleOptions& options, const std::string& what) {
    const Model model(problem);
    const kernels::CpuKernels cpu = GetParam().cpu_kernels();
    const SampleOptions resolved = resolve(model, 1000, options);
    const ReversePlan plan(model, resolved, cpu);
    for (const std::uint64_t first : {std::uint64_t{0}, (std::uint64_t{5} << 32) + 4096}) {
      constexpr std::size_t most = 21, stride = 32;
      const std::vector<float> want = scalar_paths(plan, first, most, true);
      ASSERT_EQ(scalar_paths(plan, first, most, false), want) << what;
      for (const std::size_t count : {std::size_t{1}, most}) {
        std::vector<float> got(plan.numbers() * stride);
        cpu.steered(plan.job(), first, static_cast<int>(count), got.data(), stride);
        for (std::size_t number = 0; number < plan.numbers(); ++number) {
          for (std::size_t i = 0; i < count; ++i) {
            ASSERT_TRUE(std::isfinite(want[number * most + i])) << what;
            ASSERT_EQ(kernels::as_bits(got[number * stride + i]), kernels::as_bits(want[number * most + i]))
                << what << ", number " << number << " of path " << i;
          }
        }
      }
    }
  }
};
INSTANTIATE_TEST_SUITE_P(Isa, ReversePaths, testing::ValuesIn(instruction_sets), name_of_isa);

TEST_P(ReversePaths, OfEveryMethodHaveTheBitsOfTheScalarLane) {
  for (const SampleOptions& o : every_reverse_job(9, test_seed()))
    expect_scalar_bits({schedule_of(VpLinear{}), mixture(Layout::isotropic, 2, 5, 3)}, o, sampling_text(o));
}

TEST_P(ReversePaths, OfEveryScoreHaveTheBitsOfTheScalarLane) {
  const std::vector<SampleOptions> jobs = every_reverse_job(6, test_seed());
  std::size_t turn = 0;
  for (const Layout layout : every_layout) {
    for (const int dim : {1, 2, 3, 4, 7, 8, 16, 17, 33, 70}) {
      for (const int components : {1, 7, 65}) {
        const SampleOptions& o = jobs[turn++ % jobs.size()];
        expect_scalar_bits({every_schedule()[turn % 8], mixture(layout, dim, components, 5)}, o,
                           sampling_text(o) + ", d = " + std::to_string(dim));
      }
    }
  }
}

/// Without this the parity above could compare constants.
TEST(ReversePathsThemselves, DifferBetweenPathsAndSeeds) {
  const Problem problem{schedule_of(VpLinear{}), mixture(Layout::shared, 3, 4, 1)};
  const Model model(problem);
  SampleOptions one, other;
  one.steps = other.steps = 8;
  one.log_density = other.log_density = true;
  other.seed = 1;
  const SampleOptions a = resolve(model, 10, one), b = resolve(model, 10, other);
  const ReversePlan first(model, a, kernels::baseline::cpu_kernels()),
      second(model, b, kernels::baseline::cpu_kernels());
  const std::vector<float> numbers = scalar_paths(first, 0, 4, true);
  for (std::size_t number = 0; number < first.numbers(); ++number)
    EXPECT_NE(numbers[4 * number], numbers[4 * number + 1]);
  EXPECT_NE(numbers, scalar_paths(second, 0, 4, true));
}

}  // namespace
}  // namespace scorepath::test
