// Words, punctuation and numbers of PTX text.
#include "tests/ptx/lexer.hpp"

#include <charconv>

namespace scorepath::ptx {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' || c == '%' ||
         c == '.';
}

std::optional<std::uint64_t> digits(std::string_view text, int base) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{} || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

}  // namespace

std::vector<Token> tokens_of(std::string_view text, const std::string& name) {
  std::vector<Token> tokens;
  std::uint32_t line = 1;
  std::size_t at = 0;
  const auto fail = [&](const std::string& what) { throw Error(name + ":" + std::to_string(line) + ": " + what); };
  while (at < text.size()) {
    const char c = text[at];
    if (c == '\n') {
      ++line;
      ++at;
    } else if (c == ' ' || c == '\t' || c == '\r') {
      ++at;
    } else if (text.substr(at, 2) == "//") {
      at = std::min(text.find('\n', at), text.size());
    } else if (text.substr(at, 2) == "/*") {
      const std::size_t end = text.find("*/", at + 2);
      if (end == std::string_view::npos) fail("comment without an end (/* needs */) close it");
      for (; at < end + 2; ++at) line += text[at] == '\n' ? 1 : 0;
    } else if (c == '"') {
      const std::size_t end = text.find('"', at + 1);
      if (end == std::string_view::npos) fail("string without an end (it needs a second quote) close it");
      tokens.push_back({text.substr(at, end + 1 - at), line});
      at = end + 1;
    } else if (is_word(c)) {
      std::size_t end = at;
      // Two colons belong to a name, as in .L1::no_allocate; one ends a label.
      while (end < text.size() && (is_word(text[end]) || text.substr(end, 2) == "::")) end += text[end] == ':' ? 2 : 1;
      tokens.push_back({text.substr(at, end - at), line});
      at = end;
    } else if (std::string_view(",;{}[]()<>+-|!@=:").find(c) != std::string_view::npos) {
      tokens.push_back({text.substr(at++, 1), line});
    } else {
      fail(std::string("unexpected '") + c + "' (no PTX has it here) is this PTX text?");
    }
  }
  tokens.push_back({{}, line});
  return tokens;
}

Token Cursor::next() {
  if (at_end()) fail("the text ends too early (something is not closed) complete it");
  return tokens_[at_++];
}
bool Cursor::accept(std::string_view text) {
  if (peek().text != text) return false;
  ++at_;
  return true;
}
void Cursor::expect(std::string_view text) {
  if (!accept(text)) {
    fail("found '" + std::string(peek().text) + "' (" + std::string(text) + " should stand here) correct the text");
  }
}
void Cursor::skip_past(std::string_view text) {
  while (next().text != text) {
  }
}
void Cursor::skip_line() {
  const std::uint32_t line = tokens_[at_ - 1].line;
  while (!at_end() && peek().line == line) ++at_;
}
void Cursor::skip_block() {
  expect("{");
  for (int depth = 1; depth > 0;) {
    const std::string_view text = next().text;
    depth += text == "{" ? 1 : text == "}" ? -1 : 0;
  }
}
std::uint64_t Cursor::integer() {
  const std::optional<Literal> literal = literal_of(peek().text);
  if (!literal || literal->kind != Literal::Kind::integer) {
    fail("found '" + std::string(peek().text) + "' (an integer should stand here) correct the text");
  }
  ++at_;
  return literal->bits;
}

std::optional<Literal> literal_of(std::string_view word) {
  if (word.empty() || !is_digit(word[0])) return std::nullopt;
  const char second = word.size() > 1 ? word[1] : ' ';
  if (word[0] == '0' && (second == 'f' || second == 'F' || second == 'd' || second == 'D')) {
    const bool single = second == 'f' || second == 'F';
    const auto bits = digits(word.substr(2), 16);
    if (!bits || word.size() != (single ? 10u : 18u)) return std::nullopt;
    return Literal{single ? Literal::Kind::float_bits : Literal::Kind::double_bits, *bits};
  }
  if (word.back() == 'U') word.remove_suffix(1);
  std::optional<std::uint64_t> value;
  if (word[0] == '0' && (second == 'x' || second == 'X')) {
    value = digits(word.substr(2), 16);
  } else if (word[0] == '0' && (second == 'b' || second == 'B')) {
    value = digits(word.substr(2), 2);
  } else if (word[0] == '0' && word.size() > 1) {
    value = digits(word.substr(1), 8);
  } else {
    value = digits(word, 10);
  }
  if (!value) return std::nullopt;
  return Literal{Literal::Kind::integer, *value};
}

}  // namespace scorepath::ptx
