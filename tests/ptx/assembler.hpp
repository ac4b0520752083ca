// One statement of a kernel's body becomes one instruction (and, where a register is wider than the instruction's type,
// hidden copies around it).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/ptx/lexer.hpp"
#include "tests/ptx/names.hpp"
#include "tests/ptx/table.hpp"

namespace scorepath::ptx {

class Assembler {
 public:
  Assembler(Kernel& kernel, Names& names, const Table& table, Cursor& cursor)
      : kernel_(kernel), names_(names), table_(table), cursor_(cursor) {}

  void label(const Token& name);
  /// Takes a statement with its semicolon. One that is not known makes the kernel refuse to run.
  void statement();
  /// Gives the branches their targets.
  void finish();

 private:
  struct Operand {
    Token word;
    bool negated = false, minus = false, is_address = false;
    std::uint64_t offset = 0;
  };
  /// The operands in their order, braces undone; how they were grouped goes to `form`.
  struct Operands {
    std::vector<Operand> list;
    std::string form;
  };
  Operands operands();
  Operand operand();
  void bind(const Entry& entry, Operands& operands, Instruction& instruction);
  std::uint32_t bind_register(const Operand& operand, char type, bool is_output, const Entry& entry);
  std::uint32_t literal(const Operand& operand, const Literal& value, char type);
  std::uint32_t bind_address(const Operand& operand, Instruction& instruction);
  std::uint32_t resized(std::uint32_t reg, unsigned bytes, bool is_signed);
  Instruction resize(std::uint32_t from, std::uint32_t to, bool is_signed) const;
  void emit(Instruction instruction);
  void refuse(const Token& at, const std::string& what);
  [[noreturn]] void fail(const Token& at, const std::string& problem) const { cursor_.fail_at(at.line, problem); }

  Kernel& kernel_;
  Names& names_;
  const Table& table_;
  Cursor& cursor_;
  std::map<std::string, std::uint32_t, std::less<>> labels_;
  struct Jump {
    std::size_t instruction = 0;
    Token to;
  };
  std::vector<Jump> jumps_;
  // Of the statement in hand.
  Instruction guard_;
  std::vector<Instruction> before_, after_;
};

}  // namespace scorepath::ptx
