// Four paths at once with nothing but the compiler's vector types: any processor, no instruction set assumed.
//
// Where the target has no fused multiply-add, fma() is computed in double with rounding to odd: the product of two
// floats is exact in double, the sum is corrected to odd from its own rounding error, and the final rounding to
// float is then that of the exact value (S. Boldo, G. Melquiond, "Emulation of FMA and correctly rounded sums", 2008).
#pragma once

#include "kernels/lane/lane.hpp"

namespace scorepath::kernels {
namespace baseline {

using U32 [[gnu::vector_size(16)]] = std::uint32_t;
using I32 [[gnu::vector_size(16)]] = std::int32_t;
using F32 [[gnu::vector_size(16)]] = float;
using U64 [[gnu::vector_size(32)]] = std::uint64_t;
using F64 [[gnu::vector_size(32)]] = double;
using I64 [[gnu::vector_size(32)]] = std::int64_t;

struct Mask {
  I32 m;  // all ones or all zeros in each lane
};
SP_HD Mask operator&(Mask a, Mask b) { return {a.m & b.m}; }
SP_HD Mask operator|(Mask a, Mask b) { return {a.m | b.m}; }
SP_HD Mask operator!(Mask a) { return {~a.m}; }
SP_HD bool any(Mask a) { return (a.m[0] | a.m[1] | a.m[2] | a.m[3]) != 0; }
SP_HD bool all(Mask a) { return (a.m[0] & a.m[1] & a.m[2] & a.m[3]) != 0; }

/// 4 x uint32.
struct Words {
  U32 v;
  Words() = default;
  SP_HD explicit Words(U32 native) : v(native) {}
  SP_HD explicit Words(std::uint32_t value) : v(U32{value, value, value, value}) {}
};
SP_HD Words operator+(Words a, Words b) { return Words(a.v + b.v); }
SP_HD Words operator-(Words a, Words b) { return Words(a.v - b.v); }
SP_HD Words operator*(Words a, Words b) { return Words(a.v * b.v); }
SP_HD Words operator&(Words a, Words b) { return Words(a.v & b.v); }
SP_HD Words operator|(Words a, Words b) { return Words(a.v | b.v); }
SP_HD Words operator^(Words a, Words b) { return Words(a.v ^ b.v); }
SP_HD Words operator~(Words a) { return Words(~a.v); }
SP_HD Words operator<<(Words a, int n) { return Words(a.v << static_cast<std::uint32_t>(n)); }
SP_HD Words operator>>(Words a, int n) { return Words(a.v >> static_cast<std::uint32_t>(n)); }
SP_HD Words shift_right_signed(Words a, int n) { return Words(reinterpret_cast<U32>(reinterpret_cast<I32>(a.v) >> n)); }
SP_HD Words xor3(Words a, Words b, Words c) { return a ^ b ^ c; }
SP_HD Mask operator==(Words a, Words b) { return {reinterpret_cast<I32>(a.v == b.v)}; }
SP_HD Mask operator!=(Words a, Words b) { return {reinterpret_cast<I32>(a.v != b.v)}; }
SP_HD Mask operator<(Words a, Words b) { return {reinterpret_cast<I32>(a.v < b.v)}; }
SP_HD Mask operator>(Words a, Words b) { return {reinterpret_cast<I32>(a.v > b.v)}; }
SP_HD Mask operator<=(Words a, Words b) { return {reinterpret_cast<I32>(a.v <= b.v)}; }
SP_HD Mask operator>=(Words a, Words b) { return {reinterpret_cast<I32>(a.v >= b.v)}; }
SP_HD Words select(Mask m, Words a, Words b) {
  const U32 mask = reinterpret_cast<U32>(m.m);
  return Words((a.v & mask) | (b.v & ~mask));
}
SP_HD void store_words(std::uint32_t* to, Words a) { std::memcpy(to, &a.v, sizeof a.v); }

SP_HD void multiply_wide(Words a, std::uint32_t m, Words& high, Words& low) {
  const std::uint64_t factor = m;
  const U64 product = __builtin_convertvector(a.v, U64) * U64{factor, factor, factor, factor};
  high = Words(__builtin_convertvector(product >> 32, U32));
  low = Words(__builtin_convertvector(product, U32));
}

/// 4 x float.
struct Real {
  F32 v;
  Real() = default;
  SP_HD explicit Real(F32 native) : v(native) {}
  SP_HD explicit Real(float value) : v(F32{value, value, value, value}) {}
};
SP_HD Words as_bits(Real a) { return Words(reinterpret_cast<U32>(a.v)); }
SP_HD Real as_real(Words a) { return Real(reinterpret_cast<F32>(a.v)); }
SP_HD Real operator+(Real a, Real b) { return Real(a.v + b.v); }
SP_HD Real operator-(Real a, Real b) { return Real(a.v - b.v); }
SP_HD Real operator*(Real a, Real b) { return Real(a.v * b.v); }
SP_HD Real operator/(Real a, Real b) { return Real(a.v / b.v); }
SP_HD Real operator-(Real a) { return as_real(as_bits(a) ^ Words(0x80000000u)); }
SP_HD Mask operator<(Real a, Real b) { return {a.v < b.v}; }
SP_HD Mask operator<=(Real a, Real b) { return {a.v <= b.v}; }
SP_HD Mask operator>(Real a, Real b) { return {a.v > b.v}; }
SP_HD Mask operator>=(Real a, Real b) { return {a.v >= b.v}; }
SP_HD Mask operator==(Real a, Real b) { return {a.v == b.v}; }
SP_HD Mask operator!=(Real a, Real b) { return {a.v != b.v}; }
SP_HD Real select(Mask m, Real a, Real b) { return as_real(select(m, as_bits(a), as_bits(b))); }
SP_HD Real max(Real a, Real b) { return select(a > b, a, b); }
SP_HD Real min(Real a, Real b) { return select(a < b, a, b); }
SP_HD Real sqrt(Real a) {
  return Real(F32{__builtin_sqrtf(a.v[0]), __builtin_sqrtf(a.v[1]), __builtin_sqrtf(a.v[2]), __builtin_sqrtf(a.v[3])});
}
#if defined(__FMA__) || defined(__ARM_FEATURE_FMA)
SP_HD Real fma(Real a, Real b, Real c) {
  return Real(F32{__builtin_fmaf(a.v[0], b.v[0], c.v[0]), __builtin_fmaf(a.v[1], b.v[1], c.v[1]),
                  __builtin_fmaf(a.v[2], b.v[2], c.v[2]), __builtin_fmaf(a.v[3], b.v[3], c.v[3])});
}
#else
[[maybe_unused]] static SP_HD_CALL Real fma(Real a, Real b, Real c) {
  const F64 p = __builtin_convertvector(a.v, F64) * __builtin_convertvector(b.v, F64);  // exact
  const F64 z = __builtin_convertvector(c.v, F64);
  const F64 s = p + z;
  const F64 part = s - p;
  const F64 error = (p - (s - part)) + (z - part);  // exact: p + z = s + error
  const I64 bits = reinterpret_cast<I64>(s);
  // An inexact sum whose last bit is even moves one unit towards the error, which makes it odd.
  const I64 inexact = reinterpret_cast<I64>(error < 0.0) | reinterpret_cast<I64>(error > 0.0);  // neither for NaN
  const I64 even = (bits & 1) - 1;                                  // all ones where the last bit is 0
  const I64 outward = (reinterpret_cast<I64>(error) ^ bits) >> 63;  // 0: same sign, away from zero; -1: towards it
  return Real(__builtin_convertvector(reinterpret_cast<F64>(bits + (inexact & even & (outward | 1))), F32));
}
#endif
SP_HD void store(float* to, Real a) { std::memcpy(to, &a.v, sizeof a.v); }
SP_HD Real bits_to_real_signed(Words a) { return Real(__builtin_convertvector(reinterpret_cast<I32>(a.v), F32)); }
SP_HD Real abs(Real a) { return as_real(as_bits(a) & Words(0x7fffffffu)); }
SP_HD Real flip_sign(Real x, Words b) { return as_real(as_bits(x) ^ (b & Words(0x80000000u))); }

}  // namespace baseline

template <>
struct LaneTraits<baseline::Real> {
  using Scalar = float;
  using Mask = baseline::Mask;
  using Bits = baseline::Words;
  using Word = baseline::Words;
  static constexpr int width = 4;
  static constexpr int philox_blocks = 2;
  static constexpr int normals_together = 64;
  static constexpr int sums_together = 8;
};
template <>
SP_HD baseline::Words lane_index<baseline::Real>() {
  return baseline::Words(baseline::U32{0, 1, 2, 3});
}
template <>
SP_HD baseline::Real load<baseline::Real>(const float* from) {
  baseline::Real a;
  std::memcpy(&a.v, from, sizeof a.v);
  return a;
}
template <>
SP_HD baseline::Words load_words<baseline::Real>(const std::uint32_t* from) {
  baseline::Words a;
  std::memcpy(&a.v, from, sizeof a.v);
  return a;
}
template <>
SP_HD baseline::Real gather<baseline::Real>(const float* table, baseline::Words index) {
  return baseline::Real(baseline::F32{table[index.v[0]], table[index.v[1]], table[index.v[2]], table[index.v[3]]});
}
template <>
SP_HD baseline::Real to_real_signed<baseline::Real>(baseline::Words w) {
  return bits_to_real_signed(w);
}

}  // namespace scorepath::kernels
