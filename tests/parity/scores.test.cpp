// Every score functor: the bits of every pack are those of the scalar float lane, whether the dimension is known at
// compile time or not, at shared and at per-lane noise levels.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "kernels/score/point_tables.hpp"
#include "tests/parity/instruction_sets.hpp"
#include "tests/parity/random_axes.hpp"
#include "tests/support/seed.hpp"

namespace scorepath::test {
namespace {

using kernels::VarianceLayout;

/// A random mixture as seen from a point near its first mean, and the row of one noise level.
struct RandomScore {
  std::vector<double> log_weights, means, variances, point;
  RandomAxes axes;
  std::vector<float> memory, row;
  kernels::ScoreTables<float> tables;
  float r;

  RandomScore(VarianceLayout layout, int dim, int components, std::mt19937_64& words) {
    std::uniform_real_distribution<double> uniform(0.0, 1.0);
    std::normal_distribution<double> normal;
    const auto d = static_cast<std::size_t>(dim), k = static_cast<std::size_t>(components);
    for (std::size_t i = 0; i < k; ++i) log_weights.push_back(-8.0 * uniform(words));
    for (std::size_t i = 0; i < k * d; ++i) means.push_back(2.0 * normal(words));
    const std::size_t sizes[] = {1, k, k * d, k};
    for (std::size_t i = 0; i < sizes[static_cast<int>(layout)]; ++i) variances.push_back(0.05 + uniform(words));
    for (std::size_t j = 0; j < d; ++j) point.push_back(means[j] + 0.3 * normal(words));
    r = static_cast<float>(uniform(words));
    axes = RandomAxes(layout, dim, components, words);
    const kernels::MixtureModel model{components,       dim,       layout,           log_weights.data(),   means.data(),
                                      variances.data(), axes.rank, axes.axes.data(), axes.variances.data()};
    memory.resize(static_cast<std::size_t>(kernels::table_size(model)));
    tables = kernels::make_score_tables(model, point.data(), memory.data());
    row.resize(static_cast<std::size_t>(kernels::level_size(tables)));
    instruction_sets[0].cpu_kernels().levels(tables, &r, 1, row.data());
  }
};

/// Score and divergence of 16 lanes [(dim + 1) x 16], taken in packs of `width` by `evaluate`.
template <class Evaluate>
std::vector<float> sixteen_lanes(const RandomScore& score, Dimension dimension, Level level,
                                 const std::vector<float>& delta, const std::vector<float>& r, int width,
                                 const Evaluate& evaluate) {
  const auto d = static_cast<std::size_t>(score.tables.dim), w = static_cast<std::size_t>(width);
  std::vector<float> all((d + 1) * widest_pack), mine(d * w), out(d * w), divergence(w);
  for (std::size_t first = 0; first < widest_pack; first += w) {
    for (std::size_t j = 0; j < d; ++j) {
      for (std::size_t lane = 0; lane < w; ++lane) mine[j * w + lane] = delta[j * widest_pack + first + lane];
    }
    evaluate({&score.tables, dimension, level, score.row.data(), r.data() + first, mine.data(), out.data(),
              divergence.data()});
    for (std::size_t lane = 0; lane < w; ++lane) {
      for (std::size_t j = 0; j < d; ++j) all[j * widest_pack + first + lane] = out[j * w + lane];
      all[d * widest_pack + first + lane] = divergence[lane];
    }
  }
  return all;
}

std::size_t different_bits(const std::vector<float>& a, const std::vector<float>& b) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < a.size(); ++i) count += kernels::as_bits(a[i]) != kernels::as_bits(b[i]);
  return count;
}

class Scores : public OnInstructionSet {
 protected:
  void expect_parity(VarianceLayout layout, int dim, int components, std::mt19937_64& words) {
    const RandomScore score(layout, dim, components, words);
    std::normal_distribution<float> normal;
    std::uniform_real_distribution<float> log_level(-7.0f, 15.0f);
    std::vector<float> delta(static_cast<std::size_t>(dim) * widest_pack), r(widest_pack);
    for (float& x : delta) x = normal(words);
    for (float& x : r) x = std::exp(log_level(words));
    std::vector<float> memory(static_cast<std::size_t>(call_size(score.tables)));
    const PackFunctions pack = GetParam().pack_functions();
    for (const Level level : {Level::shared, Level::shared_without_divergence, Level::per_lane}) {
      const auto scalar = [&](const ScoreCall& call) { call_score<float>(call, memory.data()); };
      const std::vector<float> want = sixteen_lanes(score, Dimension::known, level, delta, r, 1, scalar);
      const std::string what = "layout " + std::to_string(static_cast<int>(layout)) + ", dim " + std::to_string(dim) +
                               ", " + std::to_string(components) + " components, level " +
                               std::to_string(static_cast<int>(level));
      ASSERT_TRUE(std::all_of(want.begin(), want.end(), [](float x) { return std::isfinite(x); })) << what;
      EXPECT_EQ(different_bits(sixteen_lanes(score, Dimension::run_time, level, delta, r, 1, scalar), want), 0u)
          << what << ", scalar lane with the dimension from run time";
      for (const Dimension dimension : {Dimension::known, Dimension::run_time}) {
        const std::vector<float> got = sixteen_lanes(score, dimension, level, delta, r, pack.width, pack.score);
        EXPECT_EQ(different_bits(got, want), 0u) << what << ", dimension " << static_cast<int>(dimension);
      }
    }
  }
};
INSTANTIATE_TEST_SUITE_P(Isa, Scores, testing::ValuesIn(instruction_sets), name_of_isa);

TEST_P(Scores, OfEveryKindDimensionAndComponentCountHaveTheBitsOfTheScalarLane) {
  std::mt19937_64 words(test_seed());
  for (const VarianceLayout layout : every_variance_layout) {
    for (const int dim : {1, 2, 3, 4, 5, 8, 16, 17, 33, 64, 100}) {
      for (const int components : {1, 2, 7, 8, 9, 63, 64, 65, 130}) {
        if (dim > 17 && components == 130) continue;  // the tiles' edge at 65 says as much
        expect_parity(layout, dim, components, words);
      }
    }
  }
}

/// Weights that underflow are clamped alike on every lane: components a thousand standard deviations apart.
TEST_P(Scores, FarApartComponentsHaveTheBitsOfTheScalarLane) {
  const double log_weights[] = {-0.7, -0.7, -69.0};
  const double means[] = {0.0, 0.0, 1000.0, 0.0, 0.0, -1000.0};
  const double variances[] = {1.0, 0.5, 2.0};
  const double point[] = {0.5, -0.25};
  const kernels::MixtureModel model{3, 2, VarianceLayout::isotropic, log_weights, means, variances};
  std::vector<float> memory(static_cast<std::size_t>(kernels::table_size(model)));
  const kernels::ScoreTables<float> tables = kernels::make_score_tables(model, point, memory.data());
  const PackFunctions pack = GetParam().pack_functions();
  std::vector<float> scratch(static_cast<std::size_t>(call_size(tables)));
  for (const float scale : {0.0f, 1.0f, 300.0f, 500.0f, 1e4f}) {
    float delta[2 * widest_pack], r[widest_pack], got[2 * widest_pack], divergence[widest_pack];
    for (int lane = 0; lane < pack.width; ++lane) {
      delta[lane] = scale * (1.0f + 0.01f * static_cast<float>(lane));
      delta[pack.width + lane] = -scale;
      r[lane] = static_cast<float>(lane * lane);
    }
    pack.score({&tables, Dimension::known, Level::per_lane, nullptr, r, delta, got, divergence});
    for (int lane = 0; lane < pack.width; ++lane) {
      const float mine[2] = {delta[lane], delta[pack.width + lane]};
      float want[2], want_divergence;
      call_score<float>({&tables, Dimension::known, Level::per_lane, nullptr, r + lane, mine, want, &want_divergence},
                        scratch.data());
      EXPECT_EQ(kernels::as_bits(got[lane]), kernels::as_bits(want[0])) << scale << ", lane " << lane;
      EXPECT_EQ(kernels::as_bits(got[pack.width + lane]), kernels::as_bits(want[1])) << scale << ", lane " << lane;
      EXPECT_EQ(kernels::as_bits(divergence[lane]), kernels::as_bits(want_divergence)) << scale << ", lane " << lane;
    }
  }
}

}  // namespace
}  // namespace scorepath::test
