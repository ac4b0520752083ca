// Operands for the tables of tests: the values where mistakes show, then random bits; and what to compare results with.
#pragma once

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <type_traits>
#include <vector>

#include "tests/ptx/snippet.hpp"
#include "tests/support/seed.hpp"

namespace scorepath::ptx::test {

template <class T>
using BitsOf = std::conditional_t<sizeof(T) == 1, std::uint8_t,
                                  std::conditional_t<sizeof(T) == 2, std::uint16_t,
                                                     std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>>>;
template <class T>
BitsOf<T> bits_of(T value) {
  return std::bit_cast<BitsOf<T>>(value);
}

template <class T>
std::vector<T> edges() {
  using Limits = std::numeric_limits<T>;
  if constexpr (std::is_floating_point_v<T>) {
    const T one_up = std::nextafter(T{1}, T{2}), huge = std::ldexp(T{1}, Limits::digits);
    std::vector<T> values = {T{0},
                             Limits::denorm_min(),
                             3 * Limits::denorm_min(),
                             Limits::min() - Limits::denorm_min(),
                             Limits::min(),
                             T{1},
                             one_up,
                             T(1.5),
                             T(2.5),
                             T{3},
                             huge - 1,
                             huge,
                             huge + 2,
                             T(1e-20),
                             Limits::max(),
                             Limits::infinity(),
                             T(2147483648.0),
                             T(9223372036854775808.0),
                             T(127.5),
                             T(255.5),
                             T(32767.5),
                             T(65535.5),
                             T(0.5),
                             std::nextafter(T(0.5), T{0})};
    const std::size_t positive = values.size();
    for (std::size_t k = 0; k < positive; ++k) values.push_back(-values[k]);
    using B = BitsOf<T>;
    const B quiet = bits_of(Limits::quiet_NaN()), sign = B{1} << (8 * sizeof(T) - 1);
    const B signalling = (quiet ^ (quiet & (~quiet + 1))) | 5;  // the quiet bit off, another one on
    for (const B nan : {quiet, quiet | sign, quiet | 77, signalling, static_cast<B>(~B{0})}) {
      values.push_back(std::bit_cast<T>(nan));
    }
    return values;
  } else {
    std::vector<T> values;
    for (const int small : {0, 1, 2, 3, 5, 7, 8, 15, 16, 31, 32, 33, 63, 64, 65, 127, -1, -2, -7, -128}) {
      values.push_back(static_cast<T>(small));
    }
    for (const T extreme :
         {Limits::min(), Limits::max(), static_cast<T>(Limits::max() / 2), static_cast<T>(Limits::max() - 1),
          static_cast<T>(Limits::min() + 1), static_cast<T>(Limits::max() / 2 + 1)}) {
      values.push_back(extreme);
    }
    return values;
  }
}

/// Random bits; of floats, half of them of moderate size, where roundings matter.
template <class T>
std::vector<T> random_values(std::size_t count, std::uint64_t stream) {
  std::mt19937_64 words(scorepath::test::test_seed() + stream);
  std::vector<T> values(count);
  for (std::size_t k = 0; k < count; ++k) {
    values[k] = std::bit_cast<T>(static_cast<BitsOf<T>>(words()));
    if constexpr (std::is_floating_point_v<T>) {
      if (k % 2 == 0)
        values[k] = std::ldexp(static_cast<T>(static_cast<std::int64_t>(words())), static_cast<int>(words() % 90) - 90);
    }
  }
  return values;
}

template <class... A>
struct Operands;
template <class A>
struct Operands<A> {
  std::vector<A> a;
};
template <class A, class B>
struct Operands<A, B> {
  std::vector<A> a;
  std::vector<B> b;
};
template <class A, class B, class C>
struct Operands<A, B, C> {
  std::vector<A> a;
  std::vector<B> b;
  std::vector<C> c;
};

constexpr std::size_t random_count = 2000;

template <class A>
std::vector<A> unary_operands() {
  std::vector<A> a = edges<A>(), more = random_values<A>(random_count, 1);
  a.insert(a.end(), more.begin(), more.end());
  return a;
}
/// Every edge with every edge, then random pairs.
template <class A, class B>
Operands<A, B> binary_operands() {
  Operands<A, B> result;
  for (const A a : edges<A>()) {
    for (const B b : edges<B>()) {
      result.a.push_back(a);
      result.b.push_back(b);
    }
  }
  const std::vector<A> a = random_values<A>(random_count, 1);
  const std::vector<B> b = random_values<B>(random_count, 2);
  result.a.insert(result.a.end(), a.begin(), a.end());
  result.b.insert(result.b.end(), b.begin(), b.end());
  return result;
}
/// Every third edge with every other, then random triples.
template <class A, class B, class C>
Operands<A, B, C> ternary_operands() {
  Operands<A, B, C> result;
  const std::vector<A> as = edges<A>();
  const std::vector<B> bs = edges<B>();
  const std::vector<C> cs = edges<C>();
  for (std::size_t i = 0; i < as.size(); ++i) {
    for (std::size_t j = i % 2; j < bs.size(); j += 2) {
      for (std::size_t k = (i + j) % 3; k < cs.size(); k += 3) {
        result.a.push_back(as[i]);
        result.b.push_back(bs[j]);
        result.c.push_back(cs[k]);
      }
    }
  }
  const std::vector<A> a = random_values<A>(random_count, 1);
  const std::vector<B> b = random_values<B>(random_count, 2);
  const std::vector<C> c = random_values<C>(random_count, 3);
  result.a.insert(result.a.end(), a.begin(), a.end());
  result.b.insert(result.b.end(), b.begin(), b.end());
  result.c.insert(result.c.end(), c.begin(), c.end());
  return result;
}

/// Checks `instruction` (operands %a, %b, %c, result %x) against want(a, ...) bit for bit.
template <class R, class A, class Want>
void check_unary(const std::string& instruction, const Want& want) {
  const std::vector<A> a = unary_operands<A>();
  const std::vector<R> x = evaluate<R>(instruction, a);
  for (std::size_t k = 0; k < x.size(); ++k) {
    ASSERT_EQ(bits_of(x[k]), bits_of(static_cast<R>(want(a[k]))))
        << instruction << std::hex << ", a " << +bits_of(a[k]);
  }
}
template <class R, class A, class B, class Want>
void check_binary(const std::string& instruction, const Want& want) {
  const Operands<A, B> with = binary_operands<A, B>();
  const std::vector<R> x = evaluate<R>(instruction, with.a, with.b);
  for (std::size_t k = 0; k < x.size(); ++k) {
    ASSERT_EQ(bits_of(x[k]), bits_of(static_cast<R>(want(with.a[k], with.b[k]))))
        << instruction << std::hex << ", a " << +bits_of(with.a[k]) << ", b " << +bits_of(with.b[k]);
  }
}
template <class R, class A, class B, class C, class Want>
void check_ternary(const std::string& instruction, const Want& want) {
  const Operands<A, B, C> with = ternary_operands<A, B, C>();
  const std::vector<R> x = evaluate<R>(instruction, with.a, with.b, with.c);
  for (std::size_t k = 0; k < x.size(); ++k) {
    ASSERT_EQ(bits_of(x[k]), bits_of(static_cast<R>(want(with.a[k], with.b[k], with.c[k]))))
        << instruction << std::hex << ", a " << +bits_of(with.a[k]) << ", b " << +bits_of(with.b[k]) << ", c "
        << +bits_of(with.c[k]);
  }
}

}  // namespace scorepath::ptx::test
