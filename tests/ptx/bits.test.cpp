// Logic, shifts and bit fields against strings of bits.
#include <gtest/gtest.h>

#include <bitset>

#include "tests/ptx/operands.hpp"

namespace scorepath::ptx::test {
namespace {

template <class T>
constexpr int width_of = 8 * static_cast<int>(sizeof(T));

/// Bit `at` of a, which may lie beyond it: zero there, or the sign.
template <class T>
bool bit_at(T a, std::int64_t at) {
  if (at < 0) return false;
  if (at >= width_of<T>) return std::is_signed_v<T> && a < T{0};
  return std::bitset<64>(static_cast<BitsOf<T>>(a))[static_cast<std::size_t>(at)];
}
/// The number whose bit k is bit(k).
template <class T, class Bit>
T from_bits(const Bit& bit) {
  std::bitset<64> bits;
  for (int k = 0; k < width_of<T>; ++k) bits[static_cast<std::size_t>(k)] = bit(k);
  return static_cast<T>(bits.to_ullong());
}
template <class T>
int highest(T a, bool sign) {
  for (int k = width_of<T> - 1; k >= 0; --k) {
    if (bit_at(a, k) != sign) return k;
  }
  return -1;
}

template <class T>
void check_width(const std::string& bits) {
  using S = std::make_signed_t<T>;
  check_binary<T, T, T>("and.b" + bits + " %x, %a, %b;",
                        [](T a, T b) { return from_bits<T>([&](int k) { return bit_at(a, k) && bit_at(b, k); }); });
  check_binary<T, T, T>("or.b" + bits + " %x, %a, %b;",
                        [](T a, T b) { return from_bits<T>([&](int k) { return bit_at(a, k) || bit_at(b, k); }); });
  check_binary<T, T, T>("xor.b" + bits + " %x, %a, %b;",
                        [](T a, T b) { return from_bits<T>([&](int k) { return bit_at(a, k) != bit_at(b, k); }); });
  check_unary<T, T>("not.b" + bits + " %x, %a;",
                    [](T a) { return from_bits<T>([&](int k) { return !bit_at(a, k); }); });
  check_binary<T, T, std::uint32_t>("shl.b" + bits + " %x, %a, %b;", [](T a, std::uint32_t by) {
    return from_bits<T>([&](int k) { return bit_at(a, k - std::int64_t{by}); });
  });
  for (const std::string kind : {"b", "u"}) {
    check_binary<T, T, std::uint32_t>("shr." + kind + bits + " %x, %a, %b;", [](T a, std::uint32_t by) {
      return from_bits<T>([&](int k) { return bit_at(a, k + std::int64_t{by}); });
    });
  }
  check_binary<S, S, std::uint32_t>("shr.s" + bits + " %x, %a, %b;", [](S a, std::uint32_t by) {
    return from_bits<S>([&](int k) { return bit_at(a, k + std::int64_t{by}); });
  });
}

/// bfe as the PTX manual writes it.
template <class T>
T field(T a, std::uint32_t b, std::uint32_t c) {
  const int msb = width_of<T> - 1, pos = static_cast<int>(b & 255), len = static_cast<int>(c & 255);
  const bool sbit = !std::is_signed_v<T> || len == 0 ? false : bit_at(a, std::min(pos + len - 1, msb));
  return from_bits<T>([&](int k) { return k < len && pos + k <= msb ? bit_at(a, pos + k) : sbit; });
}

template <class T>
void check_fields(const std::string& bits) {
  using S = std::make_signed_t<T>;
  check_unary<T, T>("brev.b" + bits + " %x, %a;",
                    [](T a) { return from_bits<T>([&](int k) { return bit_at(a, width_of<T> - 1 - k); }); });
  check_unary<std::uint32_t, T>("popc.b" + bits + " %x, %a;", [](T a) { return std::bitset<64>(a).count(); });
  check_unary<std::uint32_t, T>("clz.b" + bits + " %x, %a;", [](T a) { return width_of<T> - 1 - highest(a, false); });
  check_unary<std::uint32_t, T>("bfind.u" + bits + " %x, %a;", [](T a) { return highest(a, false); });
  check_unary<std::uint32_t, S>("bfind.s" + bits + " %x, %a;", [](S a) { return highest(a, a < 0); });
  check_unary<std::uint32_t, T>("bfind.shiftamt.u" + bits + " %x, %a;",
                                [](T a) { return highest(a, false) < 0 ? -1 : width_of<T> - 1 - highest(a, false); });
  check_unary<std::uint32_t, S>("bfind.shiftamt.s" + bits + " %x, %a;",
                                [](S a) { return highest(a, a < 0) < 0 ? -1 : width_of<T> - 1 - highest(a, a < 0); });
  check_ternary<T, T, std::uint32_t, std::uint32_t>("bfe.u" + bits + " %x, %a, %b, %c;", field<T>);
  check_ternary<S, S, std::uint32_t, std::uint32_t>("bfe.s" + bits + " %x, %a, %b, %c;", field<S>);
  for (const std::uint32_t length : {0u, 1u, 9u, 32u, 64u, 200u, 259u}) {
    check_ternary<T, T, T, std::uint32_t>(
        "bfi.b" + bits + " %x, %a, %b, %c, " + std::to_string(length) + ";", [&](T a, T b, std::uint32_t c) {
          const int pos = static_cast<int>(c & 255), len = static_cast<int>(length & 255);
          return from_bits<T>([&](int k) { return k >= pos && k < pos + len ? bit_at(a, k - pos) : bit_at(b, k); });
        });
  }
}

TEST(PtxBits, LogicAndShifts) {
  check_width<std::uint16_t>("16");
  check_width<std::uint32_t>("32");
  check_width<std::uint64_t>("64");
}
TEST(PtxBits, Fields) {
  check_fields<std::uint32_t>("32");
  check_fields<std::uint64_t>("64");
}

TEST(PtxBits, Lop3HasEveryTable) {
  using u32 = std::uint32_t;
  for (int table = 0; table < 256; table += table < 16 ? 1 : 13) {
    check_ternary<u32, u32, u32, u32>("lop3.b32 %x, %a, %b, %c, " + std::to_string(table) + ";", [&](u32 a, u32 b,
                                                                                                     u32 c) {
      return from_bits<u32>([&](int k) { return table >> (4 * bit_at(a, k) + 2 * bit_at(b, k) + bit_at(c, k)) & 1; });
    });
  }
}

TEST(PtxBits, FunnelShifts) {
  using u32 = std::uint32_t;
  for (const bool wrap : {true, false}) {
    const std::string mode = wrap ? ".wrap.b32 %x, %a, %b, %c;" : ".clamp.b32 %x, %a, %b, %c;";
    const auto amount = [=](u32 c) { return static_cast<int>(wrap ? c % 32 : std::min(c, 32u)); };
    const auto both = [](u32 a, u32 b, int k) { return k < 0 ? false : k < 32 ? bit_at(a, k) : bit_at(b, k - 32); };
    check_ternary<u32, u32, u32, u32>("shf.r" + mode, [&](u32 a, u32 b, u32 c) {
      return from_bits<u32>([&](int k) { return both(a, b, k + amount(c)); });
    });
    check_ternary<u32, u32, u32, u32>("shf.l" + mode, [&](u32 a, u32 b, u32 c) {
      return from_bits<u32>([&](int k) { return both(a, b, k + 32 - amount(c)); });
    });
  }
}

TEST(PtxBits, Permute) {
  using u32 = std::uint32_t;
  check_ternary<u32, u32, u32, u32>("prmt.b32 %x, %a, %b, %c;", [](u32 a, u32 b, u32 c) {
    std::uint8_t bytes[8];
    for (int k = 0; k < 4; ++k) {
      bytes[k] = static_cast<std::uint8_t>(a >> 8 * k);
      bytes[4 + k] = static_cast<std::uint8_t>(b >> 8 * k);
    }
    return from_bits<u32>([&](int k) {
      const u32 selector = c >> (4 * (k / 8)) & 15;
      return bytes[selector % 8] >> (selector < 8 ? k % 8 : 7) & 1;
    });
  });
}

TEST(PtxBits, Predicates) {
  const std::vector<Flag> a = {Flag::no, Flag::no, Flag::yes, Flag::yes},
                          b = {Flag::no, Flag::yes, Flag::no, Flag::yes};
  EXPECT_EQ(evaluate<Flag>("and.pred %x, %a, %b;", a, b), (std::vector{Flag::no, Flag::no, Flag::no, Flag::yes}));
  EXPECT_EQ(evaluate<Flag>("or.pred %x, %a, %b;", a, b), (std::vector{Flag::no, Flag::yes, Flag::yes, Flag::yes}));
  EXPECT_EQ(evaluate<Flag>("xor.pred %x, %a, %b;", a, b), (std::vector{Flag::no, Flag::yes, Flag::yes, Flag::no}));
  EXPECT_EQ(evaluate<Flag>("not.pred %x, %a;", a), (std::vector{Flag::yes, Flag::yes, Flag::no, Flag::no}));
  EXPECT_EQ(evaluate<Flag>("mov.pred %x, %b;", a, b), b);
}

}  // namespace
}  // namespace scorepath::ptx::test
