// setp, set, selp, slct. A comparison of floats is ordered (false with a NaN) unless its name ends in u.
#include <algorithm>
#include <array>
#include <utility>

#include "tests/ptx/table.hpp"

namespace scorepath::ptx {
namespace {

struct Equal {
  bool operator()(auto a, auto b) const { return a == b; }
};
struct NotEqual {
  bool operator()(auto a, auto b) const { return a != b; }
};
struct Less {
  bool operator()(auto a, auto b) const { return a < b; }
};
struct LessEqual {
  bool operator()(auto a, auto b) const { return a <= b; }
};
struct Greater {
  bool operator()(auto a, auto b) const { return a > b; }
};
struct GreaterEqual {
  bool operator()(auto a, auto b) const { return a >= b; }
};
/// Both are numbers.
struct Numbers {
  bool operator()(auto a, auto b) const { return a == a && b == b; }
};
struct OrderedNotEqual {
  bool operator()(auto a, auto b) const { return a < b || a > b; }
};
/// The comparison, or true with a NaN.
template <class Ordered>
struct OrUnordered {
  bool operator()(auto a, auto b) const { return Ordered{}(a, b) || a != a || b != b; }
};
struct Unordered {
  bool operator()(auto a, auto b) const { return a != a || b != b; }
};

enum Combination : std::uint8_t { plain, with_and, with_or, with_xor };
constexpr std::array<std::pair<const char*, Combination>, 4> combinations = {
    {{"", plain}, {".and", with_and}, {".or", with_or}, {".xor", with_xor}}};

/// The comparison of every lane in the scratch row; `from` is the slot of its first operand. Not inlined: there are
/// many.
template <class T, class Comparison>
[[gnu::noinline]] void compare(Machine& machine, const Instruction& instruction, std::size_t from) {
  const std::byte* const left = machine.row(instruction.slot[from]);
  const std::byte* const right = machine.row(instruction.slot[from + 1]);
  std::uint8_t* const result = machine.scratch.data();
  for_each(machine.lanes,
           [=](std::size_t lane) { result[lane] = Comparison{}(get<T>(left, lane), get<T>(right, lane)); });
}

/// comparison (op) predicate; where there is no predicate, the comparison.
bool combine(std::uint8_t mode, bool compared, bool predicate) {
  switch (mode) {
    case with_and:
      return compared && predicate;
    case with_or:
      return compared || predicate;
    case with_xor:
      return compared != predicate;
    default:
      return compared;
  }
}

/// setp p|q, a, b, c: p is comparison op c, and q is !comparison op c.
void store_predicates(Machine& machine, const Instruction& instruction) {
  const std::size_t outputs = instruction.outputs;
  const std::uint8_t mode = instruction.mode;
  const std::uint8_t* const compared = machine.scratch.data();
  std::byte* const p = machine.row(instruction.slot[0]);
  std::byte* const q = outputs == 2 ? machine.row(instruction.slot[1]) : nullptr;
  if (mode == plain) {
    for_each(machine.lanes, [=](std::size_t lane) { put<bool>(p, lane, compared[lane] != 0); });
    if (q != nullptr) for_each(machine.lanes, [=](std::size_t lane) { put<bool>(q, lane, compared[lane] == 0); });
    return;
  }
  const std::byte* const third = machine.row(instruction.slot[outputs + 2]);
  const bool negated = instruction.negated;
  for_each(machine.lanes, [=](std::size_t lane) {
    const bool c = get<bool>(third, lane) != negated, first = compared[lane] != 0;
    put<bool>(p, lane, combine(mode, first, c));
    if (q != nullptr) put<bool>(q, lane, combine(mode, !first, c));
  });
}

/// set: all ones (1.0 in float) where the comparison holds.
template <class D>
void store_values(Machine& machine, const Instruction& instruction, D yes) {
  const std::uint8_t mode = instruction.mode;
  const std::uint8_t* const compared = machine.scratch.data();
  std::byte* const to = machine.row(instruction.slot[0]);
  const std::byte* const third = mode == plain ? nullptr : machine.row(instruction.slot[3]);
  const bool negated = instruction.negated;
  for_each(machine.lanes, [=](std::size_t lane) {
    const bool c = third != nullptr && get<bool>(third, lane) != negated;
    put<D>(to, lane, combine(mode, compared[lane] != 0, c) ? yes : D{0});
  });
}

template <class T, class Comparison>
void set_predicate(Machine& machine, const Instruction& instruction) {
  compare<T, Comparison>(machine, instruction, instruction.outputs);
  store_predicates(machine, instruction);
}
template <class T, class Comparison>
void set_word(Machine& machine, const Instruction& instruction) {
  compare<T, Comparison>(machine, instruction, 1);
  store_values(machine, instruction, ~std::uint32_t{0});
}
template <class T, class Comparison>
void set_float(Machine& machine, const Instruction& instruction) {
  compare<T, Comparison>(machine, instruction, 1);
  store_values(machine, instruction, 1.0f);
}

template <class T, class Comparison>
void add_comparison(Table& table, const std::string& name, const std::string& type) {
  const char shape = shape_of<T>();
  for (const auto& [suffix, mode] : combinations) {
    const std::string inputs = std::string{shape, shape} + (mode == plain ? "" : "n");
    Entry entry;
    entry.mode = mode;
    entry.handler = &set_predicate<T, Comparison>;
    entry.shape = "p:" + inputs;
    const std::string full = "setp." + name + suffix + "." + type;
    table[full] = entry;
    entry.shape = "pp:" + inputs;
    table[full + "|"] = entry;
    entry.handler = &set_word<T, Comparison>;
    entry.shape = "w:" + inputs;
    for (const char* to : {"u32.", "s32."}) table["set." + name + suffix + "." + to + type] = entry;
    entry.handler = &set_float<T, Comparison>;
    entry.shape = "f:" + inputs;
    table["set." + name + suffix + ".f32." + type] = entry;
  }
}

template <class T>
void add_comparisons_of_integers(Table& table, const std::string& type) {
  add_comparison<T, Equal>(table, "eq", type);
  add_comparison<T, NotEqual>(table, "ne", type);
  if (type[0] == 'b') return;
  add_comparison<T, Less>(table, "lt", type);
  add_comparison<T, LessEqual>(table, "le", type);
  add_comparison<T, Greater>(table, "gt", type);
  add_comparison<T, GreaterEqual>(table, "ge", type);
  if (type[0] == 's') return;
  add_comparison<T, Less>(table, "lo", type);
  add_comparison<T, LessEqual>(table, "ls", type);
  add_comparison<T, Greater>(table, "hi", type);
  add_comparison<T, GreaterEqual>(table, "hs", type);
}

template <class T>
void add_comparisons_of_floats(Table& table, const std::string& type) {
  add_comparison<T, Equal>(table, "eq", type);
  add_comparison<T, OrderedNotEqual>(table, "ne", type);
  add_comparison<T, Less>(table, "lt", type);
  add_comparison<T, LessEqual>(table, "le", type);
  add_comparison<T, Greater>(table, "gt", type);
  add_comparison<T, GreaterEqual>(table, "ge", type);
  add_comparison<T, OrUnordered<Equal>>(table, "equ", type);
  add_comparison<T, OrUnordered<OrderedNotEqual>>(table, "neu", type);
  add_comparison<T, OrUnordered<Less>>(table, "ltu", type);
  add_comparison<T, OrUnordered<LessEqual>>(table, "leu", type);
  add_comparison<T, OrUnordered<Greater>>(table, "gtu", type);
  add_comparison<T, OrUnordered<GreaterEqual>>(table, "geu", type);
  add_comparison<T, Numbers>(table, "num", type);
  add_comparison<T, Unordered>(table, "nan", type);
}

/// selp. Copies bits, so the type is only a width.
template <class T>
T choose(T a, T b, bool first) {
  return first ? a : b;
}
template <class T>
T choose_by_sign(T a, T b, std::int32_t c) {
  return c >= 0 ? a : b;
}
template <class T>
T choose_by_float(T a, T b, float c) {
  return c >= 0 ? a : b;
}

template <class T>
void add_selections(Table& table, const std::string& type) {
  table["selp." + type] = lift<choose<T>>();
  table["slct." + type + ".s32"] = lift<choose_by_sign<T>>();
  table["slct." + type + ".f32"] = lift<choose_by_float<T>>();
}

}  // namespace

void add_compare_instructions(Table& table) {
  for_integers([&](const std::string& type, auto example) {
    add_comparisons_of_integers<decltype(example)>(table, type);
    add_selections<std::make_unsigned_t<decltype(example)>>(table, type);
  });
  add_comparisons_of_integers<std::uint16_t>(table, "b16");
  add_comparisons_of_integers<std::uint32_t>(table, "b32");
  add_comparisons_of_integers<std::uint64_t>(table, "b64");
  for_floats([&](const std::string& type, auto example) { add_comparisons_of_floats<decltype(example)>(table, type); });
  add_selections<std::uint16_t>(table, "b16");
  for (const char* type : {"b32", "f32"}) add_selections<std::uint32_t>(table, type);
  for (const char* type : {"b64", "f64"}) add_selections<std::uint64_t>(table, type);
}

}  // namespace scorepath::ptx
