// The names of one kernel: registers by scope, symbols of memory, labels, and the constants that operands become.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/ptx/program.hpp"

namespace scorepath::ptx {

/// A variable of memory, before a kernel gives it an address.
struct Variable {
  std::string name;
  Space space = Space::global;
  std::size_t size = 0, alignment = 1;
  bool dynamic = false;         ///< .extern .shared: what the launch asks for
  std::size_t array_index = 0;  ///< of Module::arrays, .global and .const
};

class Names {
 public:
  Names(Kernel& kernel, const std::vector<Variable>& module_variables);

  void open_scope() { scopes_.emplace_back(); }
  void close_scope() { scopes_.pop_back(); }
  bool in_scope() const { return !scopes_.empty(); }

  /// One register; false where the scope has the name.
  bool declare(const std::string& name, unsigned bytes);
  /// prefix0 .. prefix<count - 1>.
  bool declare_range(const std::string& prefix, unsigned count, unsigned bytes);
  bool declare(const Variable& variable);

  std::optional<std::uint32_t> find_register(std::string_view name) const;
  /// The constant register with the value of a special register (%tid.x); nothing for an unknown name.
  std::optional<std::uint32_t> special(std::string_view name, unsigned bytes);
  /// The constant register with the address of a symbol.
  std::optional<std::uint32_t> address(std::string_view name, unsigned bytes);
  std::uint32_t constant(Fill fill, std::uint64_t value, unsigned bytes, const std::string& name);
  /// A register that the text does not name.
  std::uint32_t hidden(const std::string& name, unsigned bytes);
  /// The carry of add.cc and its kin.
  std::uint32_t carry();

 private:
  struct Range {
    std::uint32_t first = 0, count = 0;
  };
  struct Scope {
    std::map<std::string, std::uint32_t, std::less<>> single;
    std::map<std::string, Range, std::less<>> ranges;
    std::map<std::string, Variable, std::less<>> variables;
  };
  std::uint32_t add(const std::string& name, unsigned bytes);
  std::optional<Variable> find_variable(std::string_view name) const;
  std::uint64_t place(const Variable& variable);

  Kernel& kernel_;
  const std::vector<Variable>& module_variables_;
  std::vector<Scope> scopes_;
  std::map<std::string, std::uint32_t> constants_;
  std::map<std::string, std::uint64_t> places_;
  std::optional<std::uint32_t> carry_;
};

}  // namespace scorepath::ptx
