// The operands of a statement become the slots of its instruction: registers, addresses, numbers, each checked against
// the instruction's shape; hidden copies where a register is wider.
#include "tests/ptx/assembler.hpp"

#include <algorithm>
#include <array>

namespace scorepath::ptx {
namespace {

unsigned bytes_of(char type) {
  switch (type) {
    case 'p':
    case 'n':
    case 'C':
      return 1;
    case 'h':
      return 2;
    case 'w':
    case 'f':
      return 4;
    default:
      return 8;
  }
}

/// Special registers whose values differ from run to run or belong to what the interpreter lacks.
constexpr std::array<const char*, 10> unknown_specials = {"%clock",      "%globaltimer", "%smid", "%nsmid",
                                                          "%gridid",     "%envreg",      "%pm",   "%cluster",
                                                          "%total_smem", "%dynamic_smem"};

}  // namespace

void Assembler::bind(const Entry& entry, Operands& operands, Instruction& instruction) {
  instruction.handler = entry.handler;
  instruction.mode = entry.mode;
  instruction.bytes = entry.bytes;
  instruction.count = entry.count;
  instruction.space = entry.space;
  instruction.control = entry.control;
  bool is_output = true;
  std::size_t next = 0, slot = 0;
  const Statement& statement = kernel_.statements.back();
  const auto wrong_count = [&] {
    cursor_.fail_at(statement.line, "`" + statement.text + "` has " + std::to_string(operands.list.size()) +
                                        " operands (its instruction has another number) correct it");
  };
  for (const char type : entry.shape) {
    if (type == ':') {
      is_output = false;
      continue;
    }
    std::uint32_t reg = 0;
    if (type == 'C') {
      reg = names_.carry();
    } else {
      if (next == operands.list.size()) wrong_count();
      const Operand& given = operands.list[next++];
      if (given.is_address != (type == '[') || (given.negated && type != 'n')) {
        fail(given.word, "operand " + std::string(given.word.text) + " of `" + statement.text +
                             "` (the instruction takes another kind) correct it");
      }
      if (type == '@') {
        jumps_.push_back({kernel_.code.size(), given.word});
        continue;
      }
      if (type == '#') {
        const auto value = literal_of(given.word.text);
        if (!value) {
          refuse(given.word, "`" + statement.text + "` (" + std::string(given.word.text) +
                                 " would have to be a number) write the number");
          continue;
        }
        // Of bar.sync: the barrier's number, then the threads.
        if (entry.control == Control::barrier) instruction.mode = next == 2;
        if (entry.control == Control::barrier && next == 1 && value->bits != 0) {
          refuse(given.word, "`" + statement.text + "` (only barrier 0 is known) use it");
        }
        instruction.immediate = static_cast<std::int64_t>(value->bits);
        continue;
      }
      if (type == '[') {
        reg = bind_address(given, instruction);
      } else {
        reg = bind_register(given, type, is_output, entry);
        if (given.negated) instruction.negated = true;
      }
    }
    instruction.slot[slot++] = reg;
    ++(is_output ? instruction.outputs : instruction.inputs);
  }
  if (next != operands.list.size()) wrong_count();
  if (entry.bytes != 0 && entry.space != Space::local && entry.space != Space::parameter) {
    kernel_.granule = std::min(kernel_.granule, std::uint32_t{entry.bytes});
  }
}

std::uint32_t Assembler::bind_address(const Operand& operand, Instruction& instruction) {
  instruction.immediate = static_cast<std::int64_t>(operand.offset);
  std::uint32_t reg = 0;
  if (const auto value = literal_of(operand.word.text)) {
    reg = names_.constant(Fill::literal, operand.minus ? 0 - value->bits : value->bits, 8, "an address");
  } else if (const auto found = names_.find_register(operand.word.text)) {
    reg = *found;
    const unsigned bytes = kernel_.registers[reg].bytes;
    if (bytes < 4) fail(operand.word, std::string(operand.word.text) + " as an address (it is too narrow) widen it");
    if (bytes == 4) reg = resized(reg, 8, false);
  } else if (const auto symbol = names_.address(operand.word.text, 8)) {
    reg = *symbol;
  } else {
    fail(operand.word, "unknown name " + std::string(operand.word.text) + " (nothing declares it) declare it");
  }
  return reg;
}

std::uint32_t Assembler::bind_register(const Operand& operand, char type, bool is_output, const Entry& entry) {
  const unsigned bytes = bytes_of(type);
  const std::string name(operand.word.text);
  if (is_output && name == "_") return names_.hidden("_", bytes);
  if (const auto reg = names_.find_register(name); reg && !operand.minus) {
    const unsigned actual = kernel_.registers[*reg].bytes;
    if (actual == bytes) return *reg;
    const bool widens = entry.relaxed && actual > bytes && bytes > 1;
    if (!widens) {
      fail(operand.word, "register " + name + " has " + std::to_string(8 * actual) + " bits (`" +
                             kernel_.statements.back().text + "` takes " + std::to_string(8 * bytes) +
                             ") use another one");
    }
    if (!is_output) return resized(*reg, bytes, false);
    const std::uint32_t narrow = names_.hidden("narrow " + name, bytes);
    after_.push_back(resize(narrow, *reg, entry.is_signed));
    return narrow;
  }
  if (!is_output) {
    if (const auto value = literal_of(name)) return literal(operand, *value, type);
    if (const auto special = names_.special(name, bytes); special && !operand.minus) return *special;
    if (type == 'w' || type == 'd') {
      if (const auto symbol = names_.address(name, bytes); symbol && !operand.minus) return *symbol;
    }
    const auto starts = [&](const char* prefix) { return name.rfind(prefix, 0) == 0; };
    if (std::any_of(unknown_specials.begin(), unknown_specials.end(), starts)) {
      refuse(operand.word, "special register " + name + " (the interpreter does not have it) do without");
      return names_.constant(Fill::literal, 0, bytes, name);
    }
  }
  fail(operand.word, "unknown name " + name + " (nothing declares it) declare it");
}

std::uint32_t Assembler::literal(const Operand& operand, const Literal& value, char type) {
  const unsigned bytes = bytes_of(type);
  const bool integer = value.kind == Literal::Kind::integer;
  const bool wants_float = type == 'f' || type == 'D';
  const unsigned float_bytes = value.kind == Literal::Kind::float_bits ? 4 : 8;
  const std::string text = (operand.minus ? "-" : "") + std::string(operand.word.text);
  const bool negative_float = operand.minus && !integer;
  if ((integer && wants_float) || (!integer && float_bytes != bytes) || negative_float) {
    fail(operand.word, "number " + text + " (the operand is of another type) write it in its bits");
  }
  std::uint64_t bits = operand.minus ? 0 - value.bits : value.bits;
  if (type == 'p' || type == 'n') bits = bits != 0 ? 1 : 0;
  if (integer && bytes < 8 && bytes > 1) {
    const std::uint64_t limit = std::uint64_t{1} << (8 * bytes);
    if (operand.minus ? value.bits > limit / 2 : value.bits >= limit) {
      fail(operand.word, "number " + text + " (it does not fit " + std::to_string(8 * bytes) + " bits) shorten it");
    }
    bits &= limit - 1;
  }
  return names_.constant(Fill::literal, bits, bytes, text);
}

std::uint32_t Assembler::resized(std::uint32_t reg, unsigned bytes, bool is_signed) {
  const std::uint32_t copy = names_.hidden(kernel_.registers[reg].name, bytes);
  before_.push_back(resize(reg, copy, is_signed));
  return copy;
}

Instruction Assembler::resize(std::uint32_t from, std::uint32_t to, bool is_signed) const {
  Instruction copy;
  copy.handler = resize_handler(kernel_.registers[from].bytes, kernel_.registers[to].bytes, is_signed);
  copy.slot[0] = to;
  copy.slot[1] = from;
  copy.outputs = copy.inputs = 1;
  copy.hidden = true;
  return copy;
}

}  // namespace scorepath::ptx
