// Floating-point arithmetic, rounded to nearest. The host's operations are the IEEE ones: this source must be compiled
// without contraction and without fast-math, as all of scorepath is.
#include <cmath>

#include "tests/ptx/nan.hpp"
#include "tests/ptx/table.hpp"

namespace scorepath::ptx {
namespace {

template <class T>
using Bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
template <class T>
inline constexpr Bits<T> sign_bit = Bits<T>{1} << (8 * sizeof(T) - 1);

template <class T>
T add(T a, T b) {
  return settle(a + b, a, b);
}
template <class T>
T subtract(T a, T b) {
  return settle(a - b, a, b);
}
template <class T>
T multiply(T a, T b) {
  return settle(a * b, a, b);
}
template <class T>
T divide(T a, T b) {
  return settle(a / b, a, b);
}
template <class T>
T reciprocal(T a) {
  return settle(T{1} / a, a);
}
template <class T>
T root(T a) {
  return settle(std::sqrt(a), a);
}
float multiply_add(float a, float b, float c) { return settle(__builtin_fmaf(a, b, c)); }
double multiply_add(double a, double b, double c) {
  const double result = __builtin_fma(a, b, c);
  return result == result ? result : double_nan;
}
template <class T>
T fused(T a, T b, T c) {
  return multiply_add(a, b, c);
}
template <class T>
T negate(T a) {
  const T result = std::bit_cast<T>(std::bit_cast<Bits<T>>(a) ^ sign_bit<T>);
  if constexpr (sizeof(T) == 4) return settle(result);
  return result;
}
template <class T>
T absolute(T a) {
  const T result = std::bit_cast<T>(std::bit_cast<Bits<T>>(a) & ~sign_bit<T>);
  if constexpr (sizeof(T) == 4) return settle(result);
  return result;
}
/// PTX: the sign of a, the rest of b.
template <class T>
T copy_sign(T a, T b) {
  return std::bit_cast<T>((std::bit_cast<Bits<T>>(a) & sign_bit<T>) | (std::bit_cast<Bits<T>>(b) & ~sign_bit<T>));
}
/// The other operand where one is a NaN; -0 is less than +0.
template <class T>
T least(T a, T b) {
  if (a != a && b != b) return settle(a, a, b);
  if (a != a) return b;
  if (b != b) return a;
  if (a == b) return std::signbit(a) ? a : b;
  return a < b ? a : b;
}
template <class T>
T greatest(T a, T b) {
  if (a != a && b != b) return settle(a, a, b);
  if (a != a) return b;
  if (b != b) return a;
  if (a == b) return std::signbit(a) ? b : a;
  return a > b ? a : b;
}
float least_or_nan(float a, float b) { return a == a && b == b ? least(a, b) : float_nan; }
float greatest_or_nan(float a, float b) { return a == a && b == b ? greatest(a, b) : float_nan; }

template <class T>
bool is_finite(T a) {
  return std::isfinite(a);
}
template <class T>
bool is_infinite(T a) {
  return std::isinf(a);
}
template <class T>
bool is_number(T a) {
  return a == a;
}
template <class T>
bool is_not_a_number(T a) {
  return a != a;
}
/// PTX counts zeros as normal.
template <class T>
bool is_normal(T a) {
  return std::isnormal(a) || a == 0;
}
template <class T>
bool is_subnormal(T a) {
  return std::isfinite(a) && !std::isnormal(a) && a != 0;
}

}  // namespace

void add_float_instructions(Table& table) {
  for_floats([&](const std::string& type, auto example) {
    using T = decltype(example);
    table["add.rn." + type] = lift<add<T>>();
    table["sub.rn." + type] = lift<subtract<T>>();
    table["mul.rn." + type] = lift<multiply<T>>();
    table["fma.rn." + type] = lift<fused<T>>();
    table["div.rn." + type] = lift<divide<T>>();
    table["rcp.rn." + type] = lift<reciprocal<T>>();
    table["sqrt.rn." + type] = lift<root<T>>();
    table["neg." + type] = lift<negate<T>>();
    table["abs." + type] = lift<absolute<T>>();
    table["min." + type] = lift<least<T>>();
    table["max." + type] = lift<greatest<T>>();
    table["copysign." + type] = lift<copy_sign<T>>();
    table["testp.finite." + type] = lift<is_finite<T>>();
    table["testp.infinite." + type] = lift<is_infinite<T>>();
    table["testp.number." + type] = lift<is_number<T>>();
    table["testp.notanumber." + type] = lift<is_not_a_number<T>>();
    table["testp.normal." + type] = lift<is_normal<T>>();
    table["testp.subnormal." + type] = lift<is_subnormal<T>>();
  });
  table["min.NaN.f32"] = lift<least_or_nan>();
  table["max.NaN.f32"] = lift<greatest_or_nan>();
}

}  // namespace scorepath::ptx
