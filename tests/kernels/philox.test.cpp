// Philox as the kernels use it: blocks at once against blocks one by one, and the mixing of every input bit.
#include "kernels/random/philox.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <vector>

#include "tests/support/philox_reference.hpp"
#include "tests/support/seed.hpp"
#include "tests/support/statistics.hpp"

namespace scorepath::test {
namespace {

template <class F, int N>
void expect_blocks_of_reference(Counter c, std::uint64_t seed) {
  std::uint32_t words[N][4];
  kernels::philox<F, N>(kernels::philox_keys(seed), c[0], c[1], c[2], c[3], words);
  for (std::uint32_t i = 0; i < N; ++i) {
    const Counter expected = philox_reference({c[0], c[1], c[2] + i, c[3]}, seed);
    for (std::size_t j = 0; j < 4; ++j) ASSERT_EQ(words[i][j], expected[j]) << "block " << i << " of " << N;
  }
}

TEST(Philox, BlocksAtOnceEqualBlocksOneByOne) {
  for (std::uint32_t i = 0; i < 2000; ++i) {
    Counter c = philox_reference({i, 0, 0, 0}, test_seed());
    if (i % 4 == 0) c[2] = 0xfffffffeu;  // the block number wraps around within the group
    const std::uint64_t seed = test_seed() * i;
    expect_blocks_of_reference<float, 1>(c, seed);
    expect_blocks_of_reference<float, 2>(c, seed);
    expect_blocks_of_reference<float, 4>(c, seed);
    expect_blocks_of_reference<float, 7>(c, seed);
    expect_blocks_of_reference<double, 3>(c, seed);
  }
}

TEST(Philox, EveryInputBitFlipsEveryOutputBitHalfOfTheTime) {
  constexpr int inputs = 192, outputs = 128;  // 128 bits of counter, 64 of key
  constexpr std::uint32_t trials = 2048;
  std::vector<std::uint64_t> flips(inputs * outputs);
  for (std::uint32_t trial = 0; trial < trials; ++trial) {
    const Counter c = philox_reference({trial, 0, 0, 0}, test_seed());
    const std::uint64_t seed = test_seed() + trial;
    std::uint32_t words[1][4], changed[1][4];
    kernels::philox<float, 1>(kernels::philox_keys(seed), c[0], c[1], c[2], c[3], words);
    for (std::size_t in = 0; in < inputs; ++in) {
      Counter flipped = c;
      std::uint64_t key = seed;
      if (in < 128) {
        flipped[in / 32] ^= 1u << in % 32;
      } else {
        key ^= std::uint64_t{1} << (in - 128);
      }
      kernels::philox<float, 1>(kernels::philox_keys(key), flipped[0], flipped[1], flipped[2], flipped[3], changed);
      for (std::size_t out = 0; out < outputs; ++out) {
        flips[in * outputs + out] += (words[0][out / 32] ^ changed[0][out / 32]) >> out % 32 & 1u;
      }
    }
  }
  double chi_square = 0.0;
  for (const std::uint64_t count : flips) {
    const double z = z_of_count(static_cast<double>(count), trials, 0.5);
    chi_square += z * z;
  }
  EXPECT_LE(std::abs(z_of_chi_square(chi_square, inputs * outputs)), z_bound);
}

TEST(Philox, OutputBitsAreEvenAndBytesUniform) {
  constexpr std::uint32_t blocks = 1u << 18;
  const kernels::PhiloxKeys keys = kernels::philox_keys(test_seed());
  std::vector<std::uint64_t> ones(128), bytes(256);
  for (std::uint32_t b = 0; b < blocks; b += 4) {
    std::uint32_t words[4][4];
    kernels::philox<float, 4>(keys, 0, 0, b, 0, words);  // counters as a path's stream has them: one after the other
    for (std::size_t i = 0; i < 16; ++i) {
      const std::uint32_t w = words[i / 4][i % 4];
      for (std::size_t bit = 0; bit < 32; ++bit) ones[i % 4 * 32 + bit] += w >> bit & 1u;
      for (int byte = 0; byte < 4; ++byte) ++bytes[w >> 8 * byte & 0xffu];
    }
  }
  for (const std::uint64_t count : ones)
    EXPECT_LE(std::abs(z_of_count(static_cast<double>(count), blocks, 0.5)), z_bound);
  EXPECT_LE(std::abs(z_of_uniform_counts(bytes)), z_bound);
}

}  // namespace
}  // namespace scorepath::test
