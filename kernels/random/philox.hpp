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
/// blocks at once keep the multipliers busy: one block alone waits for its own chain. The key and the older word meet
/// before the product arrives, which shortens that chain.
template <class F, int N>
SP_HD void philox(const PhiloxKeys& keys, word_t<F> c0, std::uint32_t c1, std::uint32_t c2, std::uint32_t c3,
                  word_t<F> (&words)[N][4]) {
  using W = word_t<F>;
  // Round 1: word 0 differs between lanes, words 1 to 3 are shared. Round 2: words 0 and 1 are shared, 2 and 3 differ.
  W first_high, first_low, second_high, second_low;
  multiply_wide(c0, philox_multiplier_0, first_high, first_low);
  multiply_wide(first_high ^ W(c3 ^ keys.k1[0]), philox_multiplier_1, second_high, second_low);
  for (int i = 0; i < N; ++i) {
    std::uint32_t shared_1_high, shared_1_low, shared_2_high, shared_2_low;
    multiply_wide(c2 + static_cast<std::uint32_t>(i), philox_multiplier_1, shared_1_high, shared_1_low);
    multiply_wide(shared_1_high ^ c1 ^ keys.k0[0], philox_multiplier_0, shared_2_high, shared_2_low);
    words[i][0] = second_high ^ W(shared_1_low ^ keys.k0[1]);
    words[i][1] = second_low;
    words[i][2] = first_low ^ W(shared_2_high ^ keys.k1[1]);
    words[i][3] = W(shared_2_low);
  }
  for (int round = 2; round < philox_rounds; ++round) {
    for (int i = 0; i < N; ++i) {
      W(&c)[4] = words[i];
      W high_0, low_0, high_1, low_1;
      multiply_wide(c[0], philox_multiplier_0, high_0, low_0);
      multiply_wide(c[2], philox_multiplier_1, high_1, low_1);
      c[0] = xor3(high_1, c[1], W(keys.k0[round]));
      c[2] = xor3(high_0, c[3], W(keys.k1[round]));
      c[1] = low_1;
      c[3] = low_0;
    }
  }
}

}  // namespace scorepath::kernels
