// Philox4x32-10: the known answers, on the plain reference and on every lane type.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "kernels/random/philox.hpp"
#include "tests/kat/instruction_sets.hpp"
#include "tests/support/philox_reference.hpp"
#include "tests/support/seed.hpp"

namespace scorepath::test {
namespace {

struct KnownAnswer {
  Counter counter;
  std::uint64_t seed;
  Counter words;
};

std::vector<KnownAnswer> known_answers() {
  std::ifstream file(SCOREPATH_SOURCE_DIR "/tests/kat/philox.kat");
  std::vector<KnownAnswer> answers;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream fields(line);
    std::uint32_t w[10] = {};
    for (std::uint32_t& word : w) fields >> std::hex >> word;
    EXPECT_FALSE(fields.fail()) << line;
    answers.push_back({{w[0], w[1], w[2], w[3]}, std::uint64_t{w[5]} << 32 | w[4], {w[6], w[7], w[8], w[9]}});
  }
  EXPECT_EQ(answers.size(), 3u);
  return answers;
}

template <class F>
Counter one_block(Counter c, std::uint64_t seed) {
  std::uint32_t words[1][4];
  kernels::philox<F, 1>(kernels::philox_keys(seed), c[0], c[1], c[2], c[3], words);
  return {words[0][0], words[0][1], words[0][2], words[0][3]};
}

TEST(PhiloxKnownAnswers, ReferenceGivesThem) {
  for (const KnownAnswer& a : known_answers()) EXPECT_EQ(philox_reference(a.counter, a.seed), a.words);
}

TEST(PhiloxKnownAnswers, ScalarLanesGiveThem) {
  for (const KnownAnswer& a : known_answers()) {
    EXPECT_EQ(one_block<float>(a.counter, a.seed), a.words);
    EXPECT_EQ(one_block<double>(a.counter, a.seed), a.words);
  }
}

/// Every lane of a pack against the reference: lane i holds path c0 + i, block j counter word c2 + j (both modulo
/// 2^32).
void expect_reference(const RandomWords& pack, Counter c, std::uint64_t seed) {
  std::uint32_t c0[widest_pack];
  for (int lane = 0; lane < pack.width; ++lane) c0[lane] = c[0] + static_cast<std::uint32_t>(lane);
  std::uint32_t words[kat_blocks * 4 * widest_pack];
  pack.philox(seed, c0, c[1], c[2], c[3], words);
  for (int block = 0; block < kat_blocks; ++block) {
    for (int lane = 0; lane < pack.width; ++lane) {
      const Counter expected = philox_reference({c0[lane], c[1], c[2] + static_cast<std::uint32_t>(block), c[3]}, seed);
      for (int j = 0; j < 4; ++j) {
        ASSERT_EQ(words[(block * 4 + j) * pack.width + lane], expected[static_cast<std::size_t>(j)])
            << "block " << block << ", lane " << lane << ", word " << j;
      }
    }
  }
}

class PhiloxPack : public testing::TestWithParam<InstructionSet> {};

TEST_P(PhiloxPack, GivesTheKnownAnswersInItsFirstLane) {
  if (!GetParam().present()) GTEST_SKIP() << "this processor has no " << GetParam().name;
  const RandomWords pack = GetParam().random_words();
  for (const KnownAnswer& a : known_answers()) expect_reference(pack, a.counter, a.seed);
}

TEST_P(PhiloxPack, EqualsTheReferenceInEveryLaneAndBlock) {
  if (!GetParam().present()) GTEST_SKIP() << "this processor has no " << GetParam().name;
  const RandomWords pack = GetParam().random_words();
  // The counters of this test come from the reference itself, keyed by the test's name.
  for (std::uint32_t i = 0; i < 2000; ++i) {
    const Counter c = philox_reference({i, 0, 0, 0}, test_seed());
    const Counter k = philox_reference({i, 1, 0, 0}, test_seed());
    expect_reference(pack, c, std::uint64_t{k[1]} << 32 | k[0]);
  }
}

INSTANTIATE_TEST_SUITE_P(Isa, PhiloxPack, testing::ValuesIn(instruction_sets), name_of_isa);

}  // namespace
}  // namespace scorepath::test
