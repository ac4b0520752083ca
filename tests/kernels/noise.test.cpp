// The layout of the random counter: which words a stream reads, that no two uses share one, and how many are drawn.
#include "kernels/random/noise.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <functional>
#include <limits>
#include <utility>
#include <vector>

#include "tests/support/philox_reference.hpp"
#include "tests/support/seed.hpp"

namespace scorepath::test {
namespace {

using kernels::Purpose;

/// What a random block is drawn for.
struct Use {
  Purpose purpose;
  bool pilot;
  std::uint64_t path;
  std::uint32_t point, block;
};

// Without a default: a purpose added to the enumeration does not compile here before it stands in `purposes`.
constexpr bool is_listed(Purpose purpose) {
  switch (purpose) {
    case Purpose::noise:
    case Purpose::time:
    case Purpose::probe:
    case Purpose::prior:
    case Purpose::scramble:
    case Purpose::reverse:
      return true;
  }
  return false;
}
constexpr Purpose purposes[] = {Purpose::noise, Purpose::time,     Purpose::probe,
                                Purpose::prior, Purpose::scramble, Purpose::reverse};

/// The layout as stated, written a second time.
Counter layout(const Use& use) {
  const auto field = static_cast<std::uint32_t>(use.purpose) | (use.pilot ? 8u : 0u);
  return {static_cast<std::uint32_t>(use.path), use.point, use.block,
          field << 28 | static_cast<std::uint32_t>(use.path >> 32)};
}

template <class F>
Counter words_of(const Use& use, std::uint64_t seed) {
  std::uint32_t words[1][4];
  const kernels::Stream stream = kernels::make_stream(seed, use.point, use.purpose, use.pilot);
  kernels::random_words<F, 1>(stream, use.path, use.block, words);
  return {words[0][0], words[0][1], words[0][2], words[0][3]};
}

/// Every combination of extreme and of ordinary values of all fields.
std::vector<Use> grid() {
  const std::uint32_t words[] = {0, 1, 2, 0x7fffffffu, 0x80000000u, 0xfffffffeu, 0xffffffffu};
  const std::uint64_t paths[] = {0,
                                 1,
                                 0x7fffffffu,
                                 0x80000000u,
                                 0xffffffffu,
                                 0x100000000u,
                                 0x100000001u,
                                 std::uint64_t{1} << 59,
                                 kernels::max_paths - 2,
                                 kernels::max_paths - 1};
  std::vector<Use> uses;
  for (const Purpose purpose : purposes) {
    for (const bool pilot : {false, true}) {
      for (const std::uint64_t path : paths) {
        for (const std::uint32_t point : words) {
          for (const std::uint32_t block : words) uses.push_back({purpose, pilot, path, point, block});
        }
      }
    }
  }
  return uses;
}

/// Whether no two uses of the grid have the same image (counter or words).
bool all_distinct(const std::function<Counter(const Use&)>& image) {
  std::vector<Counter> images;
  for (const Use& use : grid()) images.push_back(image(use));
  std::sort(images.begin(), images.end());
  return std::adjacent_find(images.begin(), images.end()) == images.end();
}

TEST(NoiseCounter, WordsAreThoseOfTheStatedLayout) {
  for (const Use& use : grid()) {
    ASSERT_EQ(words_of<float>(use, test_seed()), philox_reference(layout(use), test_seed()));
    ASSERT_EQ(words_of<double>(use, test_seed()), philox_reference(layout(use), test_seed()));
  }
}

TEST(NoiseCounter, NoTwoUsesShareACounterOrWords) {
  EXPECT_TRUE(all_distinct(layout));
  EXPECT_TRUE(all_distinct([](const Use& use) { return words_of<float>(use, test_seed()); }));
}

TEST(NoiseCounter, SharedPurposesPilotsAndFieldsWouldBeSeen) {
  const auto planted = [](auto change) {
    return all_distinct([change](Use use) {
      change(use);
      return layout(use);
    });
  };
  EXPECT_FALSE(planted([](Use& use) { use.purpose = use.purpose == Purpose::time ? Purpose::noise : use.purpose; }));
  EXPECT_FALSE(planted([](Use& use) { use.pilot = false; }));
  EXPECT_FALSE(planted([](Use& use) { use.path &= 0xffffffffu; }));
  EXPECT_FALSE(planted([](Use& use) { use.block += std::exchange(use.point, 0u); }));
  EXPECT_FALSE(planted([](Use& use) { use.point &= 0x7fffffffu; }));
}

int bits_that_differ(const Counter& a, const Counter& b) {
  int count = 0;
  for (std::size_t i = 0; i < 4; ++i) count += std::popcount(a[i] ^ b[i]);
  return count;
}

// With the test of the words above: every bit of a use owns one bit of the counter, whatever the other bits are, so
// that two uses that differ anywhere have counters that differ. 60 + 32 + 32 + 3 + 1 = 128 bits: none is left over.
TEST(NoiseCounter, EveryBitOfAUseOwnsOneBitOfTheCounter) {
  std::vector<int> owners(128);
  const Use zero = {Purpose::noise, false, 0, 0, 0};
  const auto expect_one_bit = [&](const std::function<void(Use&)>& flip) {
    Use use = zero;
    flip(use);
    const Counter only = layout(use);
    EXPECT_EQ(bits_that_differ(only, layout(zero)), 1);
    for (std::size_t bit = 0; bit < 128; ++bit) owners[bit] += static_cast<int>(only[bit / 32] >> bit % 32 & 1u);
    for (const Use& base : grid()) {  // flipping it changes that one bit everywhere
      Use other = base;
      flip(other);
      const Counter a = layout(base), b = layout(other);
      for (std::size_t i = 0; i < 4; ++i) ASSERT_EQ(a[i] ^ b[i], only[i]);
    }
  };
  for (int bit = 0; bit < 60; ++bit) expect_one_bit([bit](Use& use) { use.path ^= std::uint64_t{1} << bit; });
  for (int bit = 0; bit < 32; ++bit) expect_one_bit([bit](Use& use) { use.point ^= 1u << bit; });
  for (int bit = 0; bit < 32; ++bit) expect_one_bit([bit](Use& use) { use.block ^= 1u << bit; });
  for (int bit = 0; bit < 3; ++bit) {
    expect_one_bit(
        [bit](Use& use) { use.purpose = static_cast<Purpose>(static_cast<std::uint32_t>(use.purpose) ^ 1u << bit); });
  }
  expect_one_bit([](Use& use) { use.pilot = !use.pilot; });
  EXPECT_EQ(owners, std::vector<int>(128, 1));
}

TEST(NoiseCounter, PurposesAreDistinctAndFitTheirBits) {
  std::vector<std::uint32_t> values;
  for (const Purpose purpose : purposes) {
    EXPECT_TRUE(is_listed(purpose));
    values.push_back(static_cast<std::uint32_t>(purpose));
  }
  std::sort(values.begin(), values.end());
  EXPECT_EQ(std::adjacent_find(values.begin(), values.end()), values.end());
  EXPECT_LT(values.back(), 8u);
}

template <class F>
void expect_normals_of_blocks(std::uint64_t path, std::uint32_t block) {
  F z[5][4];
  const kernels::Stream stream = kernels::make_stream(test_seed(), 7, Purpose::noise, false);
  kernels::random_normals<F, 5>(stream, path, block, z);
  for (std::uint32_t i = 0; i < 5; ++i) {
    const Counter w = words_of<F>({Purpose::noise, false, path, 7, block + i}, test_seed());
    const std::uint32_t radius[2] = {w[0], w[2]}, angle[2] = {w[1], w[3]};
    F first[2], second[2];
    kernels::box_muller<F, 2>(radius, angle, first, second);
    EXPECT_EQ(z[i][0], first[0]);
    EXPECT_EQ(z[i][1], second[0]);
    EXPECT_EQ(z[i][2], first[1]);
    EXPECT_EQ(z[i][3], second[1]);
  }
}

TEST(NoiseStream, NormalsAreThePairsOfTheirBlocksInOrder) {
  for (const std::uint64_t path : {std::uint64_t{0}, std::uint64_t{12345}, kernels::max_paths - 1}) {
    expect_normals_of_blocks<float>(path, 0);
    expect_normals_of_blocks<double>(path, 0xfffffffau);
  }
}

// The random work of a path of `steps` steps: blocks of four words for its noise.
std::uint64_t blocks_of_path(std::uint32_t steps, std::uint32_t dim) {
  return (std::uint64_t{steps} * kernels::normals_per_step(dim) + 3) / 4;
}

TEST(NoiseWork, BlocksOfAPathArePinned) {
  const std::pair<std::uint32_t, std::uint64_t> of_64_steps[] = {{1, 16},   {2, 32},   {3, 48},   {4, 64},
                                                                 {16, 256}, {17, 320}, {64, 1024}};
  for (const auto& [dim, blocks] : of_64_steps) EXPECT_EQ(blocks_of_path(64, dim), blocks) << "dim " << dim;
  EXPECT_EQ(blocks_of_path(1, 1), 1u);
  EXPECT_EQ(blocks_of_path(1, 3), 1u);
  EXPECT_EQ(blocks_of_path(3, 3), 3u);  // 9 normals
  EXPECT_EQ(blocks_of_path(1, 17), 5u);
}

TEST(NoiseWork, StepsDoNotShareNormalsAndTheLongestPathFitsTheBlockNumber) {
  for (std::uint32_t dim = 1; dim <= 70; ++dim) EXPECT_GE(kernels::normals_per_step(dim), dim);
  EXPECT_GE(kernels::normals_per_step(kernels::max_dimension), kernels::max_dimension);
  EXPECT_LE(blocks_of_path(kernels::max_steps, kernels::max_dimension) - 1, std::numeric_limits<std::uint32_t>::max());
}

}  // namespace
}  // namespace scorepath::test
