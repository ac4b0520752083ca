// Additions in several words: the carry is a register of its own that the text does not name.
#include "tests/ptx/table.hpp"

namespace scorepath::ptx {
namespace {

/// Slots: sum, [carry out], a, b, [carry in]. The carry of a subtraction is its borrow.
template <class T, bool subtract, bool reads, bool writes>
void add_with_carry(Machine& machine, const Instruction& instruction) {
  std::byte* const to = machine.row(instruction.slot[0]);
  std::byte* const out = writes ? machine.row(instruction.slot[1]) : nullptr;
  constexpr std::size_t inputs = writes ? 2 : 1;
  const std::byte* const left = machine.row(instruction.slot[inputs]);
  const std::byte* const right = machine.row(instruction.slot[inputs + 1]);
  const std::byte* const in = reads ? machine.row(instruction.slot[inputs + 2]) : nullptr;
  for_each(machine.lanes, [=](std::size_t lane) {
    const T a = get<T>(left, lane), b = get<T>(right, lane);
    const T carry = reads && get<bool>(in, lane) ? T{1} : T{0};
    const T first = subtract ? a - b : a + b;
    const T sum = subtract ? first - carry : first + carry;
    const bool carries = subtract ? a < b || first < carry : first < a || sum < first;
    put<T>(to, lane, sum);
    if constexpr (writes) put<bool>(out, lane, carries);
  });
}

template <class T, bool subtract, bool reads, bool writes>
Entry entry() {
  Entry made;
  const char type = shape_of<T>();
  made.handler = &add_with_carry<T, subtract, reads, writes>;
  made.shape = std::string{type} + (writes ? "C:" : ":") + type + type + (reads ? "C" : "");
  return made;
}

template <class T>
void add_of_width(Table& table, const std::string& type) {
  table["add.cc." + type] = entry<T, false, false, true>();
  table["addc." + type] = entry<T, false, true, false>();
  table["addc.cc." + type] = entry<T, false, true, true>();
  table["sub.cc." + type] = entry<T, true, false, true>();
  table["subc." + type] = entry<T, true, true, false>();
  table["subc.cc." + type] = entry<T, true, true, true>();
}

}  // namespace

void add_carry_instructions(Table& table) {
  for (const char* type : {"u32", "s32"}) add_of_width<std::uint32_t>(table, type);
  for (const char* type : {"u64", "s64"}) add_of_width<std::uint64_t>(table, type);
}

}  // namespace scorepath::ptx
