// cvt from floats: to integers, which saturates, and to floats.
#include <cmath>
#include <limits>

#include "tests/ptx/nan.hpp"
#include "tests/ptx/rounding.hpp"
#include "tests/ptx/table.hpp"

namespace scorepath::ptx {
namespace {

template <class T>
using Held =
    std::conditional_t<sizeof(T) == 1, std::conditional_t<std::is_signed_v<T>, std::int16_t, std::uint16_t>, T>;

/// PTX: a NaN gives zero, but the integer with the top bit alone where the source is .f64 or the result has 64 bits.
template <class D, class S>
constexpr D integer_of_nan() {
  if constexpr (sizeof(S) == 4 && sizeof(D) < 8) return D{0};
  return static_cast<D>(D{1} << (8 * sizeof(D) - 1));
}

template <class D, class S, Rounding rounding>
Held<D> to_integer(S a) {
  if (a != a) return integer_of_nan<D, S>();
  const S whole = to_integral<rounding>(a);
  // Both bounds are powers of two (or zero), so exact.
  const S end = std::ldexp(S{1}, std::numeric_limits<D>::digits);
  if (whole >= end) return std::numeric_limits<D>::max();
  if (whole <= (std::is_signed_v<D> ? -end : S{0})) return std::numeric_limits<D>::min();
  return static_cast<D>(whole);
}

template <Rounding rounding>
float narrow(double a) {
  if (a != a) return float_nan;
  const float nearest = static_cast<float>(a);
  return step_towards<rounding>(nearest, static_cast<double>(nearest) > a, static_cast<double>(nearest) < a);
}
double widen(float a) { return a == a ? static_cast<double>(a) : quieted(static_cast<double>(a)); }

template <class T, Rounding rounding>
T to_whole(T a) {
  return settle(to_integral<rounding>(a), a);
}

template <class S, Rounding rounding>
void add_rounding(Table& table, const std::string& mode, const std::string& from) {
  const auto add = [&](const std::string& to, Entry entry, bool is_signed) {
    entry.relaxed = true;
    entry.is_signed = is_signed;
    table["cvt." + mode + "." + to + "." + from] = entry;
  };
  add("u8", lift<to_integer<std::uint8_t, S, rounding>>(), false);
  add("s8", lift<to_integer<std::int8_t, S, rounding>>(), true);
  for_integers([&](const std::string& to, auto example) {
    using D = decltype(example);
    add(to, lift<to_integer<D, S, rounding>>(), std::is_signed_v<D>);
  });
  table["cvt." + mode + "." + from + "." + from] = lift<to_whole<S, rounding>>();
}

template <class S>
void add_from(Table& table, const std::string& from) {
  add_rounding<S, Rounding::nearest>(table, "rni", from);
  add_rounding<S, Rounding::zero>(table, "rzi", from);
  add_rounding<S, Rounding::down>(table, "rmi", from);
  add_rounding<S, Rounding::up>(table, "rpi", from);
}

}  // namespace

void add_float_conversions(Table& table) {
  for_floats([&](const std::string& from, auto example) { add_from<decltype(example)>(table, from); });
  table["cvt.rn.f32.f64"] = lift<narrow<Rounding::nearest>>();
  table["cvt.rz.f32.f64"] = lift<narrow<Rounding::zero>>();
  table["cvt.rm.f32.f64"] = lift<narrow<Rounding::down>>();
  table["cvt.rp.f32.f64"] = lift<narrow<Rounding::up>>();
  table["cvt.f64.f32"] = lift<widen>();
}

}  // namespace scorepath::ptx
