// Sobol' points by direction words, and their scrambling by seed. Integers alone: every lane type gives the same words.
//
// Words are handled with their bits reversed (bit 0 says which half of [0, 1), bit 1 which quarter, ...), because a
// nested scrambling then is ordinary arithmetic modulo 2^32; one reversal at the end gives the word w of the coordinate
// w 2^-32.
#pragma once

#include "kernels/lane/lane.hpp"

namespace scorepath::kernels {

/// Direction words that the table of host/sobol_tables.hpp holds for each dimension, bits reversed.
inline constexpr int sobol_directions_per_dimension = 32;

/// The 32 bits of every lane in reverse order.
template <class Word>
SP_HD Word reverse_bits(Word x) {
  x = ((x >> 1) & Word(0x55555555u)) | ((x & Word(0x55555555u)) << 1);
  x = ((x >> 2) & Word(0x33333333u)) | ((x & Word(0x33333333u)) << 2);
  x = ((x >> 4) & Word(0x0f0f0f0fu)) | ((x & Word(0x0f0f0f0fu)) << 4);
  x = ((x >> 8) & Word(0x00ff00ffu)) | ((x & Word(0x00ff00ffu)) << 8);
  return (x >> 16) | (x << 16);
}

/// Coordinate of point `index` in the dimension of `directions` [index_bits], not scrambled, bits reversed: the sum
/// over GF(2) of the direction words of the index's binary digits (not its Gray code's, so that point k is where the
/// radical inverse puts it). index < 2^index_bits. I. M. Sobol', USSR Comput. Math. Math. Phys. 7 (1967) 86.
template <class F>
SP_HD word_t<F> sobol_reversed(const std::uint32_t* directions, word_t<F> index, int index_bits) {
  SP_EXPECT(index_bits >= 0 && index_bits <= sobol_directions_per_dimension);
  word_t<F> x(0u);
  for (int bit = 0; bit < index_bits; ++bit) {
    const word_t<F> chosen = shift_right_signed(index << (31 - bit), 31);  // all ones where the digit is 1
    x = x ^ (chosen & word_t<F>(directions[bit]));
  }
  return x;
}

/// Nested uniform scrambling (A. B. Owen, 1995) of words with reversed bits, by two independent uniform words: the same
/// two for all points of one randomisation and dimension, new ones for every other (Purpose::scramble). Modulo 2^32,
///   x ^= c1 x,   x = (x + offset) (multiplier | 1),   x ^= c2 x,   x ^= c3 x,   with c1, c2, c3 even.
/// Every step maps the low k bits of x on themselves, for all k: dyadic intervals go to dyadic intervals, nets stay
/// nets.
///
/// Mean and variance of any average over the points are exactly those of Owen's scrambling, because both depend on
/// pairs of points alone and pairs have Owen's law: the affine step makes one point uniform, and two that differ by 2^k
/// times an odd number then differ by 2^k times a uniform odd number: they agree in k digits, differ in the next and
/// are independent after it. The fixed steps keep this and mix what pairs do not see. Steps: S. Laine, T. Karras,
/// "Stratified sampling for stochastic transparency" (2011); scrambling of Sobol' points: B. Burley, "Practical
/// hash-based Owen scrambling", J. Comput. Graph. Tech. 9 (2020) no. 4; order and constants: N. Vegdahl, "Building a
/// better LK hash" (2021), where one seed serves for both offset and multiplier.
template <class Word>
SP_HD Word owen_scramble_reversed(Word x, Word offset, Word multiplier) {
  x = x ^ (x * Word(0x3d20adeau));
  x = (x + offset) * (multiplier | Word(1u));
  x = x ^ (x * Word(0x05526c56u));
  return x ^ (x * Word(0x53a22864u));
}

/// Word w of the coordinate w 2^-32 of point `index`, not scrambled; only the leading index_bits bits are in use.
template <class F>
SP_HD word_t<F> sobol_word(const std::uint32_t* directions, word_t<F> index, int index_bits) {
  return reverse_bits(sobol_reversed<F>(directions, index, index_bits));
}

/// Word w of the coordinate w 2^-32 of point `index`, scrambled; all 32 bits are in use, w is uniform.
template <class F>
SP_HD word_t<F> scrambled_sobol_word(const std::uint32_t* directions, word_t<F> index, int index_bits, word_t<F> offset,
                                     word_t<F> multiplier) {
  return reverse_bits(owen_scramble_reversed(sobol_reversed<F>(directions, index, index_bits), offset, multiplier));
}

}  // namespace scorepath::kernels
