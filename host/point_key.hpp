// The number that stands for a query point in the random counter: a hash of its coordinates, so that a point's numbers
// do not depend on its place in a file or on its neighbours.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace scorepath {

/// FNV-1a over the coordinates' bytes, folded to 32 bits after a final mixing (splitmix64). -0 counts as 0.
inline std::uint32_t point_key(const double* x, std::size_t dim) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (std::size_t j = 0; j < dim; ++j) {
    const double value = x[j] + 0.0;
    unsigned char bytes[sizeof value];
    std::memcpy(bytes, &value, sizeof value);
    for (const unsigned char byte : bytes) hash = (hash ^ byte) * 0x100000001b3u;
  }
  hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9u;
  hash = (hash ^ (hash >> 27)) * 0x94d049bb133111ebu;
  return static_cast<std::uint32_t>(hash ^ (hash >> 31));
}

}  // namespace scorepath
