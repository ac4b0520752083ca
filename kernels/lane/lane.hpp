// The lane contract and its scalar model.
//
// Every formula of scorepath is written once, as a template over a *lane type* F: float or double (one path on one
// CPU or CUDA thread) or a SIMD pack (kernels/cpu/pack.hpp: one path per lane). Lane code uses only the free functions
// below, calls them unqualified (packs are found by argument-dependent lookup), and has no data-dependent branch:
// select() instead. Each operation is one IEEE operation, rounded to nearest, so that every lane type gives the
// same bits; contraction is off and a fused multiply-add is written fma().
//
//   scalar_t<F>   float or double            width_v<F>    paths per F
//   mask_t<F>     result of a comparison     bits_t<F>     unsigned lanes as wide as scalar_t<F>
//   philox_blocks random blocks worth generating together: enough to fill the registers (measured)
//   normals_together normals generated together: 64 to memory on packs, a block of 4 to registers on scalar lanes
//   sums_together sums over a long loop that fit the registers beside its operands (measured): 1, 2, 4 or 8
//   word_t<F>     uint32 lanes (random words, indices)
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

#include "kernels/lane/check.hpp"

namespace scorepath::kernels {

template <class F>
struct LaneTraits;
template <>
struct LaneTraits<float> {
  using Scalar = float;
  using Mask = bool;
  using Bits = std::uint32_t;
  using Word = std::uint32_t;
  static constexpr int width = 1;
  static constexpr int philox_blocks = 2;
  static constexpr int normals_together = 4;
  static constexpr int sums_together = 8;
};
template <>
struct LaneTraits<double> {
  using Scalar = double;
  using Mask = bool;
  using Bits = std::uint64_t;
  using Word = std::uint32_t;
  static constexpr int width = 1;
  static constexpr int philox_blocks = 2;
  static constexpr int normals_together = 4;
  static constexpr int sums_together = 8;
};

template <class F>
using scalar_t = typename LaneTraits<F>::Scalar;
template <class F>
using mask_t = typename LaneTraits<F>::Mask;
template <class F>
using bits_t = typename LaneTraits<F>::Bits;
template <class F>
using word_t = typename LaneTraits<F>::Word;
template <class F>
inline constexpr int width_v = LaneTraits<F>::width;
template <class F>
inline constexpr bool is_double_v = sizeof(scalar_t<F>) == 8;

// ---- making lanes ---------------------------------------------------------------------------------------

/// The same value in every lane.
template <class F>
SP_HD F broadcast(scalar_t<F> value) {
  return F(value);
}
/// A constant of the formulas, rounded once to the lane's precision.
template <class F>
SP_HD F constant(double value) {
  return F(static_cast<scalar_t<F>>(value));
}
/// 0, 1, 2, ... : which path of the pack a lane holds.
template <class F>
SP_HD word_t<F> lane_index() {
  return word_t<F>(0);
}
template <class F>
SP_HD F load(const scalar_t<F>* from) {
  return F(*from);
}
SP_HD void store(float* to, float value) { *to = value; }
SP_HD void store(double* to, double value) { *to = value; }
/// table[index[lane]] in every lane.
template <class F>
SP_HD F gather(const scalar_t<F>* table, word_t<F> index) {
  return F(table[index]);
}
template <class F>
SP_HD word_t<F> load_words(const std::uint32_t* from) {
  return F(*from);
}
SP_HD void store_words(std::uint32_t* to, std::uint32_t value) { *to = value; }

// ---- arithmetic (besides + - * / and comparisons) -------------------------------------------------------

SP_HD float fma(float a, float b, float c) {
#if defined(__CUDA_ARCH__)
  return __fmaf_rn(a, b, c);
#else
  return __builtin_fmaf(a, b, c);
#endif
}
SP_HD double fma(double a, double b, double c) {
#if defined(__CUDA_ARCH__)
  return __fma_rn(a, b, c);
#else
  return __builtin_fma(a, b, c);
#endif
}
SP_HD float sqrt(float x) {
#if defined(__CUDA_ARCH__)
  return __fsqrt_rn(x);
#else
  return __builtin_sqrtf(x);
#endif
}
SP_HD double sqrt(double x) {
#if defined(__CUDA_ARCH__)
  return __dsqrt_rn(x);
#else
  return __builtin_sqrt(x);
#endif
}
/// a where a > b, else b (so b where either is NaN, and b for equal zeros): the x86 rule, on every lane type.
SP_HD float max(float a, float b) { return a > b ? a : b; }
SP_HD double max(double a, double b) { return a > b ? a : b; }
/// a where a < b, else b.
SP_HD float min(float a, float b) { return a < b ? a : b; }
SP_HD double min(double a, double b) { return a < b ? a : b; }

SP_HD float select(bool mask, float if_true, float if_false) { return mask ? if_true : if_false; }
SP_HD double select(bool mask, double if_true, double if_false) { return mask ? if_true : if_false; }
SP_HD std::uint32_t select(bool mask, std::uint32_t if_true, std::uint32_t if_false) {
  return mask ? if_true : if_false;
}
SP_HD std::uint64_t select(bool mask, std::uint64_t if_true, std::uint64_t if_false) {
  return mask ? if_true : if_false;
}
/// True where any (all) lanes are.
SP_HD bool any(bool mask) { return mask; }
SP_HD bool all(bool mask) { return mask; }

// ---- bits -----------------------------------------------------------------------------------------------

SP_HD std::uint32_t as_bits(float x) {
  std::uint32_t b;
  std::memcpy(&b, &x, sizeof b);
  return b;
}
SP_HD std::uint64_t as_bits(double x) {
  std::uint64_t b;
  std::memcpy(&b, &x, sizeof b);
  return b;
}
SP_HD float as_real(std::uint32_t b) {
  float x;
  std::memcpy(&x, &b, sizeof x);
  return x;
}
SP_HD double as_real(std::uint64_t b) {
  double x;
  std::memcpy(&x, &b, sizeof x);
  return x;
}
/// Shift right that copies the sign bit.
SP_HD std::uint32_t shift_right_signed(std::uint32_t b, int count) {
  return static_cast<std::uint32_t>(static_cast<std::int32_t>(b) >> count);
}
SP_HD std::uint64_t shift_right_signed(std::uint64_t b, int count) {
  return static_cast<std::uint64_t>(static_cast<std::int64_t>(b) >> count);
}
/// a ^ b ^ c (one instruction where the processor has it).
SP_HD std::uint32_t xor3(std::uint32_t a, std::uint32_t b, std::uint32_t c) { return a ^ b ^ c; }
SP_HD std::uint64_t xor3(std::uint64_t a, std::uint64_t b, std::uint64_t c) { return a ^ b ^ c; }
/// x with its sign flipped where the top bit of b is set.
SP_HD float flip_sign(float x, std::uint32_t b) { return as_real(as_bits(x) ^ (b & 0x80000000u)); }
SP_HD double flip_sign(double x, std::uint32_t b) {
  return as_real(as_bits(x) ^ (static_cast<std::uint64_t>(b & 0x80000000u) << 32));
}
SP_HD float abs(float x) { return as_real(as_bits(x) & 0x7fffffffu); }
SP_HD double abs(double x) { return as_real(as_bits(x) & std::uint64_t{0x7fffffffffffffff}); }
/// Neither infinite nor NaN.
SP_HD bool is_finite(float x) { return (as_bits(x) & 0x7f800000u) != 0x7f800000u; }

// ---- words ----------------------------------------------------------------------------------------------

/// The word read as a signed 32-bit integer, rounded to nearest.
template <class F>
SP_HD F to_real_signed(word_t<F> w) {
  return static_cast<F>(static_cast<std::int32_t>(w));
}
/// Bits of a real lane read as a signed integer (of the lane's width), rounded to nearest.
SP_HD float bits_to_real_signed(std::uint32_t b) { return static_cast<float>(static_cast<std::int32_t>(b)); }
SP_HD double bits_to_real_signed(std::uint64_t b) { return static_cast<double>(static_cast<std::int64_t>(b)); }

/// The two halves of the 64-bit product a m.
SP_HD void multiply_wide(std::uint32_t a, std::uint32_t m, std::uint32_t& high, std::uint32_t& low) {
  const std::uint64_t product = std::uint64_t{a} * m;
  high = static_cast<std::uint32_t>(product >> 32);
  low = static_cast<std::uint32_t>(product);
}

}  // namespace scorepath::kernels
