// Every instruction by its full name, as "fma.rn.f32". A name that is not in the table is refused, so a modifier can
// never be ignored.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <utility>

#include "tests/ptx/machine.hpp"

namespace scorepath::ptx {

/// `shape` lists the operands, outputs before the colon:
///   p predicate   n predicate that may be negated   h, w, d  16, 32, 64 bits   f, D  float, double
///   [ address   # literal   @ label   C the carry of the kernel, which the text does not name
struct Entry {
  Handler handler = nullptr;
  std::string shape;
  std::uint8_t mode = 0, bytes = 0, count = 1;
  Space space = Space::generic;
  Control control = Control::none;
  bool relaxed = false;    ///< registers may be wider than the instruction's type
  bool is_signed = false;  ///< and then results are extended with their sign
};

using Table = std::unordered_map<std::string, Entry>;

void add_integer_instructions(Table& table);
void add_carry_instructions(Table& table);
void add_bit_instructions(Table& table);
void add_float_instructions(Table& table);
void add_compare_instructions(Table& table);
void add_integer_conversions(Table& table);
void add_float_conversions(Table& table);
void add_move_instructions(Table& table);
void add_memory_instructions(Table& table);
void add_warp_instructions(Table& table);
void add_control_instructions(Table& table);
/// What only the dialect of the fast kernels has; after the comparisons.
void add_approximate_instructions(Table& table);

Table all_instructions();
/// Throws unless the masks of a warp-wide instruction name only lanes that execute it.
void check_masks(Machine& machine, std::uint32_t mask_register);
/// Why an instruction that is not in the table is refused.
std::string why_refused(std::string_view name);
/// Copies a register of `from` bytes into one of `to` bytes, extending it with its sign or with zeros.
Handler resize_handler(unsigned from, unsigned to, bool is_signed);

// ---- a function of one lane, lifted to all of them --------------------------------------------------------------

template <class T>
constexpr char shape_of() {
  if constexpr (std::is_same_v<T, bool>) return 'p';
  if constexpr (std::is_same_v<T, float>) return 'f';
  if constexpr (std::is_same_v<T, double>) return 'D';
  return sizeof(T) == 2 ? 'h' : sizeof(T) == 4 ? 'w' : 'd';
}

template <auto F, class R, class... A, std::size_t... k>
void apply(Machine& machine, const Instruction& instruction, std::index_sequence<k...>) {
  std::byte* const to = machine.row(instruction.slot[0]);
  const std::byte* const from[] = {machine.row(instruction.slot[k + 1])...};
  // By value: the stores of the loop may alias anything that is read through a pointer.
  [](const Lanes& lanes, std::byte* out, auto... in) {
    for_each(lanes, [=](std::size_t lane) { put<R>(out, lane, F(get<A>(in, lane)...)); });
  }(machine.lanes, to, from[k]...);
}
template <auto F, class R, class... A>
void elementwise(Machine& machine, const Instruction& instruction) {
  apply<F, R, A...>(machine, instruction, std::index_sequence_for<A...>{});
}
template <auto F, class R, class... A>
Entry lift_as(R (*)(A...)) {
  Entry entry;
  entry.handler = &elementwise<F, R, A...>;
  entry.shape = std::string{shape_of<R>(), ':'} + std::string{shape_of<A>()...};
  return entry;
}
/// The entry of a function R f(A...), whose shape its types say.
template <auto F>
Entry lift() {
  return lift_as<F>(F);
}

/// make(type's name, a value of it) for unsigned and signed types of 16, 32 and 64 bits.
template <class Make>
void for_integers(const Make& make) {
  make("u16", std::uint16_t{});
  make("s16", std::int16_t{});
  make("u32", std::uint32_t{});
  make("s32", std::int32_t{});
  make("u64", std::uint64_t{});
  make("s64", std::int64_t{});
}
template <class Make>
void for_floats(const Make& make) {
  make("f32", float{});
  make("f64", double{});
}

}  // namespace scorepath::ptx
