// Scrambled Sobol' points: uniform, independent between dimensions and randomisations, unbiased, with the variance of
// Owen's scrambling.
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "host/sobol_tables.hpp"
#include "kernels/random/noise.hpp"
#include "kernels/random/sobol.hpp"
#include "tests/support/seed.hpp"
#include "tests/support/statistics.hpp"

namespace scorepath::test {
namespace {

constexpr std::size_t stride = kernels::sobol_directions_per_dimension;

/// Offset and multiplier of a dimension in a randomisation, as the engine draws them: two of a block's four words.
struct Scramble {
  std::uint32_t offset, multiplier;
};
Scramble scramble_of(std::uint32_t randomisation, std::uint32_t dimension) {
  std::uint32_t words[1][4];
  const kernels::Stream stream = kernels::make_stream(test_seed(), 0, kernels::Purpose::scramble, false);
  kernels::random_words<float, 1>(stream, randomisation, dimension / 2, words);
  return {words[0][dimension % 2 * 2], words[0][dimension % 2 * 2 + 1]};
}

std::uint32_t point_word(std::uint32_t dimension, std::uint32_t index, Scramble s) {
  const std::uint32_t* directions = sobol_directions(sobol_max_dimension) + stride * dimension;
  return kernels::scrambled_sobol_word<float>(directions, index, 12, s.offset, s.multiplier);
}

double unit(std::uint32_t word) { return (word + 0.5) * 0x1p-32; }

TEST(RandomnessOfSobol, EveryPointIsUniformOverScrambles) {
  for (const std::uint32_t index : {0u, 1u, 2u, 77u, 4095u}) {
    for (const std::uint32_t dimension : {0u, 1u, 2u, 500u, 1110u}) {
      std::vector<std::uint64_t> high(256), low(256);
      for (std::uint32_t r = 0; r < 1u << 15; ++r) {
        const std::uint32_t w = point_word(dimension, index, scramble_of(r, dimension));
        ++high[w >> 24];
        ++low[w >> 8 & 0xffu];
      }
      EXPECT_LE(std::abs(z_of_uniform_counts(high)), z_bound) << "point " << index << ", dimension " << dimension;
      EXPECT_LE(std::abs(z_of_uniform_counts(low)), z_bound) << "point " << index << ", dimension " << dimension;
    }
  }
}

// Owen's law of pairs, which fixes mean and variance: two points agree in k digits, differ in the next, and are
// independent after it. Cells: the first three digits of one point, and the three after the parting of both.
TEST(RandomnessOfSobol, PairsOfPointsHaveOwensLaw) {
  for (int parting = 0; parting < 12; ++parting) {
    const std::uint32_t first = 0x5a3u, second = first ^ 1u << parting;  // dimension 0: digit k is bit k of the index
    std::vector<std::uint64_t> cells(512);
    for (std::uint32_t r = 0; r < 1u << 16; ++r) {
      const Scramble s = scramble_of(r, 0);
      const std::uint32_t a = point_word(0, first, s), b = point_word(0, second, s);
      ASSERT_EQ((a ^ b) >> (31 - parting), 1u);
      const auto after = [parting](std::uint32_t w) { return w >> (28 - parting) & 7u; };
      ++cells[a >> 29 << 6 | after(a) << 3 | after(b)];
    }
    if (parting >= 2) {
      EXPECT_LE(std::abs(z_of_uniform_counts(cells)), z_bound) << "parting at digit " << parting;
    } else {  // the leading digits overlap those after the parting: leave them out
      std::vector<std::uint64_t> fewer(64);
      for (std::size_t i = 0; i < 512; ++i) fewer[i % 64] += cells[i];
      EXPECT_LE(std::abs(z_of_uniform_counts(fewer)), z_bound) << "parting at digit " << parting;
    }
  }
}

TEST(RandomnessOfSobol, DimensionsAndRandomisationsAreScrambledIndependently) {
  const auto cells_of = [](auto partner) {
    std::vector<std::uint64_t> cells(1024);
    for (std::uint32_t r = 0; r < 1u << 16; ++r) {
      const std::uint32_t w = point_word(4, 9, scramble_of(r, 4));
      ++cells[w >> 27 << 5 | partner(r) >> 27];
    }
    return z_of_uniform_counts(cells);
  };
  EXPECT_LE(std::abs(cells_of([](std::uint32_t r) { return point_word(5, 9, scramble_of(r, 5)); })), z_bound);
  EXPECT_LE(std::abs(cells_of([](std::uint32_t r) { return point_word(6, 9, scramble_of(r, 6)); })), z_bound);
  EXPECT_LE(std::abs(cells_of([](std::uint32_t r) { return point_word(4, 9, scramble_of(r + (1u << 16), 4)); })),
            z_bound);
  // One scramble for two dimensions would be seen.
  EXPECT_GT(std::abs(cells_of([](std::uint32_t r) { return point_word(5, 9, scramble_of(r, 4)); })), z_bound);
}

/// A smooth integrand of mean 1 on the unit cube of four dimensions.
constexpr std::uint32_t dimensions = 4;
double integrand(const std::array<double, dimensions>& u) {
  double product = 1.0;
  for (std::uint32_t j = 0; j < dimensions; ++j) {
    const double a = 0.5 + 0.3 * j;
    product *= std::exp(a * u[j]) * a / std::expm1(a);
  }
  return product;
}

/// The average over the first `points` points in each of `randomisations`; words(r) gives word(dimension, point).
template <class Words>
Sample averages(std::uint32_t points, std::uint32_t randomisations, const Words& words) {
  std::vector<double> averages(randomisations);
  for (std::uint32_t r = 0; r < randomisations; ++r) {
    const auto word = words(r);
    for (std::uint32_t k = 0; k < points; ++k) {
      std::array<double, dimensions> u;
      for (std::uint32_t j = 0; j < dimensions; ++j) u[j] = unit(word(j, k));
      averages[r] += integrand(u) / points;
    }
  }
  return summarise(averages);
}

std::uint32_t plain_word(std::uint32_t dimension, std::uint32_t index) {
  return kernels::sobol_word<float>(sobol_directions(dimensions) + stride * dimension, index, 12);
}

Sample scrambled_averages(std::uint32_t points, std::uint32_t randomisations) {
  return averages(points, randomisations, [](std::uint32_t r) {
    std::array<Scramble, dimensions> scrambles;
    for (std::uint32_t j = 0; j < dimensions; ++j) scrambles[j] = scramble_of(r, j);
    return [scrambles](std::uint32_t j, std::uint32_t k) { return point_word(j, k, scrambles[j]); };
  });
}

// The z of a mean over many independent randomisations; its variance is their sample variance.
TEST(RandomnessOfSobol, AveragesAreUnbiased) {
  EXPECT_LE(std::abs(scrambled_averages(1, 20000).z(1.0)), z_bound);
  EXPECT_LE(std::abs(scrambled_averages(16, 4000).z(1.0)), z_bound);
  EXPECT_LE(std::abs(scrambled_averages(256, 1000).z(1.0)), z_bound);
  // Without scrambling the same points are biased: seen at once.
  const double plain = averages(16, 1, [](std::uint32_t) { return plain_word; }).mean;
  EXPECT_GT(std::abs(plain - 1.0) / std::sqrt(scrambled_averages(16, 200).variance), 3.0);
}

// Variance over randomisations against the number of points, on logarithmic scales: plain Monte Carlo has slope -1, any
// net -2 at most in the long run, Owen's scrambling of a smooth integrand -3 up to logarithms. The logarithm of a
// sample variance over R nearly normal averages has standard error sqrt(2 / (R - 1)); the factor 1.5 allows for heavier
// tails.
TEST(RandomnessOfSobol, VarianceFallsFasterThanTheSquareOfThePoints) {
  constexpr std::uint32_t randomisations = 200;
  std::vector<double> x, y, error;
  for (std::uint32_t points = 64; points <= 4096; points *= 2) {
    x.push_back(std::log(points));
    y.push_back(std::log(scrambled_averages(points, randomisations).variance));
    error.push_back(1.5 * std::sqrt(2.0 / (randomisations - 1)));
  }
  const Slope slope = weighted_slope(x, y, error);
  EXPECT_LT(slope.value + z_bound * slope.standard_error, -2.0);
  EXPECT_GT(slope.value - z_bound * slope.standard_error, -3.5);
  RecordProperty("slope", std::to_string(slope.value));
}

/// Owen's scrambling as it is defined: an independent bit for every node of the binary tree, here by a hash of the
/// node.
std::uint32_t owen_by_definition(std::uint32_t word, std::uint64_t tree) {
  std::uint32_t flips = 0;
  for (int digit = 0; digit < 32; ++digit) {
    const std::uint64_t node = (std::uint64_t{1} << digit) | (digit == 0 ? 0u : word >> (32 - digit));
    std::uint64_t h = (tree + node * 0x9e3779b97f4a7c15u) * 0xbf58476d1ce4e5b9u;
    h = (h ^ h >> 31) * 0x94d049bb133111ebu;
    flips |= static_cast<std::uint32_t>(h >> 63) << (31 - digit);
  }
  return word ^ flips;
}

TEST(RandomnessOfSobol, VarianceIsThatOfOwensScrambling) {
  constexpr std::uint32_t points = 64, randomisations = 2000;
  const std::uint64_t seed = test_seed();
  const auto tree = [seed](std::uint32_t r, std::uint32_t j) {
    return hash_of_name(std::to_string(seed) + ' ' + std::to_string(r) + ' ' + std::to_string(j));
  };
  const Sample owens = averages(points, randomisations, [&tree](std::uint32_t r) {
    return [&tree, r](std::uint32_t j, std::uint32_t k) { return owen_by_definition(plain_word(j, k), tree(r, j)); };
  });
  EXPECT_LE(std::abs(owens.z(1.0)), z_bound);
  const auto z_of_variance = [&owens](const Sample& other) {
    return std::log(other.variance / owens.variance) / (1.5 * std::sqrt(4.0 / randomisations));
  };
  EXPECT_LE(std::abs(z_of_variance(scrambled_averages(points, randomisations))), z_bound);
  // A digital shift keeps nets as well, but not the law of pairs.
  const Sample shifted = averages(points, randomisations, [](std::uint32_t r) {
    return [r](std::uint32_t j, std::uint32_t k) { return plain_word(j, k) ^ scramble_of(r, j).offset; };
  });
  EXPECT_GT(z_of_variance(shifted), z_bound);
}

}  // namespace
}  // namespace scorepath::test
