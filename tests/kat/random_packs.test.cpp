// Normals and Sobol' words: every pack gives the bits of the scalar float lane.
#include <gtest/gtest.h>

#include <bit>
#include <string>

#include "host/sobol_tables.hpp"
#include "kernels/random/noise.hpp"
#include "kernels/random/sobol.hpp"
#include "tests/kat/instruction_sets.hpp"
#include "tests/support/philox_reference.hpp"
#include "tests/support/seed.hpp"

namespace scorepath::test {
namespace {

using kernels::Purpose;

class RandomPack : public testing::TestWithParam<InstructionSet> {};

TEST_P(RandomPack, NormalsOfAPathDoNotDependOnThePack) {
  if (!GetParam().present()) GTEST_SKIP() << "this processor has no " << GetParam().name;
  const RandomWords pack = GetParam().random_words();
  for (std::uint32_t i = 0; i < 2000; ++i) {
    const Counter r = philox_reference({i, 0, 0, 0}, test_seed());
    // Whole packs, so that none straddles a multiple of 2^32.
    const std::uint64_t path = (std::uint64_t{r[2] & 0x0fffffffu} << 32 | r[0]) / widest_pack * widest_pack;
    float z[kat_blocks * 4 * widest_pack];
    pack.normals(test_seed(), r[1], path, r[3], z);
    const kernels::Stream stream = kernels::make_stream(test_seed(), r[1], Purpose::noise, false);
    for (int lane = 0; lane < pack.width; ++lane) {
      float expected[kat_blocks][4];
      kernels::random_normals<float, kat_blocks>(stream, path + static_cast<std::uint64_t>(lane), r[3], expected);
      for (int j = 0; j < 4 * kat_blocks; ++j) {
        ASSERT_EQ(std::bit_cast<std::uint32_t>(z[j * pack.width + lane]),
                  std::bit_cast<std::uint32_t>(expected[j / 4][j % 4]))
            << "path " << path << ", lane " << lane << ", normal " << j;
      }
    }
  }
}

TEST_P(RandomPack, NormalsOfExtremeWords) {
  if (!GetParam().present()) GTEST_SKIP() << "this processor has no " << GetParam().name;
  const RandomWords pack = GetParam().random_words();
  const std::uint32_t extremes[] = {0, 1, 0x7fffffffu, 0x80000000u, 0x80000001u, 0xffffffffu};
  for (const std::uint32_t radius : extremes) {
    for (const std::uint32_t angle : extremes) {
      std::uint32_t w_radius[widest_pack], w_angle[widest_pack];
      std::fill_n(w_radius, widest_pack, radius);
      std::fill_n(w_angle, widest_pack, angle);
      float z[2 * widest_pack];
      pack.box_muller(w_radius, w_angle, z);
      const std::uint32_t one_radius[1] = {radius}, one_angle[1] = {angle};
      float first[1], second[1];
      kernels::box_muller<float, 1>(one_radius, one_angle, first, second);
      for (int lane = 0; lane < pack.width; ++lane) {
        EXPECT_EQ(std::bit_cast<std::uint32_t>(z[lane]), std::bit_cast<std::uint32_t>(first[0]));
        EXPECT_EQ(std::bit_cast<std::uint32_t>(z[pack.width + lane]), std::bit_cast<std::uint32_t>(second[0]));
      }
    }
  }
}

TEST_P(RandomPack, SobolWordsOfAPointDoNotDependOnThePack) {
  if (!GetParam().present()) GTEST_SKIP() << "this processor has no " << GetParam().name;
  const RandomWords pack = GetParam().random_words();
  const std::uint32_t* table = sobol_directions(sobol_max_dimension);
  for (std::uint32_t i = 0; i < 20000; ++i) {
    const Counter r = philox_reference({i, 0, 0, 0}, test_seed());
    const std::uint32_t* directions = table + i % sobol_max_dimension * kernels::sobol_directions_per_dimension;
    const int bits = static_cast<int>(i % 33);
    std::uint32_t index[widest_pack];
    for (std::uint32_t lane = 0; lane < widest_pack; ++lane) {
      index[lane] = bits == 0 ? 0 : (r[2] + 0x9e3779b9u * lane) >> (32 - bits);
    }
    std::uint32_t words[2 * widest_pack];
    pack.sobol(directions, index, bits, r[0], r[1], words);
    for (int lane = 0; lane < pack.width; ++lane) {
      ASSERT_EQ(words[lane], kernels::sobol_word<float>(directions, index[lane], bits));
      ASSERT_EQ(words[pack.width + lane],
                kernels::scrambled_sobol_word<float>(directions, index[lane], bits, r[0], r[1]));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Isa, RandomPack, testing::ValuesIn(instruction_sets), name_of_isa);

}  // namespace
}  // namespace scorepath::test
