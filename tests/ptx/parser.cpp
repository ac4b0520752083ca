// The structure of a PTX file: module-level variables, kernels, their parameters, declarations and scopes.
#include <algorithm>
#include <fstream>
#include <iterator>

#include "tests/ptx/assembler.hpp"
#include "tests/ptx/ptx.hpp"

namespace scorepath::ptx {
namespace {

/// Bytes of a type as ".u32"; 0 for what is no type.
unsigned size_of_type(std::string_view type) {
  if (type == ".pred") return 1;
  if (type.size() < 3 || type[0] != '.' || std::string_view("busf").find(type[1]) == std::string_view::npos) return 0;
  const std::string_view bits = type.substr(2);
  const bool is_float = type[1] == 'f';
  if (bits == "8" && !is_float) return 1;
  if (bits == "16" && !is_float) return 2;
  return bits == "32" ? 4 : bits == "64" ? 8 : 0;
}

class Parser {
 public:
  Parser(std::string_view text, const std::string& name, Dialect dialect)
      : cursor_(tokens_of(text, name), name), table_(all_instructions()) {
    if (dialect == Dialect::approximate) add_approximate_instructions(table_);
    module_.name = name;
  }

  Module parse() {
    while (!cursor_.at_end()) {
      const Token token = cursor_.next();
      const std::string_view word = token.text;
      if (word == ".version") {
        cursor_.next();
      } else if (word == ".target" || word == ".file" || word == ".loc") {
        cursor_.skip_line();
      } else if (word == ".address_size") {
        if (cursor_.integer() != 64)
          cursor_.fail_at(token.line, "addresses of other than 64 bits (pointers are the host's) compile for 64");
      } else if (word == ".section") {
        cursor_.next();
        cursor_.skip_block();
      } else if (word == ".pragma" || word == ".alias") {
        cursor_.skip_past(";");
      } else if (word == ".visible" || word == ".weak" || word == ".common" || word == ".extern") {
        is_extern_ = word == ".extern";
      } else if (word == ".entry") {
        kernel();
      } else if (word == ".func") {
        function();
      } else if (word == ".global" || word == ".const" || word == ".shared") {
        module_variables(word);
        is_extern_ = false;
      } else {
        cursor_.fail_at(token.line, "unknown directive " + std::string(word) + " (none that a kernel needs) remove it");
      }
    }
    return std::move(module_);
  }

 private:
  std::size_t alignment_or(std::size_t otherwise) {
    if (!cursor_.accept(".align")) return otherwise;
    const std::uint64_t alignment = cursor_.integer();
    if (alignment == 0 || (alignment & (alignment - 1)) != 0) cursor_.fail("alignment (no power of two) correct it");
    return alignment;
  }
  unsigned type() {
    const Token token = cursor_.next();
    const unsigned size = size_of_type(token.text);
    if (size == 0)
      cursor_.fail_at(token.line, "type " + std::string(token.text) +
                                      " (the interpreter does not have it) use .b8 to .b64, .f32, .f64 or .pred");
    return size;
  }

  /// [.align n] .type name[size]... ; several names may follow a type.
  void variables(Space space, const auto& declare) {
    const std::size_t given = alignment_or(0);
    const unsigned element = type();
    do {
      Variable variable;
      variable.space = space;
      variable.alignment = given != 0 ? given : element;
      const Token name = cursor_.next();
      variable.name = name.text;
      std::size_t elements = 1;
      while (cursor_.accept("[")) {
        if (cursor_.accept("]")) {
          variable.dynamic = true;
        } else {
          elements *= cursor_.integer();
          cursor_.expect("]");
        }
      }
      variable.size = elements * element;
      if (variable.dynamic && (space != Space::shared || !is_extern_)) {
        cursor_.fail_at(name.line,
                        "array " + variable.name + " without a size (only .extern .shared may be so) give one");
      }
      declare(variable, element, name);
    } while (cursor_.accept(","));
    cursor_.expect(";");
  }

  void module_variables(std::string_view word) {
    const Space space = word == ".global" ? Space::global : word == ".const" ? Space::constant : Space::shared;
    variables(space, [&](Variable variable, unsigned element, const Token& name) {
      if (space == Space::shared) {
        module_variables_.push_back(variable);
        return;
      }
      if (is_extern_)
        cursor_.fail_at(name.line, variable.name + " is defined elsewhere (modules are not linked) define it here");
      variable.array_index = module_.arrays.size();
      Array array{variable.name, space, variable.alignment, std::vector<std::byte>(variable.size)};
      if (cursor_.accept("=")) initialise(array, element);
      module_.arrays.push_back(std::move(array));
      module_variables_.push_back(variable);
    });
  }

  void initialise(Array& array, unsigned element) {
    std::size_t at = 0;
    const bool is_list = cursor_.accept("{");
    do {
      if (is_list && cursor_.peek().text == "}") break;
      const bool minus = cursor_.accept("-");
      const Token word = cursor_.next();
      const auto literal = literal_of(word.text);
      if (!literal)
        cursor_.fail_at(word.line, "initial value " + std::string(word.text) + " (it is no number) write numbers");
      if (at + element > array.bytes.size())
        cursor_.fail_at(word.line, "too many values of " + array.name + " (it has fewer elements) drop some");
      const std::uint64_t bits = minus ? 0 - literal->bits : literal->bits;
      std::memcpy(array.bytes.data() + at, &bits, element);
      at += element;
    } while (is_list && cursor_.accept(","));
    if (is_list) cursor_.expect("}");
  }

  /// A device function: calls are refused, so its body is of no use.
  void function() {
    while (cursor_.peek().text != "{" && cursor_.peek().text != ";") cursor_.next();
    if (!cursor_.accept(";")) cursor_.skip_block();
    is_extern_ = false;
  }

  void parameters(Kernel& kernel) {
    if (!cursor_.accept("(")) return;
    if (cursor_.accept(")")) return;
    do {
      cursor_.expect(".param");
      const std::size_t before_type = alignment_or(0);
      const unsigned element = type();
      // A pointer may say what it points to.
      if (cursor_.accept(".ptr")) {
        for (const char* space : {".global", ".const", ".shared", ".local"}) cursor_.accept(space);
        alignment_or(0);
      }
      const std::size_t alignment = before_type != 0 ? before_type : element;
      Parameter parameter;
      parameter.name = cursor_.next().text;
      std::size_t size = element;
      if (cursor_.accept("[")) {
        size = element * cursor_.integer();
        cursor_.expect("]");
      }
      parameter.offset = static_cast<std::uint32_t>((kernel.parameter_size + alignment - 1) / alignment * alignment);
      parameter.size = static_cast<std::uint32_t>(size);
      kernel.parameter_size = parameter.offset + parameter.size;
      kernel.parameters.push_back(parameter);
    } while (cursor_.accept(","));
    cursor_.expect(")");
  }

  unsigned product() {
    unsigned result = 1;
    do {
      result *= static_cast<unsigned>(cursor_.integer());
    } while (cursor_.accept(","));
    return result;
  }

  void kernel() {
    Kernel& kernel = module_.kernels.emplace_back();
    kernel.name = cursor_.next().text;
    is_extern_ = false;
    parameters(kernel);
    while (cursor_.peek().text != "{") {
      const Token token = cursor_.next();
      if (token.text == ";") {
        // Declared only.
        module_.kernels.pop_back();
        return;
      }
      if (token.text == ".maxntid") {
        kernel.largest_block = product();
      } else if (token.text == ".reqntid") {
        kernel.required_block = product();
      } else if (token.text == ".minnctapersm" || token.text == ".maxnreg" || token.text == ".maxnctapersm") {
        cursor_.integer();
      } else if (token.text == ".pragma") {
        cursor_.skip_past(";");
      } else {
        cursor_.fail_at(token.line, "unknown directive " + std::string(token.text) + " of " + kernel.name +
                                        " (none that a kernel needs) remove it");
      }
    }
    body(kernel);
  }

  void body(Kernel& kernel) {
    Names names(kernel, module_variables_);
    Assembler assembler(kernel, names, table_, cursor_);
    cursor_.expect("{");
    names.open_scope();
    while (names.in_scope()) {
      const Token token = cursor_.peek();
      const std::string_view word = token.text;
      if (word == "{") {
        cursor_.next();
        names.open_scope();
      } else if (word == "}") {
        cursor_.next();
        names.close_scope();
      } else if (word == ";") {
        cursor_.next();
      } else if (word == "@") {
        assembler.statement();
      } else if (!word.empty() && word[0] == '.') {
        cursor_.next();
        directive(token, names);
      } else {
        const std::size_t start = cursor_.position();
        cursor_.next();
        if (cursor_.accept(":")) {
          assembler.label(token);
        } else {
          cursor_.return_to(start);
          assembler.statement();
        }
      }
    }
    assembler.finish();
  }

  void directive(const Token& token, Names& names) {
    const std::string_view word = token.text;
    if (word == ".reg") {
      registers(names);
    } else if (word == ".local" || word == ".shared" || word == ".extern") {
      is_extern_ = word == ".extern";
      if (is_extern_) cursor_.expect(".shared");
      const Space space = word == ".local" ? Space::local : Space::shared;
      variables(space, [&](const Variable& variable, unsigned, const Token& name) {
        if (!names.declare(variable)) twice(name);
      });
      is_extern_ = false;
    } else if (word == ".loc" || word == ".file") {
      cursor_.skip_line();
    } else if (word == ".pragma") {
      cursor_.skip_past(";");
    } else {
      cursor_.fail_at(token.line, "unknown directive " + std::string(word) + " (none that a kernel needs) remove it");
    }
  }

  void registers(Names& names) {
    const unsigned bytes = type();
    do {
      const Token name = cursor_.next();
      bool is_new = false;
      if (cursor_.accept("<")) {
        is_new = names.declare_range(std::string(name.text), static_cast<unsigned>(cursor_.integer()), bytes);
        cursor_.expect(">");
      } else {
        is_new = names.declare(std::string(name.text), bytes);
      }
      if (!is_new) twice(name);
    } while (cursor_.accept(","));
    cursor_.expect(";");
  }

  [[noreturn]] void twice(const Token& name) const {
    cursor_.fail_at(name.line, std::string(name.text) + " is declared twice (in one scope) rename one");
  }

  Cursor cursor_;
  Table table_;
  Module module_;
  std::vector<Variable> module_variables_;
  bool is_extern_ = false;
};

}  // namespace

Module parse(std::string_view text, std::string name, Dialect dialect) { return Parser(text, name, dialect).parse(); }

Module parse_file(const std::string& path, Dialect dialect) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Error(path + ": cannot be read (it is not there) let nvcc make it");
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  return parse(text, path.substr(path.rfind('/') + 1), dialect);
}

std::vector<std::string> kernel_names(const Module& module) {
  std::vector<std::string> names;
  for (const Kernel& kernel : module.kernels) names.push_back(kernel.name);
  return names;
}

std::string kernel_named(const Module& module, const std::vector<std::string>& parts) {
  std::string found;
  for (const Kernel& kernel : module.kernels) {
    const bool matches = std::all_of(parts.begin(), parts.end(), [&](const std::string& part) {
      return kernel.name.find(part) != std::string::npos;
    });
    if (!matches) continue;
    if (!found.empty())
      throw Error(module.name + ": both " + found + " and " + kernel.name + " (the parts are too few) give more");
    found = kernel.name;
  }
  if (found.empty())
    throw Error(module.name + ": no kernel has all the parts (names are mangled) look at kernel_names()");
  return found;
}

}  // namespace scorepath::ptx
