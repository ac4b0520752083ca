// Random words and Sobol' points against cuRAND, where it is installed.
#include <gtest/gtest.h>

#include "host/sobol_tables.hpp"
#include "kernels/random/philox.hpp"
#include "kernels/random/sobol.hpp"
#include "tests/kat/curand.hpp"
#include "tests/kat/instruction_sets.hpp"
#include "tests/support/seed.hpp"

namespace scorepath::test {
namespace {

// The host generator's sequence: 65536 interleaved subsequences, which give a block of four words in turn. Block b is
// the Philox output for the counter (b / 65536, 0, b mod 65536, 0), the key being the seed: cuRAND's device function
// curand_init(seed, subsequence, 4 offset) starts at the counter (offset, subsequence), each 64 bits, low half first.
constexpr std::uint32_t subsequences = 65536;

TEST(CurandPhilox, HostGeneratorGivesTheWordsOfTheScalarLanes) {
  const Curand curand;
  if (!curand.present()) GTEST_SKIP() << "libcurand is not installed";
  for (const std::uint64_t seed : {std::uint64_t{0}, std::uint64_t{0xffffffff00000001u}, test_seed()}) {
    const std::size_t blocks = 3 * subsequences;
    const std::vector<std::uint32_t> expected = curand.philox_words(seed, 4 * blocks);
    ASSERT_EQ(expected.size(), 4 * blocks);
    const kernels::PhiloxKeys keys = kernels::philox_keys(seed);
    for (std::uint32_t b = 0; b < blocks; b += 4) {
      std::uint32_t as_float[4][4], as_double[4][4];
      kernels::philox<float, 4>(keys, b / subsequences, 0, b % subsequences, 0, as_float);
      kernels::philox<double, 4>(keys, b / subsequences, 0, b % subsequences, 0, as_double);
      for (std::uint32_t i = 0; i < 16; ++i) {
        ASSERT_EQ(as_float[i / 4][i % 4], expected[4 * b + i]) << "word " << 4 * b + i;
        ASSERT_EQ(as_double[i / 4][i % 4], expected[4 * b + i]) << "word " << 4 * b + i;
      }
    }
  }
}

class CurandPack : public testing::TestWithParam<InstructionSet> {};

TEST_P(CurandPack, HostGeneratorGivesTheWordsOfThePacks) {
  const Curand curand;
  if (!curand.present()) GTEST_SKIP() << "libcurand is not installed";
  if (!GetParam().present()) GTEST_SKIP() << "this processor has no " << GetParam().name;
  const RandomWords pack = GetParam().random_words();
  std::uint32_t c0[widest_pack];  // as many offsets of the generator as the widest pack has lanes
  for (std::uint32_t lane = 0; lane < widest_pack; ++lane) c0[lane] = lane;
  const std::vector<std::uint32_t> expected =
      curand.philox_words(test_seed(), std::size_t{4} * subsequences * widest_pack);
  ASSERT_FALSE(expected.empty());
  for (std::uint32_t c2 = 0; c2 + kat_blocks <= subsequences; c2 += 41) {
    std::uint32_t words[kat_blocks * 4 * widest_pack];
    pack.philox(test_seed(), c0, 0, c2, 0, words);
    for (int block = 0; block < kat_blocks; ++block) {
      for (int lane = 0; lane < pack.width; ++lane) {
        const std::size_t b = std::size_t{subsequences} * c0[lane] + c2 + static_cast<std::uint32_t>(block);
        for (int j = 0; j < 4; ++j) {
          ASSERT_EQ(words[(block * 4 + j) * pack.width + lane], expected[4 * b + static_cast<std::size_t>(j)])
              << "block " << b << ", word " << j;
        }
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Isa, CurandPack, testing::ValuesIn(instruction_sets),
                         [](const testing::TestParamInfo<InstructionSet>& info) -> std::string {
                           return info.param.name;
                         });

TEST(CurandSobol, DirectionWordsAreEqual) {
  const Curand curand;
  if (!curand.present()) GTEST_SKIP() << "libcurand is not installed";
  const auto expected = curand.directions();
  ASSERT_NE(expected, nullptr);
  const std::uint32_t* words = sobol_directions(sobol_max_dimension);
  for (std::size_t j = 0; j < sobol_max_dimension; ++j) {
    for (std::size_t bit = 0; bit < 32; ++bit) {
      ASSERT_EQ(kernels::reverse_bits(words[32 * j + bit]), expected[j][bit]) << "dimension " << j << ", bit " << bit;
    }
  }
}

TEST(CurandSobol, HostGeneratorGivesThePointsInGrayCodeOrder) {
  const Curand curand;
  if (!curand.present()) GTEST_SKIP() << "libcurand is not installed";
  constexpr std::size_t points = 4096;
  const std::vector<std::uint32_t> expected = curand.sobol_words(sobol_max_dimension, points);
  ASSERT_EQ(expected.size(), sobol_max_dimension * points);
  const std::uint32_t* directions = sobol_directions(sobol_max_dimension);
  for (std::size_t j = 0; j < sobol_max_dimension; ++j) {
    for (std::uint32_t k = 0; k < points; ++k) {
      const std::uint32_t word = kernels::sobol_word<float>(directions + 32 * j, k ^ k >> 1, 12);
      ASSERT_EQ(word, expected[j * points + k]) << "dimension " << j << ", point " << k;
    }
  }
}

}  // namespace
}  // namespace scorepath::test
