// What the packs of one instruction set make of the lane operations and scores, as plain functions over arrays: the
// sources of tests/parity/isa are compiled once per instruction set.
#pragma once

#include <cstdint>

#include "tests/parity/score_call.hpp"

namespace scorepath::test {

inline constexpr int widest_pack = 16;

struct PackFunctions {
  int width;
  int operations;
  /// Operation `index` of operations.hpp on words a, b, c [width] -> result [width].
  void (*operation)(int index, const std::uint32_t* a, const std::uint32_t* b, const std::uint32_t* c,
                    std::uint32_t* result);
  /// any() and all() of a < b.
  void (*masks)(const float* a, const float* b, bool* any, bool* all);
  /// lane_index() [width].
  void (*lanes)(std::uint32_t* index);
  void (*score)(const ScoreCall& call);
};

namespace baseline {
PackFunctions pack_functions();
}
namespace avx2 {
PackFunctions pack_functions();
PackFunctions wide_pack_functions();  // of two packs in flight (kernels/cpu/pack_twin.hpp)
}  // namespace avx2
namespace avx512 {
PackFunctions pack_functions();
}

}  // namespace scorepath::test
