// Logic, shifts and bit fields. Shifts by the width or more give zeros (or sign bits), as PTX says and C++ does not.
#include <algorithm>
#include <bit>
#include <type_traits>

#include "tests/ptx/table.hpp"

namespace scorepath::ptx {
namespace {

using u32 = std::uint32_t;
using u64 = std::uint64_t;

template <class T>
inline constexpr u32 width = 8 * sizeof(T);

template <class T>
T both(T a, T b) {
  return static_cast<T>(a & b);
}
template <class T>
T either(T a, T b) {
  return static_cast<T>(a | b);
}
template <class T>
T differ(T a, T b) {
  return static_cast<T>(a ^ b);
}
template <class T>
T complement(T a) {
  return static_cast<T>(~a);
}
bool opposite(bool a) { return !a; }

template <class T>
T shift_left(T a, u32 by) {
  return by >= width<T> ? T{0} : static_cast<T>(a << by);
}
template <class T>
T shift_right(T a, u32 by) {
  if constexpr (std::is_signed_v<T>) {
    return static_cast<T>(a >> std::min(by, width<T> - 1));
  } else {
    return by >= width<T> ? T{0} : static_cast<T>(a >> by);
  }
}
u32 funnel_left(u32 low, u32 high, u32 by) { return by == 0 ? high : by >= 32 ? low : high << by | low >> (32 - by); }
u32 funnel_right(u32 low, u32 high, u32 by) { return by == 0 ? low : by >= 32 ? high : high << (32 - by) | low >> by; }
u32 funnel_left_wrap(u32 low, u32 high, u32 by) { return funnel_left(low, high, by & 31); }
u32 funnel_right_wrap(u32 low, u32 high, u32 by) { return funnel_right(low, high, by & 31); }

/// prmt: each nibble of the selector names one of eight bytes; its top bit asks for that byte's sign everywhere.
u32 permute(u32 a, u32 b, u32 selector) {
  const u64 bytes = u64{b} << 32 | a;
  u32 result = 0;
  for (u32 k = 0; k < 4; ++k) {
    const u32 nibble = selector >> (4 * k) & 15;
    u32 byte = static_cast<u32>(bytes >> (8 * (nibble & 7))) & 255;
    if (nibble & 8) byte = byte & 128 ? 255 : 0;
    result |= byte << (8 * k);
  }
  return result;
}

template <class T>
T reverse(T a) {
  T result = 0;
  for (u32 k = 0; k < width<T>; ++k) result = static_cast<T>(result | (a >> k & 1) << (width<T> - 1 - k));
  return result;
}
template <class T>
u32 leading_zeros(T a) {
  return static_cast<u32>(std::countl_zero(a));
}
template <class T>
u32 ones(T a) {
  return static_cast<u32>(std::popcount(a));
}
/// Position of the highest bit that differs from the sign; all ones where there is none.
template <class T>
u32 highest_bit(T a) {
  using U = std::make_unsigned_t<T>;
  U bits = static_cast<U>(a);
  if (std::is_signed_v<T> && bits >> (width<T> - 1) != 0) bits = static_cast<U>(~bits);
  return bits == 0 ? ~u32{0} : width<T> - 1 - static_cast<u32>(std::countl_zero(bits));
}
/// The shift that brings that bit to the top.
template <class T>
u32 shift_of_highest_bit(T a) {
  const u32 position = highest_bit(a);
  return position == ~u32{0} ? position : width<T> - 1 - position;
}
/// Bits position .. position + length - 1 of a; a signed field is extended with its highest bit, or with the sign of a
/// where it reaches beyond a.
template <class T>
T extract(T a, u32 position, u32 length) {
  position &= 255;
  length &= 255;
  using U = std::make_unsigned_t<T>;
  const U bits = static_cast<U>(a);
  const u32 sign_at = std::min(position + length - 1, width<T> - 1);
  const bool sign = std::is_signed_v<T> && length != 0 && (bits >> sign_at & 1) != 0;
  U result = 0;
  for (u32 k = 0; k < width<T>; ++k) {
    const bool inside = k < length && position + k < width<T>;
    result |= static_cast<U>(inside ? bits >> (position + k) & 1 : U{sign}) << k;
  }
  return static_cast<T>(result);
}
/// b with the low `length` bits of a in place of its bits from `position` on.
template <class T>
T insert(T a, T b, u32 position, u32 length) {
  position &= 255;
  length &= 255;
  for (u32 k = 0; k < length && position + k < width<T>; ++k) {
    const T bit = static_cast<T>(T{1} << (position + k));
    b = a >> k & 1 ? static_cast<T>(b | bit) : static_cast<T>(b & ~bit);
  }
  return b;
}

/// lop3: bit by bit, the entry of the table at 4 a + 2 b + c. As a sum of the table's terms it is the same for all
/// lanes.
void any_logic(Machine& machine, const Instruction& instruction) {
  std::byte* const to = machine.row(instruction.slot[0]);
  const std::byte* const first = machine.row(instruction.slot[1]);
  const std::byte* const second = machine.row(instruction.slot[2]);
  const std::byte* const third = machine.row(instruction.slot[3]);
  const auto table = static_cast<u32>(instruction.immediate);
  for_each(machine.lanes, [=](std::size_t lane) {
    const u32 a = get<u32>(first, lane), b = get<u32>(second, lane), c = get<u32>(third, lane);
    u32 result = 0;
    for (u32 k = 0; k < 8; ++k) {
      const u32 term = (k & 4 ? a : ~a) & (k & 2 ? b : ~b) & (k & 1 ? c : ~c);
      result |= table >> k & 1 ? term : 0;
    }
    put<u32>(to, lane, result);
  });
}

template <class T>
void add_of_width(Table& table, const std::string& bits) {
  using S = std::make_signed_t<T>;
  table["and.b" + bits] = lift<both<T>>();
  table["or.b" + bits] = lift<either<T>>();
  table["xor.b" + bits] = lift<differ<T>>();
  table["not.b" + bits] = lift<complement<T>>();
  table["shl.b" + bits] = lift<shift_left<T>>();
  table["shr.b" + bits] = table["shr.u" + bits] = lift<shift_right<T>>();
  table["shr.s" + bits] = lift<shift_right<S>>();
  if constexpr (sizeof(T) >= 4) {
    table["brev.b" + bits] = lift<reverse<T>>();
    table["clz.b" + bits] = lift<leading_zeros<T>>();
    table["popc.b" + bits] = lift<ones<T>>();
    table["bfind.u" + bits] = lift<highest_bit<T>>();
    table["bfind.s" + bits] = lift<highest_bit<S>>();
    table["bfind.shiftamt.u" + bits] = lift<shift_of_highest_bit<T>>();
    table["bfind.shiftamt.s" + bits] = lift<shift_of_highest_bit<S>>();
    table["bfe.u" + bits] = lift<extract<T>>();
    table["bfe.s" + bits] = lift<extract<S>>();
    table["bfi.b" + bits] = lift<insert<T>>();
  }
}

}  // namespace

void add_bit_instructions(Table& table) {
  add_of_width<std::uint16_t>(table, "16");
  add_of_width<std::uint32_t>(table, "32");
  add_of_width<std::uint64_t>(table, "64");
  table["and.pred"] = lift<both<bool>>();
  table["or.pred"] = lift<either<bool>>();
  table["xor.pred"] = lift<differ<bool>>();
  table["not.pred"] = lift<opposite>();
  table["prmt.b32"] = lift<permute>();
  table["shf.l.wrap.b32"] = lift<funnel_left_wrap>();
  table["shf.r.wrap.b32"] = lift<funnel_right_wrap>();
  table["shf.l.clamp.b32"] = lift<funnel_left>();
  table["shf.r.clamp.b32"] = lift<funnel_right>();
  Entry logic;
  logic.handler = &any_logic;
  logic.shape = "w:www#";
  table["lop3.b32"] = logic;
}

}  // namespace scorepath::ptx
