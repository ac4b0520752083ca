// Integer arithmetic. It wraps; PTX defines what C++ does not: division by zero gives all ones, and the least integer
// divided by -1 (or negated) is itself.
#include <limits>
#include <type_traits>

#include "tests/ptx/table.hpp"

namespace scorepath::ptx {
namespace {

template <class T>
using Unsigned = std::make_unsigned_t<T>;
/// Wide enough for the arithmetic of T without overflow traps: C++ would promote 16 bits to a signed int.
template <class T>
using Wrapping = std::conditional_t<sizeof(T) == 8, std::uint64_t, std::uint32_t>;
/// The type of twice the width and the same sign.
template <class T>
struct Double;
template <>
struct Double<std::uint16_t> {
  using type = std::uint32_t;
};
template <>
struct Double<std::int16_t> {
  using type = std::int32_t;
};
template <>
struct Double<std::uint32_t> {
  using type = std::uint64_t;
};
template <>
struct Double<std::int32_t> {
  using type = std::int64_t;
};
template <>
struct Double<std::uint64_t> {
  __extension__ using type = unsigned __int128;
};
template <>
struct Double<std::int64_t> {
  __extension__ using type = __int128;
};
template <class T>
using Wide = typename Double<T>::type;

template <class T>
T add(T a, T b) {
  return static_cast<T>(static_cast<Wrapping<T>>(a) + static_cast<Wrapping<T>>(b));
}
template <class T>
T subtract(T a, T b) {
  return static_cast<T>(static_cast<Wrapping<T>>(a) - static_cast<Wrapping<T>>(b));
}
template <class T>
T multiply(T a, T b) {
  return static_cast<T>(static_cast<Wrapping<T>>(a) * static_cast<Wrapping<T>>(b));
}
template <class T>
Wide<T> multiply_wide(T a, T b) {
  return static_cast<Wide<T>>(static_cast<Wide<T>>(a) * static_cast<Wide<T>>(b));
}
template <class T>
T multiply_high(T a, T b) {
  return static_cast<T>(static_cast<Wide<T>>(a) * static_cast<Wide<T>>(b) >> (8 * sizeof(T)));
}
template <class T>
T multiply_add(T a, T b, T c) {
  return add(multiply(a, b), c);
}
template <class T>
T multiply_high_add(T a, T b, T c) {
  return add(multiply_high(a, b), c);
}
template <class T>
Wide<T> multiply_wide_add(T a, T b, Wide<T> c) {
  return add(multiply_wide(a, b), c);
}
template <class T>
T divide(T a, T b) {
  if (b == 0) return static_cast<T>(~T{0});
  if constexpr (std::is_signed_v<T>) {
    if (b == -1) return subtract(T{0}, a);
  }
  return static_cast<T>(a / b);
}
/// a - b (a / b): a itself where b is zero.
template <class T>
T remainder(T a, T b) {
  return subtract(a, multiply(divide(a, b), b));
}
template <class T>
T least(T a, T b) {
  return a < b ? a : b;
}
template <class T>
T greatest(T a, T b) {
  return a > b ? a : b;
}
template <class T>
T negate(T a) {
  return subtract(T{0}, a);
}
template <class T>
T absolute(T a) {
  return a < 0 ? subtract(T{0}, a) : a;
}

}  // namespace

void add_integer_instructions(Table& table) {
  for_integers([&](const std::string& type, auto example) {
    using T = decltype(example);
    table["add." + type] = lift<add<T>>();
    table["sub." + type] = lift<subtract<T>>();
    table["mul.lo." + type] = lift<multiply<T>>();
    table["mul.hi." + type] = lift<multiply_high<T>>();
    table["mad.lo." + type] = lift<multiply_add<T>>();
    table["mad.hi." + type] = lift<multiply_high_add<T>>();
    table["div." + type] = lift<divide<T>>();
    table["rem." + type] = lift<remainder<T>>();
    table["min." + type] = lift<least<T>>();
    table["max." + type] = lift<greatest<T>>();
    if constexpr (std::is_signed_v<T>) {
      table["neg." + type] = lift<negate<T>>();
      table["abs." + type] = lift<absolute<T>>();
    }
    if constexpr (sizeof(T) < 8) {
      table["mul.wide." + type] = lift<multiply_wide<T>>();
      table["mad.wide." + type] = lift<multiply_wide_add<T>>();
    }
  });
}

}  // namespace scorepath::ptx
