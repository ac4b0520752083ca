// PTX text as tokens: words (names with their dots, numbers) and single punctuation marks.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/ptx/error.hpp"

namespace scorepath::ptx {

struct Token {
  std::string_view text;
  std::uint32_t line = 0;
};

/// Comments and white space are left out. The tokens point into `text`; the last one is empty.
std::vector<Token> tokens_of(std::string_view text, const std::string& name);

class Cursor {
 public:
  Cursor(std::vector<Token> tokens, std::string name) : tokens_(std::move(tokens)), name_(std::move(name)) {}
  const Token& peek() const { return tokens_[at_]; }
  bool at_end() const { return peek().text.empty(); }
  std::size_t position() const { return at_; }
  void return_to(std::size_t position) { at_ = position; }
  Token next();
  /// Takes the token if it is `text`.
  bool accept(std::string_view text);
  void expect(std::string_view text);
  /// Leaves out everything up to and with `text`.
  void skip_past(std::string_view text);
  /// Leaves out the rest of the line of the token before.
  void skip_line();
  /// Leaves out a block in braces, with what is nested in it.
  void skip_block();
  std::uint64_t integer();
  [[noreturn]] void fail(const std::string& problem) const { fail_at(peek().line, problem); }
  [[noreturn]] void fail_at(std::uint32_t line, const std::string& problem) const {
    throw Error(name_ + ":" + std::to_string(line) + ": " + problem);
  }
  const std::string& name() const { return name_; }

 private:
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  std::string name_;
};

/// A number as PTX writes it: 12, 0x1f, 0b11, 017, 12U, 0f3F800000 (the bits of a float), 0d... (of a double).
struct Literal {
  enum class Kind : std::uint8_t { integer, float_bits, double_bits } kind = Kind::integer;
  std::uint64_t bits = 0;
};
std::optional<Literal> literal_of(std::string_view word);

}  // namespace scorepath::ptx
