// The dialect of the fast kernels: subnormals flushed, and the special function unit's instructions. What a unit
// returns is not specified bit by bit: here it is the exact result, moved by a pseudo-random error of up to the bound
// that kernels/cuda/fast_lane.hpp assumes, so that results show what an error of that size does.
#include <cmath>

#include "tests/ptx/nan.hpp"
#include "tests/ptx/table.hpp"

namespace scorepath::ptx {
namespace {

float flush(float x) { return std::fpclassify(x) == FP_SUBNORMAL ? std::copysign(0.0f, x) : x; }

/// In [-1, 1], as good as random, always the same for the same operand.
double wobble(float x) {
  std::uint64_t z = std::bit_cast<std::uint32_t>(x) * 0x9e3779b97f4a7c15u;
  z = (z ^ z >> 31) * 0xbf58476d1ce4e5b9u;
  return static_cast<double>(static_cast<std::int64_t>(z ^ z >> 29)) * 0x1p-63;
}
float relative(double exact, float operand, double bound) {
  return settle(flush(static_cast<float>(exact * (1.0 + bound * wobble(operand)))));
}
float absolute(double exact, float operand, double bound) {
  return settle(flush(static_cast<float>(exact + bound * wobble(operand))));
}

float add(float a, float b) { return settle(flush(flush(a) + flush(b))); }
float subtract(float a, float b) { return settle(flush(flush(a) - flush(b))); }
float multiply(float a, float b) { return settle(flush(flush(a) * flush(b))); }
float fused(float a, float b, float c) { return settle(flush(__builtin_fmaf(flush(a), flush(b), flush(c)))); }
float divide(float a, float b) { return settle(flush(flush(a) / flush(b))); }
float root(float a) { return settle(flush(std::sqrt(flush(a)))); }
float negate(float a) { return settle(-flush(a)); }
float magnitude(float a) { return settle(std::fabs(flush(a))); }
float greatest(float a, float b) { return a != a ? flush(b) : b != b ? flush(a) : std::fmax(flush(a), flush(b)); }
float least(float a, float b) { return a != a ? flush(b) : b != b ? flush(a) : std::fmin(flush(a), flush(b)); }
float narrow(double a) { return settle(flush(static_cast<float>(a))); }

float exponential(float a) { return relative(std::exp2(static_cast<double>(flush(a))), a, 0x1p-22); }
float logarithm(float a) {
  const double exact = std::log2(static_cast<double>(flush(a)));
  return a > 0.5f && a < 2.0f ? absolute(exact, a, 0x1p-22) : relative(exact, a, 0x1p-22);
}
float quick_root(float a) { return relative(std::sqrt(static_cast<double>(flush(a))), a, 0x1p-22); }
float quick_reciprocal(float a) { return relative(1.0 / static_cast<double>(flush(a)), a, 0x1p-22); }
float quotient(float a, float b) {  // 0 for the largest divisors, as the manual says
  if (std::fabs(b) > 0x1p126f && std::isfinite(b)) return std::copysign(0.0f, a) * std::copysign(1.0f, b);
  return relative(static_cast<double>(flush(a)) / static_cast<double>(flush(b)), b, 0x1p-22);
}
float sine(float a) { return absolute(std::sin(static_cast<double>(flush(a))), a, 0x1p-20); }
float cosine(float a) { return absolute(std::cos(static_cast<double>(flush(a))), a + 1.0f, 0x1p-20); }

}  // namespace

void add_approximate_instructions(Table& table) {
  table["add.ftz.f32"] = lift<add>();
  table["sub.ftz.f32"] = lift<subtract>();
  table["mul.ftz.f32"] = lift<multiply>();
  table["fma.rn.ftz.f32"] = lift<fused>();
  table["div.rn.ftz.f32"] = lift<divide>();
  table["sqrt.rn.ftz.f32"] = lift<root>();
  table["neg.ftz.f32"] = lift<negate>();
  table["abs.ftz.f32"] = lift<magnitude>();
  table["max.ftz.f32"] = lift<greatest>();
  table["min.ftz.f32"] = lift<least>();
  table["cvt.rn.ftz.f32.f64"] = lift<narrow>();
  table["ex2.approx.ftz.f32"] = lift<exponential>();
  table["lg2.approx.ftz.f32"] = lift<logarithm>();
  table["sqrt.approx.ftz.f32"] = lift<quick_root>();
  table["rcp.approx.ftz.f32"] = lift<quick_reciprocal>();
  table["div.approx.ftz.f32"] = lift<quotient>();
  table["sin.approx.ftz.f32"] = lift<sine>();
  table["cos.approx.ftz.f32"] = lift<cosine>();
  // Comparisons flush too, which tells apart only what is below 1e-38: as they are.
  for (const char* condition : {"eq", "ne", "lt", "le", "gt", "ge", "equ", "neu", "ltu", "leu", "gtu", "geu"}) {
    table["setp." + std::string(condition) + ".ftz.f32"] = table.at("setp." + std::string(condition) + ".f32");
  }
}

}  // namespace scorepath::ptx
