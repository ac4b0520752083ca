// Philox4x32-10: 128 random bits as a pure function of a 128-bit counter and a 64-bit key.
// J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC11 (2011).
// The words are those of Random123 and of cuRAND's Philox4_32_10 (tests/kat).
#pragma once

#include "kernels/lane/lane.hpp"

namespace scorepath::kernels {

inline constexpr std::uint32_t philox_multiplier_0 = 0xD2511F53u;
inline constexpr std::uint32_t philox_multiplier_1 = 0xCD9E8D57u;
inline constexpr std::uint32_t philox_key_step_0 = 0x9E3779B9u;  // golden ratio
inline constexpr std::uint32_t philox_key_step_1 = 0xBB67AE85u;  // sqrt(3) - 1
inline constexpr int philox_rounds = 10;

/// The key of each round, from the 64-bit seed (its low half first). In memory, so that lanes read it by broadcast.
struct PhiloxKeys {
  std::uint32_t k0[philox_rounds], k1[philox_rounds];
};

SP_HD PhiloxKeys philox_keys(std::uint64_t seed) {
  PhiloxKeys keys{};
  for (int round = 0; round < philox_rounds; ++round) {
    const auto i = static_cast<std::uint32_t>(round);
    keys.k0[round] = static_cast<std::uint32_t>(seed) + i * philox_key_step_0;
    keys.k1[round] = static_cast<std::uint32_t>(seed >> 32) + i * philox_key_step_1;
  }
  return keys;
}

/// N blocks of four words for each lane: words[i] is the output for the counters (c0[lane], c1, c2 + i, c3).
///
/// Lanes differ in c0 alone, so the first two rounds treat the shared half of the counter once for all lanes, and their
/// only product of lanes that depends on c0 leaves the caller's loop over c2: 8.5 rounds of 10 are left. Several
/// blocks at once keep the multipliers busy: one block alone waits for its own chain.
template <class F, int N>
SP_HD void philox(const PhiloxKeys& keys, word_t<F> c0, std::uint32_t c1, std::uint32_t c2, std::uint32_t c3,
                  word_t<F> (&words)[N][4]) {
  using V = wide_t<F>;
  const auto product = [](std::uint32_t a, std::uint32_t m) { return static_cast<std::uint64_t>(a) * m; };
  const auto upper = [](std::uint64_t p) { return static_cast<std::uint32_t>(p >> 32); };
  const auto lower = [](std::uint64_t p) { return static_cast<std::uint32_t>(p); };

  // Round 1: word 0 differs between lanes, words 1 to 3 are shared.
  const V lanes_0 = multiply_low(widen(c0), philox_multiplier_0);
  const V r1_c2 = high(lanes_0) ^ V(c3 ^ keys.k1[0]);
  // Round 2: words 0 and 1 are shared, words 2 and 3 differ.
  const V lanes_2 = multiply_low(r1_c2, philox_multiplier_1);
  const V lanes_2_high = high(lanes_2);
  V c[N][4];
  for (int i = 0; i < N; ++i) {
    const std::uint64_t shared_1 = product(c2 + static_cast<std::uint32_t>(i), philox_multiplier_1);
    const std::uint64_t shared_2 = product(upper(shared_1) ^ c1 ^ keys.k0[0], philox_multiplier_0);
    c[i][0] = lanes_2_high ^ V(lower(shared_1) ^ keys.k0[1]);
    c[i][1] = lanes_2;
    c[i][2] = lanes_0 ^ V(upper(shared_2) ^ keys.k1[1]);
    c[i][3] = V(lower(shared_2));
  }
  for (int round = 2; round < philox_rounds; ++round) {
    for (int i = 0; i < N; ++i) {
      const V p0 = multiply_low(c[i][0], philox_multiplier_0);
      const V p1 = multiply_low(c[i][2], philox_multiplier_1);
      c[i][0] = xor3(high(p1), c[i][1], V(keys.k0[round]));
      c[i][2] = xor3(high(p0), c[i][3], V(keys.k1[round]));
      c[i][1] = p1;
      c[i][3] = p0;
    }
  }
  for (int i = 0; i < N; ++i) {
    for (int j = 0; j < 4; ++j) words[i][j] = narrow(c[i][j]);
  }
}

}  // namespace scorepath::kernels
