// The scrambled Sobol' points of a pack of samples, dimension by dimension.
#pragma once

#include "kernels/random/noise.hpp"
#include "kernels/random/sobol.hpp"

namespace scorepath::kernels {

/// Consecutive samples, 2^log2_length of them, are one randomisation: every one has its own scrambling seeds.
template <class F>
struct SobolDraws {
  const std::uint32_t* directions;  // [dimensions][32]
  int log2_length;
  const Stream& scramble;
  std::uint64_t first;
  word_t<F> place;  // of each sample within its randomisation

  /// Words that scramble dimensions i and i + 1, i even: two each.
  SP_HD void seeds(int i, word_t<F> (&words)[1][4]) const {
    const word_t<F> path = word_t<F>(static_cast<std::uint32_t>(first)) + lane_index<F>();
    philox<F, 1>(scramble.keys, log2_length == 0 ? path : path >> log2_length, scramble.point,
                 static_cast<std::uint32_t>(i / 2), scramble.purpose << 28 | static_cast<std::uint32_t>(first >> 32),
                 words);
  }
  SP_HD word_t<F> word(int i, word_t<F> offset, word_t<F> multiplier) const {
    return scrambled_sobol_word<F>(directions + i * sobol_directions_per_dimension, place, log2_length, offset,
                                   multiplier);
  }
};

/// Where samples first, first + 1, .. of a pack stand within their randomisations.
template <class F>
SP_HD word_t<F> places_of(std::uint64_t first, int log2_length) {
  return (word_t<F>(static_cast<std::uint32_t>(first)) + lane_index<F>()) &
         word_t<F>((std::uint32_t{1} << log2_length) - 1);
}

}  // namespace scorepath::kernels
