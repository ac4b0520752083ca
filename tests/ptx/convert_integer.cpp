// cvt from integers: to integers, and to floats with any rounding. And the copies between registers of other widths
// that the parser puts around an instruction whose register is wider than its type.
#include <cmath>
#include <limits>

#include "tests/ptx/rounding.hpp"
#include "tests/ptx/table.hpp"

namespace scorepath::ptx {
namespace {

/// The register that holds a T: 8 bits live in 16.
template <class T>
using Held =
    std::conditional_t<sizeof(T) == 1, std::conditional_t<std::is_signed_v<T>, std::int16_t, std::uint16_t>, T>;

/// The low bits of S become a D. Of an 8-bit result, the rest of the register is its sign or zeros.
template <class D, class S>
Held<D> to_integer(Held<S> a) {
  return static_cast<Held<D>>(static_cast<D>(static_cast<S>(a)));
}

/// In round-to-nearest, which the host's conversion is; else from the result of that and which side it lies on.
template <class D, class S, Rounding rounding>
D to_float(Held<S> held) {
  const S a = static_cast<S>(held);
  const D nearest = static_cast<D>(a);
  if constexpr (rounding == Rounding::nearest) return nearest;
  // 2^64 and 2^63 do not fit their integer: the nearest float lies above then.
  const bool beyond = nearest >= std::ldexp(D{1}, std::numeric_limits<S>::digits);
  const bool above = beyond || static_cast<S>(nearest) > a;
  const bool below = !beyond && static_cast<S>(nearest) < a;
  return step_towards<rounding>(nearest, above, below);
}

template <class S>
void add_from(Table& table, const std::string& from) {
  const auto add = [&](const std::string& name, Entry entry, bool is_signed) {
    entry.relaxed = true;
    entry.is_signed = is_signed;
    table["cvt." + name + "." + from] = entry;
  };
  add("u8", lift<to_integer<std::uint8_t, S>>(), false);
  add("s8", lift<to_integer<std::int8_t, S>>(), true);
  for_integers([&](const std::string& to, auto example) {
    using D = decltype(example);
    add(to, lift<to_integer<D, S>>(), std::is_signed_v<D>);
  });
  for_floats([&](const std::string& to, auto example) {
    using D = decltype(example);
    add("rn." + to, lift<to_float<D, S, Rounding::nearest>>(), false);
    add("rz." + to, lift<to_float<D, S, Rounding::zero>>(), false);
    add("rm." + to, lift<to_float<D, S, Rounding::down>>(), false);
    add("rp." + to, lift<to_float<D, S, Rounding::up>>(), false);
  });
}

template <class D, class S>
D resize(S a) {
  return static_cast<D>(a);
}
template <class S, class U>
Handler resize_from(unsigned to, bool is_signed) {
  if (to == 2) return is_signed ? lift<resize<std::int16_t, S>>().handler : lift<resize<std::uint16_t, U>>().handler;
  if (to == 4) return is_signed ? lift<resize<std::int32_t, S>>().handler : lift<resize<std::uint32_t, U>>().handler;
  return is_signed ? lift<resize<std::int64_t, S>>().handler : lift<resize<std::uint64_t, U>>().handler;
}

}  // namespace

Handler resize_handler(unsigned from, unsigned to, bool is_signed) {
  if (from == 2) return resize_from<std::int16_t, std::uint16_t>(to, is_signed);
  if (from == 4) return resize_from<std::int32_t, std::uint32_t>(to, is_signed);
  return resize_from<std::int64_t, std::uint64_t>(to, is_signed);
}

void add_integer_conversions(Table& table) {
  add_from<std::uint8_t>(table, "u8");
  add_from<std::int8_t>(table, "s8");
  for_integers([&](const std::string& from, auto example) { add_from<decltype(example)>(table, from); });
}

}  // namespace scorepath::ptx
