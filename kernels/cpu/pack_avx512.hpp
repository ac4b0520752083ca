// Sixteen paths at once: the lane contract (kernels/lane/lane.hpp) on AVX-512 registers.
#pragma once

#include <immintrin.h>

#include "kernels/lane/lane.hpp"

namespace scorepath::kernels {
namespace avx512 {

struct Mask {
  __mmask16 m;
};
SP_HD Mask operator&(Mask a, Mask b) { return {static_cast<__mmask16>(a.m & b.m)}; }
SP_HD Mask operator|(Mask a, Mask b) { return {static_cast<__mmask16>(a.m | b.m)}; }
SP_HD Mask operator!(Mask a) { return {static_cast<__mmask16>(~a.m)}; }
SP_HD bool any(Mask a) { return a.m != 0; }
SP_HD bool all(Mask a) { return a.m == 0xffff; }

/// 16 x uint32.
struct Words {
  __m512i v;
  Words() = default;
  SP_HD explicit Words(__m512i native) : v(native) {}
  SP_HD explicit Words(std::uint32_t value) : v(_mm512_set1_epi32(static_cast<int>(value))) {}
};
SP_HD Words operator+(Words a, Words b) { return Words(_mm512_add_epi32(a.v, b.v)); }
SP_HD Words operator-(Words a, Words b) { return Words(_mm512_sub_epi32(a.v, b.v)); }
SP_HD Words operator*(Words a, Words b) { return Words(_mm512_mullo_epi32(a.v, b.v)); }
SP_HD Words operator&(Words a, Words b) { return Words(_mm512_and_si512(a.v, b.v)); }
SP_HD Words operator|(Words a, Words b) { return Words(_mm512_or_si512(a.v, b.v)); }
SP_HD Words operator^(Words a, Words b) { return Words(_mm512_xor_si512(a.v, b.v)); }
SP_HD Words operator~(Words a) { return Words(_mm512_ternarylogic_epi32(a.v, a.v, a.v, 0x55)); }
SP_HD Words operator<<(Words a, int n) { return Words(_mm512_slli_epi32(a.v, static_cast<unsigned>(n))); }
SP_HD Words operator>>(Words a, int n) { return Words(_mm512_srli_epi32(a.v, static_cast<unsigned>(n))); }
SP_HD Words shift_right_signed(Words a, int n) { return Words(_mm512_srai_epi32(a.v, static_cast<unsigned>(n))); }
SP_HD Words xor3(Words a, Words b, Words c) { return Words(_mm512_ternarylogic_epi32(a.v, b.v, c.v, 0x96)); }
SP_HD Mask operator==(Words a, Words b) { return {_mm512_cmpeq_epi32_mask(a.v, b.v)}; }
SP_HD Mask operator!=(Words a, Words b) { return {_mm512_cmpneq_epi32_mask(a.v, b.v)}; }
SP_HD Mask operator<(Words a, Words b) { return {_mm512_cmplt_epu32_mask(a.v, b.v)}; }
SP_HD Mask operator>(Words a, Words b) { return {_mm512_cmpgt_epu32_mask(a.v, b.v)}; }
SP_HD Mask operator<=(Words a, Words b) { return {_mm512_cmple_epu32_mask(a.v, b.v)}; }
SP_HD Mask operator>=(Words a, Words b) { return {_mm512_cmpge_epu32_mask(a.v, b.v)}; }
SP_HD Words select(Mask m, Words a, Words b) { return Words(_mm512_mask_blend_epi32(m.m, b.v, a.v)); }
SP_HD void store_words(std::uint32_t* to, Words a) { _mm512_storeu_si512(to, a.v); }

/// Even and odd lanes multiply apart; a masked shuffle puts the halves of the two products together.
SP_HD void multiply_wide(Words a, std::uint32_t m, Words& high, Words& low) {
  const __m512i factor = _mm512_set1_epi32(static_cast<int>(m));
  const __m512i even = _mm512_mul_epu32(a.v, factor);
  const __m512i odd = _mm512_mul_epu32(_mm512_srli_epi64(a.v, 32), factor);
  high = Words(_mm512_mask_shuffle_epi32(odd, 0x5555, even, _MM_PERM_DDBB));
  low = Words(_mm512_mask_shuffle_epi32(even, 0xAAAA, odd, _MM_PERM_CCAA));
}

/// 16 x float.
struct Real {
  __m512 v;
  Real() = default;
  SP_HD explicit Real(__m512 native) : v(native) {}
  SP_HD explicit Real(float value) : v(_mm512_set1_ps(value)) {}
};
SP_HD Real operator+(Real a, Real b) { return Real(_mm512_add_ps(a.v, b.v)); }
SP_HD Real operator-(Real a, Real b) { return Real(_mm512_sub_ps(a.v, b.v)); }
SP_HD Real operator*(Real a, Real b) { return Real(_mm512_mul_ps(a.v, b.v)); }
SP_HD Real operator/(Real a, Real b) { return Real(_mm512_div_ps(a.v, b.v)); }
SP_HD Real operator-(Real a) {
  return Real(_mm512_castsi512_ps(_mm512_xor_si512(_mm512_castps_si512(a.v), _mm512_set1_epi32(INT32_MIN))));
}
SP_HD Mask operator<(Real a, Real b) { return {_mm512_cmp_ps_mask(a.v, b.v, _CMP_LT_OQ)}; }
SP_HD Mask operator<=(Real a, Real b) { return {_mm512_cmp_ps_mask(a.v, b.v, _CMP_LE_OQ)}; }
SP_HD Mask operator>(Real a, Real b) { return {_mm512_cmp_ps_mask(a.v, b.v, _CMP_GT_OQ)}; }
SP_HD Mask operator>=(Real a, Real b) { return {_mm512_cmp_ps_mask(a.v, b.v, _CMP_GE_OQ)}; }
SP_HD Mask operator==(Real a, Real b) { return {_mm512_cmp_ps_mask(a.v, b.v, _CMP_EQ_OQ)}; }
SP_HD Mask operator!=(Real a, Real b) { return {_mm512_cmp_ps_mask(a.v, b.v, _CMP_NEQ_UQ)}; }
SP_HD Real fma(Real a, Real b, Real c) { return Real(_mm512_fmadd_ps(a.v, b.v, c.v)); }
SP_HD Real sqrt(Real a) { return Real(_mm512_sqrt_ps(a.v)); }
SP_HD Real max(Real a, Real b) { return Real(_mm512_max_ps(a.v, b.v)); }
SP_HD Real min(Real a, Real b) { return Real(_mm512_min_ps(a.v, b.v)); }
SP_HD Real select(Mask m, Real a, Real b) { return Real(_mm512_mask_blend_ps(m.m, b.v, a.v)); }
SP_HD void store(float* to, Real a) { _mm512_storeu_ps(to, a.v); }

SP_HD Words as_bits(Real a) { return Words(_mm512_castps_si512(a.v)); }
SP_HD Real as_real(Words a) { return Real(_mm512_castsi512_ps(a.v)); }
SP_HD Real bits_to_real_signed(Words a) { return Real(_mm512_cvtepi32_ps(a.v)); }
SP_HD Real abs(Real a) { return as_real(as_bits(a) & Words(0x7fffffffu)); }
SP_HD Real flip_sign(Real x, Words b) {  // x ^ (b & 0x80000000)
  return Real(_mm512_castsi512_ps(
      _mm512_ternarylogic_epi32(_mm512_castps_si512(x.v), b.v, _mm512_set1_epi32(INT32_MIN), 0x78)));
}

}  // namespace avx512

template <>
struct LaneTraits<avx512::Real> {
  using Scalar = float;
  using Mask = avx512::Mask;
  using Bits = avx512::Words;
  using Word = avx512::Words;
  static constexpr int width = 16;
  static constexpr int philox_blocks = 4;
  static constexpr int normals_together = 64;
  static constexpr int sums_together = 8;
};
template <>
SP_HD avx512::Words lane_index<avx512::Real>() {
  return avx512::Words(_mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
}
template <>
SP_HD avx512::Real load<avx512::Real>(const float* from) {
  return avx512::Real(_mm512_loadu_ps(from));
}
template <>
SP_HD avx512::Words load_words<avx512::Real>(const std::uint32_t* from) {
  return avx512::Words(_mm512_loadu_si512(from));
}
template <>
SP_HD avx512::Real gather<avx512::Real>(const float* table, avx512::Words index) {
  return avx512::Real(_mm512_i32gather_ps(index.v, table, 4));
}
template <>
SP_HD avx512::Real to_real_signed<avx512::Real>(avx512::Words w) {
  return bits_to_real_signed(w);
}

}  // namespace scorepath::kernels
