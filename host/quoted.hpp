// Text from outside (file names, keys, values) made fit for a one-line message.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <fmt/format.h>

namespace scorepath {

/// Bytes of the character that `text` begins with, in UTF-8; 0 where it begins with none.
inline std::size_t character_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  if (text.empty()) return 0;
  if (byte(0) < 0x80) return 1;
  const std::size_t length = byte(0) >= 0xf0 ? 4 : byte(0) >= 0xe0 ? 3 : 2;
  if (byte(0) < 0xc2 || byte(0) > 0xf4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if (byte(i) < 0x80 || byte(i) > 0xbf) return 0;
  return length;
}

/// `text` with quotes, backslashes, control characters and bytes that are no UTF-8 escaped, cut after `longest` bytes:
/// a hostile file must not break the line or steer the terminal.
inline std::string printable(std::string_view text, std::size_t longest = 80) {
  std::string out;
  for (std::string_view left = text.substr(0, longest); !left.empty();) {
    const std::size_t length = character_length(left);
    const auto byte = static_cast<unsigned char>(left[0]);
    if (length == 0 || byte < 0x20 || byte == 0x7f) {
      out += fmt::format("\\x{:02x}", byte);
    } else if (byte == '\'' || byte == '\\') {
      out += '\\';
      out += left[0];
    } else {
      out += left.substr(0, length);
    }
    left.remove_prefix(length > 1 ? length : 1);
  }
  if (text.size() > longest) out += "...";
  return out;
}

/// A file name for a message: in quotes, escaped, whole.
inline std::string quoted(std::string_view path) { return "'" + printable(path, std::string_view::npos) + "'"; }

}  // namespace scorepath
