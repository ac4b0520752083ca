// The zip container, read from its central directory (APPNOTE 6.3.10, sections 4.3 to 4.5); every place and size is
// checked against the bytes that are there before it is believed.
#include "host/cli/picture_archive.hpp"

#include <zlib.h>

#include <algorithm>
#include <cstring>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "host/check.hpp"
#include "host/quoted.hpp"

namespace scorepath::cli {
namespace {

constexpr std::uint32_t local_mark = 0x04034b50, entry_mark = 0x02014b50, end_mark = 0x06054b50;
constexpr std::uint32_t zip64_end_mark = 0x06064b50, zip64_locator_mark = 0x07064b50, in_zip64 = 0xffffffff;
constexpr std::size_t end_size = 22, locator_size = 20, longest_comment = 0xffff;
constexpr std::uint64_t largest_ratio = 1032;  // of deflate: what claims more is a bomb

[[noreturn]] void refuse_archive(const std::string& name, const std::string& why) {
  throw Error(ErrorKind::input, fmt::format("{} cannot be read as .npz ({}) give what scorepath sample --out or "
                                            "numpy.savez wrote",
                                            name, why));
}

/// Little-endian fields of the file.
class Fields {
 public:
  Fields(std::string_view bytes, const std::string& name) : bytes_(bytes), name_(name) {}

  std::uint64_t u16(std::uint64_t at) const { return number(at, 2); }
  std::uint32_t u32(std::uint64_t at) const { return static_cast<std::uint32_t>(number(at, 4)); }
  std::uint64_t u64(std::uint64_t at) const { return number(at, 8); }
  std::string_view piece(std::uint64_t at, std::uint64_t size) const {
    if (at > bytes_.size() || size > bytes_.size() - at) refuse_archive(name_, "it is truncated");
    return bytes_.substr(static_cast<std::size_t>(at), static_cast<std::size_t>(size));
  }

 private:
  std::uint64_t number(std::uint64_t at, std::uint64_t size) const {
    std::uint64_t value = 0;
    std::memcpy(&value, piece(at, size).data(), static_cast<std::size_t>(size));
    return value;
  }
  std::string_view bytes_;
  const std::string& name_;
};

struct Directory {
  std::uint64_t entries, at;
};

Directory find_directory(std::string_view bytes, const Fields& fields, const std::string& name) {
  if (bytes.size() < end_size) refuse_archive(name, "it is truncated");
  const std::size_t last = bytes.size() - end_size, first = last - std::min(last, longest_comment);
  std::size_t end = last;
  while (fields.u32(end) != end_mark) {
    if (end == first) refuse_archive(name, "it is truncated: its directory is missing");
    --end;
  }
  const Directory plain{fields.u16(end + 10), fields.u32(end + 16)};
  if (plain.entries != 0xffff && plain.at != in_zip64) return plain;
  if (end < locator_size || fields.u32(end - locator_size) != zip64_locator_mark) return plain;
  const std::uint64_t far = fields.u64(end - locator_size + 8);
  if (fields.u32(far) != zip64_end_mark) refuse_archive(name, "its zip64 directory is missing");
  return {fields.u64(far + 32), fields.u64(far + 48)};
}

/// Sizes and places beyond 32 bits stand in an extra field, those that are needed and in this order.
void read_zip64(std::string_view extra, const std::vector<std::uint64_t*>& wanted, const std::string& name) {
  const Fields fields(extra, name);
  for (std::uint64_t at = 0; at + 4 <= extra.size();) {
    const std::uint64_t tag = fields.u16(at), size = fields.u16(at + 2);
    at += 4;
    if (tag == 1) {
      const Fields numbers(fields.piece(at, size), name);
      for (std::size_t i = 0; i < wanted.size(); ++i) *wanted[i] = numbers.u64(8 * i);
      return;
    }
    at += size;
  }
  refuse_archive(name, "a member's zip64 sizes are missing");
}

std::string inflated(std::string_view packed, std::uint64_t size, const std::string& name) {
  std::string out(static_cast<std::size_t>(size), '\0');
  z_stream stream{};
  // Raw deflate, without a header of zlib's own.
  SP_VALIDATE(inflateInit2(&stream, -MAX_WBITS) == Z_OK, resource, "zlib did not start (out of memory) free some");
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  int state = Z_OK;
  // zlib counts in 32 bits: both sides in pieces.
  constexpr std::uint64_t piece = std::uint64_t{1} << 30;
  std::uint64_t in_left = packed.size(), out_left = size;
  while (state == Z_OK) {
    const auto in = static_cast<uInt>(std::min(in_left, piece)), room = static_cast<uInt>(std::min(out_left, piece));
    stream.avail_in = in;
    stream.avail_out = room;
    state = inflate(&stream, Z_NO_FLUSH);
    in_left -= in - stream.avail_in;
    out_left -= room - stream.avail_out;
  }
  inflateEnd(&stream);
  if (state != Z_STREAM_END || out_left != 0) refuse_archive(name, "its compressed data are broken");
  return out;
}

void append_utf8(std::string& out, std::uint32_t point) {
  if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) point = '?';
  const auto tail = [&](std::uint32_t shift) { out += static_cast<char>(0x80U | ((point >> shift) & 0x3fU)); };
  if (point < 0x80) {
    out += static_cast<char>(point);
  } else if (point < 0x800) {
    out += static_cast<char>(0xc0U | (point >> 6U));
    tail(0);
  } else if (point < 0x10000) {
    out += static_cast<char>(0xe0U | (point >> 12U));
    tail(6), tail(0);
  } else {
    out += static_cast<char>(0xf0U | (point >> 18U));
    tail(12), tail(6), tail(0);
  }
}

}  // namespace

bool is_archive(std::string_view bytes) {
  return bytes.substr(0, 4) == "PK\x03\x04" || bytes.substr(0, 4) == "PK\x05\x06";  // the latter: without members
}

Archive::Archive(std::string bytes, std::string name) : bytes_(std::move(bytes)), name_(std::move(name)) {
  if (!is_archive(bytes_)) refuse_archive(name_, bytes_.empty() ? "it is empty" : "it is no zip archive");
  read_directory();
}

void Archive::read_directory() {
  const Fields fields(bytes_, name_);
  const Directory directory = find_directory(bytes_, fields, name_);
  std::uint64_t at = directory.at;
  for (std::uint64_t i = 0; i < directory.entries; ++i) {
    if (fields.u32(at) != entry_mark) refuse_archive(name_, "its directory is broken");
    const std::uint64_t name_size = fields.u16(at + 28), extra_size = fields.u16(at + 30);
    std::string member(fields.piece(at + 46, name_size));
    Member m{fields.u16(at + 10) == 8, fields.u32(at + 16), fields.u32(at + 20), fields.u32(at + 24),
             fields.u32(at + 42)};
    std::vector<std::uint64_t*> wanted;
    for (std::uint64_t* const value : {&m.size, &m.packed, &m.header})
      if (*value == in_zip64) wanted.push_back(value);
    if (!wanted.empty()) read_zip64(fields.piece(at + 46 + name_size, extra_size), wanted, name_);
    const auto refuse_member = [&](const char* why) {
      refuse_archive(name_, fmt::format("its member '{}' {}", printable(member, 40), why));
    };
    if ((fields.u16(at + 8) & 1U) != 0) refuse_member("is encrypted");
    if (!m.deflated && fields.u16(at + 10) != 0) refuse_member("is neither stored nor deflated");
    if (!m.deflated && m.packed != m.size) refuse_member("has two sizes");
    if (m.packed > bytes_.size() || m.size / largest_ratio > m.packed) refuse_member("claims more than the file holds");
    if (member.size() >= 4 && member.compare(member.size() - 4, 4, ".npy") == 0) {
      member.resize(member.size() - 4);
      if (!members_.emplace(member, m).second) refuse_member("is there twice");
    }
    at += 46 + name_size + extra_size + fields.u16(at + 32);
  }
}

std::vector<std::string> Archive::arrays() const {
  std::vector<std::string> names;
  for (const auto& [array, member] : members_) names.push_back(array);
  return names;
}

std::string Archive::unpacked(const std::string& array) const {
  const auto found = members_.find(array);
  if (found == members_.end()) {
    const std::string there = printable(fmt::format("{}", fmt::join(arrays(), ", ")), 200);
    throw Error(ErrorKind::input, fmt::format("{} has no array '{}' (it has {}) give an archive that has one", name_,
                                              printable(array), there.empty() ? "none" : there));
  }
  const Member& member = found->second;
  const std::string place = fmt::format("{}: {}", name_, printable(array, 40));
  const Fields fields(bytes_, place);
  if (fields.u32(member.header) != local_mark) refuse_archive(place, "its header is missing");
  const std::uint64_t start = member.header + 30 + fields.u16(member.header + 26) + fields.u16(member.header + 28);
  const std::string_view packed = fields.piece(start, member.packed);
  std::string data = member.deflated ? inflated(packed, member.size, place) : std::string(packed);
  if (::crc32_z(0, reinterpret_cast<const Bytef*>(data.data()), data.size()) != member.crc)
    refuse_archive(place, "its checksum is wrong: bytes have changed");
  return data;
}

Array Archive::array(const std::string& array) const {
  return parse_npy(unpacked(array), fmt::format("{}: {}", name_, printable(array, 40)));
}

std::optional<std::string> Archive::text(const std::string& array) const {
  if (!has(array)) return std::nullopt;
  const std::string bytes = unpacked(array);
  // NumPy keeps a string as code points of four bytes, padded with zeros; only version 1.0 is written for it.
  constexpr std::size_t preamble = 10;
  if (bytes.size() < preamble || bytes[6] != 1) return std::nullopt;
  const std::size_t length =
      static_cast<unsigned char>(bytes[8]) + std::size_t{256} * static_cast<unsigned char>(bytes[9]);
  const std::string_view header = std::string_view(bytes).substr(preamble, length);
  if (header.find("'descr': '<U") == std::string_view::npos || header.find("'shape': ()") == std::string_view::npos)
    return std::nullopt;
  std::string out;
  for (std::size_t at = preamble + length; at + 4 <= bytes.size(); at += 4) {
    std::uint32_t point = 0;
    std::memcpy(&point, bytes.data() + at, 4);
    if (point == 0) break;
    append_utf8(out, point);
  }
  return out;
}

}  // namespace scorepath::cli
