// Instructions that move lanes, and the table as a whole.
#include "tests/ptx/table.hpp"

namespace scorepath::ptx {
namespace {

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }
bool starts(std::string_view text, std::string_view part) { return text.substr(0, part.size()) == part; }

}  // namespace

void add_control_instructions(Table& table) {
  const auto add = [&](const char* name, const char* shape, Control control) {
    Entry entry;
    entry.shape = shape;
    entry.control = control;
    table[name] = entry;
  };
  add("bra", ":@", Control::branch);
  add("bra.uni", ":@", Control::branch);
  add("ret", ":", Control::leave);
  add("ret.uni", ":", Control::leave);
  add("exit", ":", Control::leave);
  for (const char* name : {"bar.sync", "barrier.sync", "barrier.sync.aligned", "bar.cta.sync", "barrier.cta.sync",
                           "barrier.cta.sync.aligned"}) {
    add(name, ":#", Control::barrier);
    add((std::string(name) + ",").c_str(), ":##", Control::barrier);
  }
  add("bar.warp.sync", ":w", Control::warp_barrier);
}

Table all_instructions() {
  Table table;
  add_integer_instructions(table);
  add_carry_instructions(table);
  add_bit_instructions(table);
  add_float_instructions(table);
  add_compare_instructions(table);
  add_integer_conversions(table);
  add_float_conversions(table);
  add_move_instructions(table);
  add_memory_instructions(table);
  add_warp_instructions(table);
  add_control_instructions(table);
  return table;
}

std::string why_refused(std::string_view name) {
  if (starts(name, "call")) return "the interpreter has no functions";
  if (starts(name, "atom") || starts(name, "red")) return "its result may depend on the order of the threads";
  if (contains(name, ".approx") || contains(name, ".full")) return "its result is not the IEEE one";
  if (contains(name, ".ftz")) return "it flushes subnormals to zero";
  if (contains(name, ".sat")) return "it saturates, which no formula asks for";
  for (const char* contractible : {"add.f32", "sub.f32", "mul.f32", "add.f64", "sub.f64", "mul.f64"}) {
    if (name == contractible) return "without .rn the assembler may fuse it";
  }
  return "the interpreter does not have it";
}

}  // namespace scorepath::ptx
