// Two packs as one lane type of twice the width: every operation on either, one after the other. Two independent chains
// keep the units busy where one waits for its own results, and what lanes share (means, weights, constants) is read
// once for both.
#pragma once

#include <type_traits>

#include "kernels/lane/lane.hpp"

namespace scorepath::kernels {

/// T: the reals, words or masks of a pack.
template <class T>
struct Twin {
  T a, b;
  Twin() = default;
  SP_HD Twin(T first, T second) : a(first), b(second) {}
  template <class S, class = std::enable_if_t<std::is_arithmetic_v<S>>>
  SP_HD explicit Twin(S value) : a(value), b(value) {}
};

template <class T>
SP_HD auto operator+(Twin<T> x, Twin<T> y) {
  return Twin<T>(x.a + y.a, x.b + y.b);
}
template <class T>
SP_HD auto operator-(Twin<T> x, Twin<T> y) {
  return Twin<T>(x.a - y.a, x.b - y.b);
}
template <class T>
SP_HD auto operator-(Twin<T> x) {
  return Twin<T>(-x.a, -x.b);
}
template <class T>
SP_HD auto operator*(Twin<T> x, Twin<T> y) {
  return Twin<T>(x.a * y.a, x.b * y.b);
}
template <class T>
SP_HD auto operator/(Twin<T> x, Twin<T> y) {
  return Twin<T>(x.a / y.a, x.b / y.b);
}
template <class T>
SP_HD auto operator&(Twin<T> x, Twin<T> y) {
  return Twin<T>(x.a & y.a, x.b & y.b);
}
template <class T>
SP_HD auto operator|(Twin<T> x, Twin<T> y) {
  return Twin<T>(x.a | y.a, x.b | y.b);
}
template <class T>
SP_HD auto operator^(Twin<T> x, Twin<T> y) {
  return Twin<T>(x.a ^ y.a, x.b ^ y.b);
}
template <class T>
SP_HD auto operator~(Twin<T> x) {
  return Twin<T>(~x.a, ~x.b);
}
template <class T>
SP_HD auto operator!(Twin<T> x) {
  return Twin<T>(!x.a, !x.b);
}
template <class T>
SP_HD auto operator<<(Twin<T> x, int n) {
  return Twin<T>(x.a << n, x.b << n);
}
template <class T>
SP_HD auto operator>>(Twin<T> x, int n) {
  return Twin<T>(x.a >> n, x.b >> n);
}
template <class T>
SP_HD auto operator<(Twin<T> x, Twin<T> y) {
  return Twin<decltype(x.a < y.a)>(x.a < y.a, x.b < y.b);
}
template <class T>
SP_HD auto operator<=(Twin<T> x, Twin<T> y) {
  return Twin<decltype(x.a <= y.a)>(x.a <= y.a, x.b <= y.b);
}
template <class T>
SP_HD auto operator>(Twin<T> x, Twin<T> y) {
  return y < x;
}
template <class T>
SP_HD auto operator>=(Twin<T> x, Twin<T> y) {
  return y <= x;
}
template <class T>
SP_HD auto operator==(Twin<T> x, Twin<T> y) {
  return Twin<decltype(x.a == y.a)>(x.a == y.a, x.b == y.b);
}
template <class T>
SP_HD auto operator!=(Twin<T> x, Twin<T> y) {
  return Twin<decltype(x.a != y.a)>(x.a != y.a, x.b != y.b);
}

template <class T>
SP_HD Twin<T> fma(Twin<T> x, Twin<T> y, Twin<T> z) {
  return {fma(x.a, y.a, z.a), fma(x.b, y.b, z.b)};
}
template <class T>
SP_HD Twin<T> sqrt(Twin<T> x) {
  return {sqrt(x.a), sqrt(x.b)};
}
template <class T>
SP_HD Twin<T> max(Twin<T> x, Twin<T> y) {
  return {max(x.a, y.a), max(x.b, y.b)};
}
template <class T>
SP_HD Twin<T> min(Twin<T> x, Twin<T> y) {
  return {min(x.a, y.a), min(x.b, y.b)};
}
template <class T>
SP_HD Twin<T> abs(Twin<T> x) {
  return {abs(x.a), abs(x.b)};
}
template <class M, class T>
SP_HD Twin<T> select(Twin<M> mask, Twin<T> if_true, Twin<T> if_false) {
  return {select(mask.a, if_true.a, if_false.a), select(mask.b, if_true.b, if_false.b)};
}
template <class M>
SP_HD bool any(Twin<M> mask) {
  return any(mask.a) || any(mask.b);
}
template <class M>
SP_HD bool all(Twin<M> mask) {
  return all(mask.a) && all(mask.b);
}

template <class T>
SP_HD auto as_bits(Twin<T> x) {
  return Twin<decltype(as_bits(x.a))>(as_bits(x.a), as_bits(x.b));
}
template <class T>
SP_HD auto as_real(Twin<T> x) {
  return Twin<decltype(as_real(x.a))>(as_real(x.a), as_real(x.b));
}
template <class T>
SP_HD auto bits_to_real_signed(Twin<T> x) {
  return Twin<decltype(bits_to_real_signed(x.a))>(bits_to_real_signed(x.a), bits_to_real_signed(x.b));
}
template <class T>
SP_HD Twin<T> shift_right_signed(Twin<T> x, int n) {
  return {shift_right_signed(x.a, n), shift_right_signed(x.b, n)};
}
template <class T>
SP_HD Twin<T> xor3(Twin<T> x, Twin<T> y, Twin<T> z) {
  return {xor3(x.a, y.a, z.a), xor3(x.b, y.b, z.b)};
}
template <class T, class W>
SP_HD Twin<T> flip_sign(Twin<T> x, Twin<W> bits) {
  return {flip_sign(x.a, bits.a), flip_sign(x.b, bits.b)};
}
template <class W>
SP_HD void multiply_wide(Twin<W> x, std::uint32_t m, Twin<W>& high, Twin<W>& low) {
  multiply_wide(x.a, m, high.a, low.a);
  multiply_wide(x.b, m, high.b, low.b);
}

template <class P>
struct LaneTraits<Twin<P>> {
  using Scalar = scalar_t<P>;
  using Mask = Twin<mask_t<P>>;
  using Bits = Twin<bits_t<P>>;
  using Word = Twin<word_t<P>>;
  static constexpr int width = 2 * width_v<P>;
  static constexpr int philox_blocks = LaneTraits<P>::philox_blocks / 2;
  static constexpr int normals_together = LaneTraits<P>::normals_together;
  static constexpr int sums_together = LaneTraits<P>::sums_together / 2;
};
template <class T>
SP_HD void store(float* to, Twin<T> x) {
  store(to, x.a);
  store(to + width_v<T>, x.b);
}

template <class W>
SP_HD void store_words(std::uint32_t* to, Twin<W> x) {
  store_words(to, x.a);
  store_words(to + sizeof(W) / sizeof(std::uint32_t), x.b);
}

}  // namespace scorepath::kernels
