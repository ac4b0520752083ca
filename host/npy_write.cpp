// The .npy writer: version 1.0 headers, padded so that the data start at a multiple of 64 bytes.
#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "host/npy.hpp"

namespace scorepath {
namespace {

std::string header_of(std::string_view descr, const std::vector<std::size_t>& shape) {
  // A tuple of one needs its comma.
  const std::string tuple = fmt::format("({}{})", fmt::join(shape, ", "), shape.size() == 1 ? "," : "");
  std::string header = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': {}, }}", descr, tuple);
  constexpr std::size_t preamble = 10;
  header.append(63 - (preamble + header.size()) % 64, ' ');
  header += '\n';
  std::string bytes = "\x93NUMPY\x01";
  bytes += '\0';
  bytes += static_cast<char>(header.size() & 0xff);
  bytes += static_cast<char>(header.size() >> 8U);
  return bytes + header;
}

std::string with_header(std::string_view descr, const std::vector<std::size_t>& shape, std::string_view data) {
  std::string bytes = header_of(descr, shape);
  bytes += data;
  return bytes;
}

template <class T>
std::string_view raw(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

/// Code points of UTF-8 text; bytes that are not UTF-8 become U+FFFD.
std::vector<std::uint32_t> code_points(std::string_view text) {
  std::vector<std::uint32_t> out;
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t length = lead < 0x80 ? 1 : lead >> 5U == 6 ? 2 : lead >> 4U == 14 ? 3 : lead >> 3U == 30 ? 4 : 0;
    std::uint32_t point = length == 1 ? lead : lead & (0x7fU >> length);
    bool sound = length > 0 && i + length <= text.size();
    for (std::size_t j = 1; sound && j < length; ++j) {
      const auto next = static_cast<unsigned char>(text[i + j]);
      sound = next >> 6U == 2;
      point = point << 6U | (next & 0x3fU);
    }
    sound = sound && point <= 0x10ffff && (point < 0xd800 || point > 0xdfff);
    out.push_back(sound ? point : 0xfffd);
    i += sound ? length : 1;
  }
  return out;
}

}  // namespace

std::string npy_header(const std::vector<std::size_t>& shape) { return header_of("<f8", shape); }

std::string npy_bytes(const std::vector<double>& values, const std::vector<std::size_t>& shape) {
  return with_header("<f8", shape, raw(values));
}

std::string npy_bytes(const std::vector<std::int64_t>& values, const std::vector<std::size_t>& shape) {
  return with_header("<i8", shape, raw(values));
}

std::string npy_bytes(const std::vector<std::string>& texts, const std::vector<std::size_t>& shape) {
  std::size_t width = 1;  // numpy knows no strings without room
  std::vector<std::vector<std::uint32_t>> rows;
  for (const std::string& text : texts) {
    rows.push_back(code_points(text));
    width = std::max(width, rows.back().size());
  }
  std::vector<std::uint32_t> padded;
  padded.reserve(width * rows.size());
  for (std::vector<std::uint32_t>& row : rows) {
    row.resize(width);
    padded.insert(padded.end(), row.begin(), row.end());
  }
  return with_header(fmt::format("<U{}", width), shape, raw(padded));
}

}  // namespace scorepath
