// Philox4x32-10 as the paper states it, one counter at a time: the oracle of kernels/random/philox.hpp.
#pragma once

#include <array>
#include <cstdint>

namespace scorepath::test {

using Counter = std::array<std::uint32_t, 4>;

/// Salmon et al. (2011), section 3.3: ten rounds of two 32 x 32 bit products; the key grows by a Weyl sequence.
inline Counter philox_reference(Counter c, std::uint64_t seed) {
  auto k0 = static_cast<std::uint32_t>(seed);
  auto k1 = static_cast<std::uint32_t>(seed >> 32);
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t p0 = std::uint64_t{0xD2511F53u} * c[0];
    const std::uint64_t p1 = std::uint64_t{0xCD9E8D57u} * c[2];
    c = {static_cast<std::uint32_t>(p1 >> 32) ^ c[1] ^ k0, static_cast<std::uint32_t>(p1),
         static_cast<std::uint32_t>(p0 >> 32) ^ c[3] ^ k1, static_cast<std::uint32_t>(p0)};
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  return c;
}

}  // namespace scorepath::test
