// Eight paths at once: the lane contract (kernels/lane/lane.hpp) on AVX2 registers with FMA.
#pragma once

#include <immintrin.h>

#include "kernels/lane/lane.hpp"

namespace scorepath::kernels {
namespace avx2 {

struct Mask {
  __m256i m;  // all ones or all zeros in each 32-bit lane
};
SP_HD Mask operator&(Mask a, Mask b) { return {_mm256_and_si256(a.m, b.m)}; }
SP_HD Mask operator|(Mask a, Mask b) { return {_mm256_or_si256(a.m, b.m)}; }
SP_HD Mask operator!(Mask a) { return {_mm256_xor_si256(a.m, _mm256_set1_epi32(-1))}; }
SP_HD bool any(Mask a) { return _mm256_movemask_ps(_mm256_castsi256_ps(a.m)) != 0; }
SP_HD bool all(Mask a) { return _mm256_movemask_ps(_mm256_castsi256_ps(a.m)) == 0xff; }

/// 8 x uint32.
struct Words {
  __m256i v;
  Words() = default;
  SP_HD explicit Words(__m256i native) : v(native) {}
  SP_HD explicit Words(std::uint32_t value) : v(_mm256_set1_epi32(static_cast<int>(value))) {}
};
SP_HD Words operator+(Words a, Words b) { return Words(_mm256_add_epi32(a.v, b.v)); }
SP_HD Words operator-(Words a, Words b) { return Words(_mm256_sub_epi32(a.v, b.v)); }
SP_HD Words operator*(Words a, Words b) { return Words(_mm256_mullo_epi32(a.v, b.v)); }
SP_HD Words operator&(Words a, Words b) { return Words(_mm256_and_si256(a.v, b.v)); }
SP_HD Words operator|(Words a, Words b) { return Words(_mm256_or_si256(a.v, b.v)); }
SP_HD Words operator^(Words a, Words b) { return Words(_mm256_xor_si256(a.v, b.v)); }
SP_HD Words operator~(Words a) { return Words(_mm256_xor_si256(a.v, _mm256_set1_epi32(-1))); }
SP_HD Words operator<<(Words a, int n) { return Words(_mm256_slli_epi32(a.v, n)); }
SP_HD Words operator>>(Words a, int n) { return Words(_mm256_srli_epi32(a.v, n)); }
SP_HD Words shift_right_signed(Words a, int n) { return Words(_mm256_srai_epi32(a.v, n)); }
SP_HD Words xor3(Words a, Words b, Words c) { return a ^ (b ^ c); }
SP_HD Mask operator==(Words a, Words b) { return {_mm256_cmpeq_epi32(a.v, b.v)}; }
SP_HD Mask operator!=(Words a, Words b) { return !(a == b); }
// Unsigned order: a >= b where max(a, b) is a.
SP_HD Mask operator>=(Words a, Words b) { return {_mm256_cmpeq_epi32(_mm256_max_epu32(a.v, b.v), a.v)}; }
SP_HD Mask operator<=(Words a, Words b) { return b >= a; }
SP_HD Mask operator<(Words a, Words b) { return !(a >= b); }
SP_HD Mask operator>(Words a, Words b) { return !(b >= a); }
SP_HD Words select(Mask m, Words a, Words b) { return Words(_mm256_blendv_epi8(b.v, a.v, m.m)); }
SP_HD void store_words(std::uint32_t* to, Words a) { _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), a.v); }

/// Even and odd lanes multiply apart; the odd ones' product has its high half where it belongs.
SP_HD void multiply_wide(Words a, std::uint32_t m, Words& high, Words& low) {
  const __m256i factor = _mm256_set1_epi32(static_cast<int>(m));
  const __m256i even = _mm256_mul_epu32(a.v, factor);
  const __m256i odd = _mm256_mul_epu32(_mm256_shuffle_epi32(a.v, 0xF5), factor);
  high = Words(_mm256_blend_epi32(_mm256_srli_epi64(even, 32), odd, 0xAA));
  low = Words(_mm256_mullo_epi32(a.v, factor));
}

/// 8 x float.
struct Real {
  __m256 v;
  Real() = default;
  SP_HD explicit Real(__m256 native) : v(native) {}
  SP_HD explicit Real(float value) : v(_mm256_set1_ps(value)) {}
};
SP_HD Real operator+(Real a, Real b) { return Real(_mm256_add_ps(a.v, b.v)); }
SP_HD Real operator-(Real a, Real b) { return Real(_mm256_sub_ps(a.v, b.v)); }
SP_HD Real operator*(Real a, Real b) { return Real(_mm256_mul_ps(a.v, b.v)); }
SP_HD Real operator/(Real a, Real b) { return Real(_mm256_div_ps(a.v, b.v)); }
SP_HD Real operator-(Real a) { return Real(_mm256_xor_ps(a.v, _mm256_set1_ps(-0.0f))); }
SP_HD Mask compare(__m256 result) { return {_mm256_castps_si256(result)}; }
SP_HD Mask operator<(Real a, Real b) { return compare(_mm256_cmp_ps(a.v, b.v, _CMP_LT_OQ)); }
SP_HD Mask operator<=(Real a, Real b) { return compare(_mm256_cmp_ps(a.v, b.v, _CMP_LE_OQ)); }
SP_HD Mask operator>(Real a, Real b) { return compare(_mm256_cmp_ps(a.v, b.v, _CMP_GT_OQ)); }
SP_HD Mask operator>=(Real a, Real b) { return compare(_mm256_cmp_ps(a.v, b.v, _CMP_GE_OQ)); }
SP_HD Mask operator==(Real a, Real b) { return compare(_mm256_cmp_ps(a.v, b.v, _CMP_EQ_OQ)); }
SP_HD Mask operator!=(Real a, Real b) { return compare(_mm256_cmp_ps(a.v, b.v, _CMP_NEQ_UQ)); }
SP_HD Real fma(Real a, Real b, Real c) { return Real(_mm256_fmadd_ps(a.v, b.v, c.v)); }
SP_HD Real sqrt(Real a) { return Real(_mm256_sqrt_ps(a.v)); }
SP_HD Real max(Real a, Real b) { return Real(_mm256_max_ps(a.v, b.v)); }
SP_HD Real min(Real a, Real b) { return Real(_mm256_min_ps(a.v, b.v)); }
SP_HD Real select(Mask m, Real a, Real b) { return Real(_mm256_blendv_ps(b.v, a.v, _mm256_castsi256_ps(m.m))); }
SP_HD void store(float* to, Real a) { _mm256_storeu_ps(to, a.v); }

SP_HD Words as_bits(Real a) { return Words(_mm256_castps_si256(a.v)); }
SP_HD Real as_real(Words a) { return Real(_mm256_castsi256_ps(a.v)); }
SP_HD Real bits_to_real_signed(Words a) { return Real(_mm256_cvtepi32_ps(a.v)); }
SP_HD Real abs(Real a) { return as_real(as_bits(a) & Words(0x7fffffffu)); }
SP_HD Real flip_sign(Real x, Words b) { return as_real(as_bits(x) ^ (b & Words(0x80000000u))); }

}  // namespace avx2

template <>
struct LaneTraits<avx2::Real> {
  using Scalar = float;
  using Mask = avx2::Mask;
  using Bits = avx2::Words;
  using Word = avx2::Words;
  static constexpr int width = 8;
  static constexpr int philox_blocks = 2;
  static constexpr int normals_together = 64;
  static constexpr int sums_together = 8;
};
template <>
SP_HD avx2::Words lane_index<avx2::Real>() {
  return avx2::Words(_mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
template <>
SP_HD avx2::Real load<avx2::Real>(const float* from) {
  return avx2::Real(_mm256_loadu_ps(from));
}
template <>
SP_HD avx2::Words load_words<avx2::Real>(const std::uint32_t* from) {
  return avx2::Words(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)));
}
template <>
SP_HD avx2::Real gather<avx2::Real>(const float* table, avx2::Words index) {
  return avx2::Real(_mm256_i32gather_ps(table, index.v, 4));
}
template <>
SP_HD avx2::Real to_real_signed<avx2::Real>(avx2::Words w) {
  return bits_to_real_signed(w);
}

}  // namespace scorepath::kernels
