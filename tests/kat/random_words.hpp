// What the packs of one instruction set make of the random formulas, as plain functions over arrays: the sources of
// tests/kat/isa are compiled once per instruction set, the tests choose among them at run time.
#pragma once

#include <cstdint>

namespace scorepath::test {

inline constexpr int kat_blocks = 3;  // of four words, made at once
inline constexpr int widest_pack = 16;

struct RandomWords {
  int width;  // lanes of a pack
  /// words [kat_blocks x 4 x width] for the counters (c0[lane], c1, c2 + block, c3).
  void (*philox)(std::uint64_t seed, const std::uint32_t* c0, std::uint32_t c1, std::uint32_t c2, std::uint32_t c3,
                 std::uint32_t* words);
  /// Noise z [kat_blocks x 4 x width] of the paths first_path, first_path + 1, ... from block `block` on.
  void (*normals)(std::uint64_t seed, std::uint32_t point, std::uint64_t first_path, std::uint32_t block, float* z);
  /// Normals [2 x width] of box_muller for the words given.
  void (*box_muller)(const std::uint32_t* radius, const std::uint32_t* angle, float* z);
  /// Words [2 x width] of Sobol' points index[lane]: plain, then scrambled.
  void (*sobol)(const std::uint32_t* directions, const std::uint32_t* index, int index_bits, std::uint32_t offset,
                std::uint32_t multiplier, std::uint32_t* words);
};

namespace baseline {
RandomWords random_words();
}
namespace avx2 {
RandomWords random_words();
}
namespace avx512 {
RandomWords random_words();
}

}  // namespace scorepath::test
