// Text from outside (file names, keys, values) made fit for a one-line message.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <fmt/format.h>

namespace scorepath {

/// `text` with control characters, quotes and backslashes escaped, cut after `longest` bytes: a hostile file must not
/// break the line or steer the terminal.
inline std::string printable(std::string_view text, std::size_t longest = 80) {
  std::string out;
  for (const char c : text.substr(0, longest)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
      out += fmt::format("\\x{:02x}", byte);
    } else if (c == '\'' || c == '\\') {
      out += '\\';
      out += c;
    } else {
      out += c;
    }
  }
  if (text.size() > longest) out += "...";
  return out;
}

/// A file name for a message: in quotes, escaped, whole.
inline std::string quoted(std::string_view path) { return "'" + printable(path, std::string_view::npos) + "'"; }

}  // namespace scorepath
