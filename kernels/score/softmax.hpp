// The stable weighted sums behind every mixture score: sum_k 2^{l_k} v_k / sum_k 2^{l_k}, tile by tile of components,
// with a running maximum (Milakov & Gimelshein 2018, "Online normalizer calculation for softmax").
#pragma once

#include "kernels/lane/elementary.hpp"
#include "kernels/lane/lane.hpp"
#include "kernels/score/level.hpp"

namespace scorepath::kernels {

/// The largest of a panel's logits [panel_width], as a balanced tree.
template <class F>
SP_HD F panel_max(const F* l) {
  static_assert(panel_width == 8);
  return max(max(max(l[0], l[1]), max(l[2], l[3])), max(max(l[4], l[5]), max(l[6], l[7])));
}
template <class F>
SP_HD F panel_sum(const F (&l)[panel_width]) {
  static_assert(panel_width == 8);
  return ((l[0] + l[1]) + (l[2] + l[3])) + ((l[4] + l[5]) + (l[6] + l[7]));
}

/// A panel's logits (base 2) in place to its weights 2^{l - top}; returns their sum.
template <class F>
SP_HD F panel_weights(F* logits, F top) {
  F weight[panel_width];
  for (int q = 0; q < panel_width; ++q) {
    weight[q] = exp2_nonpositive(logits[q] - top);
    logits[q] = weight[q];
  }
  return panel_sum(weight);
}

/// Running maximum and sum of weights.
template <class F>
struct Normalizer {
  F top, sum;
};

/// What the sums so far must be multiplied with when the maximum rises to `top`.
template <class F>
SP_HD F rescaling(F old_top, F top) {
  return exp2_nonpositive(old_top - top);
}

}  // namespace scorepath::kernels
