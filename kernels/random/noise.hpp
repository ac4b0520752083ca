// The one layout of the random counter: every random word of scorepath is
//   Philox4x32-10(key = seed, counter = (path low 32 bits, point, block, purpose : 4 | path high : 28)).
//
// path     index of the sample within the point, below 2^60
// point    a hash of the point's coordinates (host/point_key.hpp), so that a point's numbers do not depend on its
// neighbours block    four consecutive words of the purpose's stream; for noise, four consecutive normals (normal_index
// below) purpose  what the words are for: no two purposes share a counter (tests/kernels/noise.test.cpp)
#pragma once

#include <type_traits>

#include "kernels/lane/lane.hpp"
#include "kernels/random/normal.hpp"
#include "kernels/random/philox.hpp"

namespace scorepath::kernels {

enum class Purpose : std::uint32_t { noise = 0, time = 1, probe = 2, prior = 3, scramble = 4, reverse = 5 };

inline constexpr std::uint32_t max_steps = 1u << 20;
inline constexpr std::uint32_t max_dimension = 1u << 14;
inline constexpr std::uint64_t max_paths = std::uint64_t{1} << 60;

/// Normals of a step: few coordinates are packed (a block of four may serve several steps), many start on a block of
/// their own. Normal `coordinate` of step `step` is number step * normals_per_step(dim) + coordinate of the path's
/// stream.
SP_HD std::uint32_t normals_per_step(std::uint32_t dim) { return dim <= 16 ? dim : (dim + 3) / 4 * 4; }

/// The block that holds the first normal of a step. Expects step < max_steps, dim <= max_dimension: it fits 32 bits.
SP_HD std::uint32_t block_of_step(std::uint32_t step, std::uint32_t dim) {
  SP_EXPECT(step < max_steps && dim <= max_dimension);
  return static_cast<std::uint32_t>(std::uint64_t{step} * normals_per_step(dim) / 4);
}

/// Which stream of random words: seed, point, purpose, and whether the draws are a pilot's (never reused by the
/// estimate).
struct Stream {
  PhiloxKeys keys;
  std::uint32_t point;
  std::uint32_t purpose;  // 4 bits: Purpose, and 8 for the pilot's
};

SP_HD Stream make_stream(std::uint64_t seed, std::uint32_t point, Purpose purpose, bool pilot) {
  return {philox_keys(seed), point, static_cast<std::uint32_t>(purpose) | (pilot ? 8u : 0u)};
}

/// Blocks `block` .. `block` + N - 1 of four words, for the paths first_path, first_path + 1, ... of a pack, which must
/// not straddle a multiple of 2^32.
template <class F, int N>
SP_HD void random_words(const Stream& stream, std::uint64_t first_path, std::uint32_t block, word_t<F> (&words)[N][4]) {
  SP_EXPECT(first_path < max_paths && (first_path & 0xffffffffu) + width_v<F> <= 0x100000000u);
  const word_t<F> path = word_t<F>(static_cast<std::uint32_t>(first_path)) + lane_index<F>();
  const std::uint32_t c3 = stream.purpose << 28 | static_cast<std::uint32_t>(first_path >> 32);
  philox<F, N>(stream.keys, path, stream.point, block, c3, words);
}

/// Words [4 N] of N blocks, two by two to as many normals.
template <class F, int N>
SP_HD void normals_of_words(const word_t<F>* words, F* z) {
  word_t<F> radius[2 * N], angle[2 * N];
  F first[2 * N], second[2 * N];
  for (int i = 0; i < 2 * N; ++i) {
    radius[i] = words[2 * i];
    angle[i] = words[2 * i + 1];
  }
  box_muller<F, 2 * N>(radius, angle, first, second);
  for (int i = 0; i < 2 * N; ++i) {
    z[2 * i] = first[i];
    z[2 * i + 1] = second[i];
  }
}

/// Normals number 4 block .. 4 (block + N) - 1 of each path's stream.
template <class F, int N>
SP_HD void random_normals(const Stream& stream, std::uint64_t first_path, std::uint32_t block, F (&z)[N][4]) {
  word_t<F> words[N][4];
  random_words<F, N>(stream, first_path, block, words);
  normals_of_words<F, N>(words[0], z[0]);
}

/// Normals number 4 block .. 4 block + count - 1 to z [count rounded up to 8]. The words of sixteen first, then their
/// normals: either loop fits a pack's registers, both at once do not (1.15 to 1.25 times faster than block by block).
template <class F>
static SP_HD_CALL void fill_normals(const Stream& stream, std::uint64_t first_path, std::uint32_t block, int count,
                                    F* z) {
  constexpr int together = LaneTraits<F>::philox_blocks;
  word_t<F> words[16];
  const auto fill = [&]<int N>(std::integral_constant<int, N>, std::uint32_t from, word_t<F>* to) {
    word_t<F> group[N][4];
    random_words<F, N>(stream, first_path, from, group);
    for (int q = 0; q < 4 * N; ++q) to[q] = group[q / 4][q % 4];
  };
  for (int done = 0; done < count; done += 16) {
    const int blocks = count - done > 8 ? 4 : 2;
    const std::uint32_t first = block + static_cast<std::uint32_t>(done / 4);
    int b = 0;
    for (; b + together <= blocks; b += together)
      fill(std::integral_constant<int, together>{}, first + static_cast<std::uint32_t>(b), words + 4 * b);
    for (; b < blocks; b += 2)
      fill(std::integral_constant<int, 2>{}, first + static_cast<std::uint32_t>(b), words + 4 * b);
    for (b = 0; b < blocks; ++b) normals_of_words<F, 1>(words + 4 * b, z + done + 4 * b);
  }
}

}  // namespace scorepath::kernels
