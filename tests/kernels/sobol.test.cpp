// Sobol' points: their digits, their stratification in every dimension, and what scrambling keeps.
#include "kernels/random/sobol.hpp"

#include <gtest/gtest.h>

#include <scorepath/error.hpp>

#include <string>
#include <thread>
#include <vector>

#include "host/sobol_tables.hpp"
#include "tests/support/philox_reference.hpp"
#include "tests/support/seed.hpp"

namespace scorepath::test {
namespace {

constexpr int bits = 12;
constexpr std::uint32_t points = 1u << bits;
constexpr std::size_t stride = kernels::sobol_directions_per_dimension;

struct Scramble {
  std::uint32_t offset, multiplier;
};
Scramble scramble_of(std::size_t dimension, std::uint64_t seed) {
  const Counter w = philox_reference({static_cast<std::uint32_t>(dimension), 0, 0, 0}, seed);
  return {w[0], w[1]};
}

/// The first 4096 words of a dimension, plain or scrambled.
std::vector<std::uint32_t> plain(const std::uint32_t* directions) {
  std::vector<std::uint32_t> words(points);
  for (std::uint32_t k = 0; k < points; ++k) words[k] = kernels::sobol_word<float>(directions, k, bits);
  return words;
}
std::vector<std::uint32_t> scrambled(const std::uint32_t* directions, Scramble s) {
  std::vector<std::uint32_t> words(points);
  for (std::uint32_t k = 0; k < points; ++k) {
    words[k] = kernels::scrambled_sobol_word<float>(directions, k, bits, s.offset, s.multiplier);
  }
  return words;
}

/// Whether each of the 4096 dyadic intervals of size 2^-12 holds one of the 4096 words.
bool stratified(const std::vector<std::uint32_t>& words) {
  std::vector<bool> taken(points);
  for (const std::uint32_t w : words) {
    if (taken[w >> (32 - bits)]) return false;
    taken[w >> (32 - bits)] = true;
  }
  return true;
}

/// Whether all boxes 2^-a x 2^-(12-a) hold one of the 4096 points each: a (0, 12, 2)-net.
bool is_net(const std::vector<std::uint32_t>& x, const std::vector<std::uint32_t>& y) {
  for (int a = 0; a <= bits; ++a) {
    std::vector<bool> taken(points);
    for (std::uint32_t k = 0; k < points; ++k) {
      const std::uint64_t column = std::uint64_t{x[k]} >> (32 - a);
      const std::uint64_t row = std::uint64_t{y[k]} >> (32 - (bits - a));
      const auto box = static_cast<std::size_t>(column << (bits - a) | row);
      if (taken[box]) return false;
      taken[box] = true;
    }
  }
  return true;
}

TEST(Sobol, ReverseBitsReverses) {
  for (int i = 0; i < 32; ++i) EXPECT_EQ(kernels::reverse_bits(1u << i), 0x80000000u >> i);
  EXPECT_EQ(kernels::reverse_bits(0x12345678u), 0x1e6a2c48u);
}

// Points 0 to 7 in eighths, worked out by hand from Joe and Kuo's first polynomials and numbers: dimension 1 is the
// radical inverse, 2 has z + 1 and m = 1, 3 has z^2 + z + 1 and m = 1, 3.
TEST(Sobol, FirstPointsOfThreeDimensions) {
  const std::uint32_t eighths[3][8] = {{0, 4, 2, 6, 1, 5, 3, 7}, {0, 4, 6, 2, 5, 1, 3, 7}, {0, 4, 6, 2, 3, 7, 5, 1}};
  const std::uint32_t* directions = sobol_directions(3);
  for (std::size_t j = 0; j < 3; ++j) {
    for (std::uint32_t k = 0; k < 8; ++k) {
      EXPECT_EQ(kernels::sobol_word<float>(directions + stride * j, k, 3), eighths[j][k] << 29) << j << ' ' << k;
      EXPECT_EQ(kernels::sobol_word<double>(directions + stride * j, k, bits), eighths[j][k] << 29) << j << ' ' << k;
    }
  }
}

TEST(Sobol, EveryDimensionIsStratified) {
  const std::uint32_t* directions = sobol_directions(sobol_max_dimension);
  ASSERT_GE(sobol_max_dimension, 1100u);
  for (std::size_t j = 0; j < sobol_max_dimension; ++j) {
    EXPECT_TRUE(stratified(plain(directions + stride * j))) << "dimension " << j;
    EXPECT_TRUE(stratified(scrambled(directions + stride * j, scramble_of(j, test_seed())))) << "dimension " << j;
  }
}

TEST(Sobol, FirstTwoDimensionsAreANetBeforeAndAfterScrambling) {
  const std::uint32_t* directions = sobol_directions(2);
  EXPECT_TRUE(is_net(plain(directions), plain(directions + stride)));
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    EXPECT_TRUE(is_net(scrambled(directions, scramble_of(0, test_seed() + seed)),
                       scrambled(directions + stride, scramble_of(1, test_seed() + seed))));
  }
}

TEST(Sobol, PlantedFaultsWouldBeSeen) {
  const std::uint32_t* directions = sobol_directions(3);
  EXPECT_FALSE(stratified(plain(directions + 1)));  // table index off by one
  std::vector<std::uint32_t> wrong_bit(directions + stride, directions + 2 * stride);
  wrong_bit[5] ^= 1u << 5;
  EXPECT_FALSE(stratified(plain(wrong_bit.data())));
  EXPECT_FALSE(is_net(plain(directions), plain(directions)));  // the same dimension twice
  std::vector<std::uint32_t> not_nested = plain(directions);  // mixed in the wrong bit order: only a net's test sees it
  for (std::uint32_t& w : not_nested) w *= 0x9e3779b9u;
  EXPECT_FALSE(is_net(not_nested, plain(directions + stride)));
}

TEST(SobolScramble, KeepsEveryDyadicInterval) {
  for (std::uint32_t i = 0; i < 20000; ++i) {
    const Counter r = philox_reference({i, 0, 0, 0}, test_seed());
    const int kept = static_cast<int>(i % 32);
    const std::uint32_t low = (1u << kept) - 1u;
    const std::uint32_t other = (r[0] & low) | (~r[0] & (low + 1u)) | (r[3] & ~(low + low + 1u));
    const std::uint32_t a = kernels::owen_scramble_reversed(r[0], r[1], r[2]);
    const std::uint32_t b = kernels::owen_scramble_reversed(other, r[1], r[2]);
    // The same first `kept` digits, then different ones: so it is after scrambling.
    ASSERT_EQ((a ^ b) & low, 0u);
    ASSERT_EQ((a ^ b) >> kept & 1u, 1u);
  }
}

TEST(SobolScramble, EveryBitOfTheSeedMatters) {
  for (int bit = 0; bit < 32; ++bit) {
    const Counter r = philox_reference({static_cast<std::uint32_t>(bit), 0, 0, 0}, test_seed());
    const std::uint32_t base = kernels::owen_scramble_reversed(r[0], r[1], r[2]);
    EXPECT_NE(kernels::owen_scramble_reversed(r[0], r[1] ^ 1u << bit, r[2]), base);
    if (bit > 0) {  // the multiplier is made odd
      EXPECT_NE(kernels::owen_scramble_reversed(r[0] | 1u, r[1] & ~1u, r[2] ^ 1u << bit),
                kernels::owen_scramble_reversed(r[0] | 1u, r[1] & ~1u, r[2]));
    }
  }
}

TEST(SobolTables, TooManyDimensionsIsAUsageError) {
  try {
    sobol_directions(sobol_max_dimension + 1);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage);
    EXPECT_NE(std::string(error.what()).find("1112 dimensions"), std::string::npos) << error.what();
  }
}

TEST(SobolTables, ThreadsGetTheSameTable) {
  std::vector<const std::uint32_t*> tables(8);
  std::vector<std::thread> threads;
  for (auto& table : tables) threads.emplace_back([&table] { table = sobol_directions(1000); });
  for (std::thread& thread : threads) thread.join();
  for (const std::uint32_t* table : tables) EXPECT_EQ(table, tables[0]);
}

}  // namespace
}  // namespace scorepath::test
