// mov, between registers and between a register and its parts; cvta, which moves between the windows of generic
// addresses.
#include "tests/ptx/table.hpp"

namespace scorepath::ptx {
namespace {

template <class T>
T same(T a) {
  return a;
}

/// mov {low, high}, a: parts of a whole.
template <class Whole, class Part>
void unpack(Machine& machine, const Instruction& instruction) {
  const std::byte* const from = machine.row(instruction.slot[instruction.outputs]);
  // Through the scratch row: a part may be the register that is taken apart.
  std::byte* const copy = machine.located_row();
  for_each(machine.lanes, [=](std::size_t lane) { put<Whole>(copy, lane, get<Whole>(from, lane)); });
  for (unsigned part = 0; part < instruction.outputs; ++part) {
    std::byte* const to = machine.row(instruction.slot[part]);
    const unsigned shift = 8 * part * static_cast<unsigned>(sizeof(Part));
    for_each(machine.lanes,
             [=](std::size_t lane) { put<Part>(to, lane, static_cast<Part>(get<Whole>(copy, lane) >> shift)); });
  }
}
template <class Whole, class Part>
void pack(Machine& machine, const Instruction& instruction) {
  std::byte* const copy = machine.located_row();
  for (unsigned part = 0; part < instruction.inputs; ++part) {
    const std::byte* const from = machine.row(instruction.slot[1 + part]);
    const unsigned shift = 8 * part * static_cast<unsigned>(sizeof(Part));
    for_each(machine.lanes, [=](std::size_t lane) {
      const Whole before = part == 0 ? Whole{0} : get<Whole>(copy, lane);
      put<Whole>(copy, lane, static_cast<Whole>(before | static_cast<Whole>(get<Part>(from, lane)) << shift));
    });
  }
  std::byte* const to = machine.row(instruction.slot[0]);
  for_each(machine.lanes, [=](std::size_t lane) { put<Whole>(to, lane, get<Whole>(copy, lane)); });
}

template <class Whole, class Part>
void add_parts(Table& table, const std::string& name) {
  constexpr std::size_t parts = sizeof(Whole) / sizeof(Part);
  const std::string count = "{" + std::to_string(parts) + "}", part(parts, shape_of<Part>());
  const std::string whole(1, shape_of<Whole>());
  Entry entry;
  entry.handler = &unpack<Whole, Part>;
  entry.shape = part + ":" + whole;
  table[name + count + "="] = entry;
  entry.handler = &pack<Whole, Part>;
  entry.shape = whole + ":" + part;
  table[name + "=" + count] = entry;
}

template <std::uint64_t tag>
std::uint64_t to_generic(std::uint64_t address) {
  return address | tag;
}
template <std::uint64_t tag>
std::uint64_t from_generic(std::uint64_t address) {
  // An address of another space stays what it is, and is refused where it is used.
  return (address & tag_mask) == tag ? address & ~tag_mask : address;
}

template <std::uint64_t tag>
void add_window(Table& table, const std::string& space) {
  table["cvta." + space + ".u64"] = lift<to_generic<tag>>();
  table["cvta.to." + space + ".u64"] = lift<from_generic<tag>>();
}

}  // namespace

void add_move_instructions(Table& table) {
  table["mov.pred"] = lift<same<bool>>();
  for (const char* type : {"b16", "u16", "s16"}) table[std::string("mov.") + type] = lift<same<std::uint16_t>>();
  for (const char* type : {"b32", "u32", "s32"}) table[std::string("mov.") + type] = lift<same<std::uint32_t>>();
  for (const char* type : {"b64", "u64", "s64"}) table[std::string("mov.") + type] = lift<same<std::uint64_t>>();
  // Of bits: a NaN stays as it is.
  table["mov.f32"] = lift<same<std::uint32_t>>();
  table["mov.f64"] = lift<same<std::uint64_t>>();
  add_parts<std::uint32_t, std::uint16_t>(table, "mov.b32");
  add_parts<std::uint64_t, std::uint32_t>(table, "mov.b64");
  add_parts<std::uint64_t, std::uint16_t>(table, "mov.b64");
  add_window<0>(table, "global");
  add_window<0>(table, "const");
  add_window<shared_tag>(table, "shared");
  add_window<local_tag>(table, "local");
  add_window<parameter_tag>(table, "param");
}

}  // namespace scorepath::ptx
