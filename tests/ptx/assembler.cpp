// Statements become instructions: names are looked up, operands read (bind.cpp checks them against the instruction).
#include "tests/ptx/assembler.hpp"

#include <algorithm>
#include <array>

namespace scorepath::ptx {
namespace {

/// Hints for the caches: parts of the names of loads and stores that change no result.
constexpr std::array<std::string_view, 19> hints = {"ca",
                                                    "cg",
                                                    "cs",
                                                    "lu",
                                                    "cv",
                                                    "wb",
                                                    "wt",
                                                    "L1::evict_normal",
                                                    "L1::evict_unchanged",
                                                    "L1::evict_first",
                                                    "L1::evict_last",
                                                    "L1::no_allocate",
                                                    "L2::evict_normal",
                                                    "L2::evict_first",
                                                    "L2::evict_last",
                                                    "L2::64B",
                                                    "L2::128B",
                                                    "L2::256B",
                                                    "weak"};

/// The name without hints and without .nc, which is told apart.
std::string without_hints(std::string_view name, bool& read_only) {
  const bool access = name.substr(0, 3) == "ld." || name.substr(0, 3) == "st.";
  if (!access) return std::string(name);
  std::string result(name.substr(0, 2));
  for (std::size_t at = 2; at < name.size();) {
    const std::size_t end = std::min(name.find('.', at + 1), name.size());
    const std::string_view part = name.substr(at + 1, end - at - 1);
    at = end;
    if (part == "nc" && name.substr(0, 9) == "ld.global") {
      read_only = true;
    } else if (std::find(hints.begin(), hints.end(), part) == hints.end()) {
      result += "." + std::string(part);
    }
  }
  return result;
}

/// Whether the table has the name for operands of some form.
bool is_known(const Table& table, const std::string& name) {
  constexpr std::array<const char*, 7> forms = {"", "|", "{2}=", "{4}=", "={2}", "={4}", ","};
  return std::any_of(forms.begin(), forms.end(), [&](const char* form) { return table.count(name + form) != 0; });
}

std::string text_of(const std::vector<Token>& tokens) {
  std::string text;
  for (const Token& token : tokens) {
    const bool tight = text.empty() || std::string_view(",;+|]}>").find(token.text[0]) != std::string_view::npos ||
                       std::string_view("[{!@-+|<").find(text.back()) != std::string_view::npos;
    text += (tight ? "" : " ") + std::string(token.text);
  }
  return text;
}

}  // namespace

void Assembler::label(const Token& name) {
  if (!labels_.emplace(name.text, static_cast<std::uint32_t>(kernel_.code.size())).second) {
    fail(name, "label " + std::string(name.text) + " stands twice (branches could not choose) rename one");
  }
}

void Assembler::statement() {
  const std::size_t start = cursor_.position();
  std::vector<Token> tokens;
  while (!cursor_.accept(";")) tokens.push_back(cursor_.next());
  kernel_.statements.push_back({tokens.empty() ? 0 : tokens.front().line, text_of(tokens)});
  const std::size_t end = cursor_.position();
  cursor_.return_to(start);

  guard_ = {};
  before_.clear();
  after_.clear();
  if (cursor_.accept("@")) {
    guard_.guard_negated = cursor_.accept("!");
    const Token name = cursor_.next();
    const auto reg = names_.find_register(name.text);
    if (!reg || kernel_.registers[*reg].bytes != 1) {
      fail(name, "guard " + std::string(name.text) + " (it is no predicate register) declare it");
    }
    guard_.guarded = true;
    guard_.guard = *reg;
  }
  const Token name = cursor_.next();
  Instruction instruction = guard_;
  const std::string plain = without_hints(name.text, instruction.read_only);
  const bool known = is_known(table_, plain);
  // What is refused may have operands of any kind.
  Operands given;
  if (known) given = operands();
  // bar.sync 0, threads: the one instruction with an operand that may be left out.
  if (given.list.size() == 2 && table_.count(plain + ",") != 0) given.form = ",";
  const auto entry = table_.find(plain + given.form);
  if (entry == table_.end()) {
    refuse(name, std::string(name.text) + (known ? " with these operands" : "") + " (" + why_refused(plain) +
                     ") use what the reproducible kernels use, or add it to tests/ptx");
    cursor_.return_to(end);
    return;
  }
  if (!cursor_.accept(";"))
    cursor_.fail("found '" + std::string(cursor_.peek().text) + "' (; should stand here) end it");
  bind(entry->second, given, instruction);
  for (const Instruction& copy : before_) emit(copy);
  emit(instruction);
  for (const Instruction& copy : after_) emit(copy);
}

void Assembler::emit(Instruction instruction) {
  instruction.statement = static_cast<std::uint32_t>(kernel_.statements.size() - 1);
  instruction.guarded = guard_.guarded;
  instruction.guard = guard_.guard;
  instruction.guard_negated = guard_.guard_negated;
  kernel_.code.push_back(instruction);
}

void Assembler::refuse(const Token& at, const std::string& what) {
  if (!kernel_.refusal.empty()) return;
  kernel_.refusal = cursor_.name() + ":" + std::to_string(at.line) + ": " + kernel_.name + ": " + what;
}

Assembler::Operand Assembler::operand() {
  Operand result;
  if (cursor_.accept("[")) {
    result.is_address = true;
    result.minus = cursor_.accept("-");
    result.word = cursor_.next();
    if (cursor_.accept("+")) {
      const bool minus = cursor_.accept("-");
      const std::uint64_t offset = cursor_.integer();
      result.offset = minus ? 0 - offset : offset;
    } else if (cursor_.accept("-")) {
      result.offset = 0 - cursor_.integer();
    }
    cursor_.expect("]");
    return result;
  }
  result.negated = cursor_.accept("!");
  result.minus = cursor_.accept("-");
  result.word = cursor_.next();
  return result;
}

Assembler::Operands Assembler::operands() {
  Operands result;
  unsigned place = 0;
  while (cursor_.peek().text != ";") {
    if (cursor_.accept("{")) {
      unsigned count = 0;
      do {
        result.list.push_back(operand());
        ++count;
      } while (cursor_.accept(","));
      cursor_.expect("}");
      const std::string braces = "{" + std::to_string(count) + "}";
      result.form += place == 0 ? braces + "=" : "=" + braces;
    } else {
      result.list.push_back(operand());
      if (cursor_.accept("|")) {
        result.list.push_back(operand());
        result.form += "|";
      }
    }
    ++place;
    if (!cursor_.accept(",")) break;
  }
  return result;
}

void Assembler::finish() {
  for (const Jump& jump : jumps_) {
    const auto found = labels_.find(jump.to.text);
    if (found == labels_.end()) {
      fail(jump.to, "branch to " + std::string(jump.to.text) + " (no label of the kernel has that name) add it");
    }
    kernel_.code[jump.instruction].target = found->second;
  }
  // Falling off the end is leaving.
  Instruction end;
  end.control = Control::leave;
  end.hidden = true;
  const std::uint32_t line = kernel_.statements.empty() ? 0 : kernel_.statements.back().line;
  kernel_.statements.push_back({line, "end of the kernel"});
  end.statement = static_cast<std::uint32_t>(kernel_.statements.size() - 1);
  kernel_.code.push_back(end);
}

}  // namespace scorepath::ptx
