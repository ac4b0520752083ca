// Expands the direction numbers of kernels/random/joe_kuo.inc by their linear recurrence.
#include "host/sobol_tables.hpp"

#include <bit>
#include <vector>

#include <fmt/format.h>

#include "host/check.hpp"
#include "kernels/random/sobol.hpp"

namespace scorepath {
namespace {

constexpr std::uint16_t joe_kuo[] = {
#include "kernels/random/joe_kuo.inc"
};
constexpr std::size_t joe_kuo_size = sizeof joe_kuo / sizeof joe_kuo[0];
constexpr int width = kernels::sobol_directions_per_dimension;

/// With V_j = m_j 2^(32-j) and the polynomial z^s + a_1 z^(s-1) + ... + 1:
/// V_j = a_1 V_(j-1) + ... + a_(s-1) V_(j-s+1) + V_(j-s) + V_(j-s) 2^-s, sums being xor (Joe and Kuo 2008, eq. 2).
void fill_directions(unsigned polynomial, const std::uint16_t* m, std::uint32_t (&v)[width]) {
  const int degree = static_cast<int>(std::bit_width(polynomial)) - 1;
  for (int j = 0; j < width; ++j) {
    if (j < degree) {
      v[j] = static_cast<std::uint32_t>(m[j]) << (31 - j);
      continue;
    }
    v[j] = v[j - degree] >> degree;
    for (int back = 1; back <= degree; ++back) {
      if (polynomial >> (degree - back) & 1u) v[j] ^= v[j - back];
    }
  }
}

std::vector<std::uint32_t> make_table() {
  std::vector<std::uint32_t> table;
  table.reserve(sobol_max_dimension * width);
  // The first dimension is the radical inverse: V_j = 2^(32-j), with its bits reversed 2^(j-1).
  for (int j = 0; j < width; ++j) table.push_back(1u << j);
  for (std::size_t at = 0; at < joe_kuo_size;) {
    const unsigned polynomial = joe_kuo[at];
    std::uint32_t v[width];
    fill_directions(polynomial, joe_kuo + at + 1, v);
    for (const std::uint32_t word : v) table.push_back(kernels::reverse_bits(word));
    at += static_cast<std::size_t>(std::bit_width(polynomial));
  }
  SP_VALIDATE(table.size() == sobol_max_dimension * width, internal,
              fmt::format("the table of direction numbers holds {} words (not {}) make kernels/random/joe_kuo.inc anew",
                          table.size(), sobol_max_dimension * width));
  return table;
}

}  // namespace

const std::uint32_t* sobol_directions(std::size_t dimensions) {
  SP_VALIDATE(dimensions <= sobol_max_dimension, usage,
              fmt::format("Sobol' points of {} dimensions are not available (direction numbers reach dimension {}) "
                          "use stratified or plain points",
                          dimensions, sobol_max_dimension));
  static const std::vector<std::uint32_t> table = make_table();
  return table.data();
}

}  // namespace scorepath
