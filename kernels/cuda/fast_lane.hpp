// The fast lane: float on a CUDA thread, elementary functions by the special function unit, products and sums
// contracted, subnormals flushed (compiled with --fmad=true -ftz=true). Deterministic on one GPU model, not the CPU's
// bits.
//
// Assumed of the functions, generously, and not looked up or measured on a device yet: ex2, lg2, sqrt and quotients
// 2^-22 relative (lg2 absolute within [0.5, 2]), sin and cos 2^-20 absolute (tests/ptx/approximate.cpp has the same).
// Every random word maps to the same normal as in reproducible arithmetic, to the error stated at normal_pair().
#pragma once

#include "kernels/lane/elementary.hpp"

namespace scorepath::kernels::cuda {

struct FastReal {
  float v;
  FastReal() = default;
  template <class S, class = std::enable_if_t<std::is_arithmetic_v<S>>>
  SP_HD explicit FastReal(S value) : v(static_cast<float>(value)) {}
  SP_HD explicit operator float() const { return v; }
};

SP_HD FastReal operator+(FastReal a, FastReal b) { return FastReal(a.v + b.v); }
SP_HD FastReal operator-(FastReal a, FastReal b) { return FastReal(a.v - b.v); }
SP_HD FastReal operator-(FastReal a) { return FastReal(-a.v); }
SP_HD FastReal operator*(FastReal a, FastReal b) { return FastReal(a.v * b.v); }
SP_HD FastReal operator/(FastReal a, FastReal b) {
#if defined(__CUDA_ARCH__)
  return FastReal(__fdividef(a.v, b.v));
#else
  return FastReal(a.v / b.v);
#endif
}
SP_HD bool operator<(FastReal a, FastReal b) { return a.v < b.v; }
SP_HD bool operator<=(FastReal a, FastReal b) { return a.v <= b.v; }
SP_HD bool operator>(FastReal a, FastReal b) { return a.v > b.v; }
SP_HD FastReal fma(FastReal a, FastReal b, FastReal c) { return FastReal(kernels::fma(a.v, b.v, c.v)); }
SP_HD FastReal select(bool mask, FastReal if_true, FastReal if_false) { return mask ? if_true : if_false; }

/// One instruction of the special function unit on the device; the host's function elsewhere (tests).
namespace unit {
SP_HD float exp2(float x) {
#if defined(__CUDA_ARCH__)
  float y;
  asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
  return y;
#else
  return __builtin_exp2f(x);
#endif
}
SP_HD float log2(float x) {
#if defined(__CUDA_ARCH__)
  float y;
  asm("lg2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
  return y;
#else
  return __builtin_log2f(x);
#endif
}
SP_HD float sqrt(float x) {
#if defined(__CUDA_ARCH__)
  float y;
  asm("sqrt.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
  return y;
#else
  return __builtin_sqrtf(x);
#endif
}
/// Of |x|: abs without .ftz is no instruction of its own.
SP_HD float sqrt_of_magnitude(float x) {
#if defined(__CUDA_ARCH__)
  float magnitude;
  asm("abs.f32 %0, %1;" : "=f"(magnitude) : "f"(x));
  return sqrt(magnitude);
#else
  return sqrt(__builtin_fabsf(x));
#endif
}
SP_HD void sincos(float x, float& sine, float& cosine) {
#if defined(__CUDA_ARCH__)
  asm("sin.approx.ftz.f32 %0, %1;" : "=f"(sine) : "f"(x));
  asm("cos.approx.ftz.f32 %0, %1;" : "=f"(cosine) : "f"(x));
#else
  sine = __builtin_sinf(x);
  cosine = __builtin_cosf(x);
#endif
}
SP_HD float max(float a, float b) {
#if defined(__CUDA_ARCH__)
  return fmaxf(a, b);
#else
  return a > b ? a : b;
#endif
}
}  // namespace unit

SP_HD FastReal sqrt(FastReal x) { return FastReal(unit::sqrt(x.v)); }
/// The larger; a NaN beside a number is lost here, and comes back through the other operand's sums.
SP_HD FastReal max(FastReal a, FastReal b) { return FastReal(unit::max(a.v, b.v)); }

/// Two normals from two words, as box_muller() of kernels/random/normal.hpp maps them: with theta uniform in [0, pi/2)
/// from the top 23 bits of the second word, R sin(theta) and R cos(theta), R = sqrt(-2 ln u). Error of either below
/// 1.5e-6 R beside 6e-4 where u is next to 1 (lg2 there; R is below 1e-3).
SP_HD void normal_pair(std::uint32_t w_radius, std::uint32_t w_angle, FastReal& z0, FastReal& z1) {
  const float u = kernels::fma(static_cast<float>(w_radius & 0x7fffffffu), 0x1p-31f, 0x1p-32f);
  const float square = unit::log2(u) * -1.3862943611198906f;
  const float radius = unit::sqrt_of_magnitude(square);                      // rounding may leave lg2 above 0
  const float turn = as_real(((w_angle ^ 0x80000000u) >> 9) | 0x3f800000u);  // [1, 2)
  float sine, cosine;
  unit::sincos(kernels::fma(turn, 1.5707963267948966f, -1.5707963267948966f), sine, cosine);
  z0 = FastReal(flip_sign(radius * sine, w_radius));
  z1 = FastReal(flip_sign(radius * cosine, w_angle << 31));
}

}  // namespace scorepath::kernels::cuda

namespace scorepath::kernels {

template <>
struct LaneTraits<cuda::FastReal> : LaneTraits<float> {};

SP_HD void store(float* to, cuda::FastReal value) { *to = value.v; }

template <>
SP_HD cuda::FastReal exp2_nonpositive<cuda::FastReal>(cuda::FastReal x) {
  return cuda::FastReal(cuda::unit::exp2(x.v));
}
template <>
SP_HD cuda::FastReal log2<cuda::FastReal>(cuda::FastReal x) {
  return cuda::FastReal(cuda::unit::log2(x.v));
}
template <>
SP_HD cuda::FastReal normal_quantile_from_word<cuda::FastReal>(std::uint32_t w) {
  return cuda::FastReal(normal_quantile_from_word<float>(w));
}

}  // namespace scorepath::kernels
