// Which probe v in {-1, 1}^d each product v.(Jv) of Hutchinson's trace estimate takes, E v.(Jv) = tr J:
//   fixed     one for the whole trajectory, as published: its errors add up coherently, more nodes do not help
//   fresh     an independent one each time: variance over nodes falls like 1/N
//   hadamard  consecutive rows of Sylvester's Hadamard matrix of order n = 2^ceil(log2 d), cut to d columns, columns
//             flipped at random, rows in a random order, both anew for every cycle of n: each row alone is an unbiased
//             Rademacher probe, and a whole cycle gives the trace of a constant Jacobian exactly
#pragma once

#include <bit>
#include <cstdint>

#include "kernels/random/noise.hpp"

namespace scorepath::kernels {

/// 32-bit words of one repetition, one after the other.
class ProbeWords {
 public:
  ProbeWords(const Stream& stream, std::uint64_t repetition) : stream_(stream), repetition_(repetition) {}
  std::uint32_t next() {
    if (used_ == 4) {
      random_words<float, 1>(stream_, repetition_, block_++, words_);
      used_ = 0;
    }
    return words_[0][used_++];
  }

 private:
  Stream stream_;
  std::uint64_t repetition_;
  std::uint32_t block_ = 0;
  int used_ = 4;
  word_t<float> words_[1][4] = {};
};

/// v [dim] of independent signs.
inline void fill_signs(ProbeWords& words, int dim, double* v) {
  std::uint32_t bits = 0;
  for (int j = 0; j < dim; ++j) {
    bits = j % 32 == 0 ? words.next() : bits >> 1;
    v[j] = (bits & 1u) != 0 ? 1.0 : -1.0;
  }
}

/// Order of the matrix.
inline std::uint32_t hadamard_order(int dim) { return std::bit_ceil(static_cast<std::uint32_t>(dim)); }

/// A cycle's flips [dim] and order of rows [order].
inline void begin_hadamard_cycle(ProbeWords& words, int dim, double* flips, std::uint32_t* rows) {
  fill_signs(words, dim, flips);
  const std::uint32_t order = hadamard_order(dim);
  for (std::uint32_t i = 0; i < order; ++i) rows[i] = i;
  for (std::uint32_t i = order; i > 1; --i) {  // Fisher and Yates
    const auto pick = static_cast<std::uint32_t>(std::uint64_t{words.next()} * i >> 32);
    const std::uint32_t kept = rows[i - 1];
    rows[i - 1] = rows[pick];
    rows[pick] = kept;
  }
}

/// Row `row`, flipped -> v [dim]. Entry (i, j) of Sylvester's matrix is -1 to the number of common bits of i and j.
inline void hadamard_probe(std::uint32_t row, int dim, const double* flips, double* v) {
  for (int j = 0; j < dim; ++j)
    v[j] = std::popcount(row & static_cast<std::uint32_t>(j)) % 2 == 0 ? flips[j] : -flips[j];
}

}  // namespace scorepath::kernels
