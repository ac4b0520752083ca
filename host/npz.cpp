// The zip container of .npz: local headers, central directory, end records (APPNOTE 6.3.10, sections 4.3 to 4.5).
#include "host/npz.hpp"

#include <zlib.h>

#include <algorithm>

namespace scorepath {
namespace {

constexpr std::uint16_t version_plain = 20;
constexpr std::uint16_t version_zip64 = 45;
constexpr std::uint16_t unix_maker = 3U << 8U;
constexpr std::uint32_t unix_mode = 0100644U << 16U;
constexpr std::uint16_t first_date = (1U << 5U) | 1U;  // 1980-01-01: equal results give equal bytes
constexpr std::uint16_t zip64_tag = 1;
constexpr std::uint32_t in_zip64 = 0xffffffff;

/// Appends little-endian fields.
class Fields {
 public:
  Fields& u16(std::uint64_t value) { return put(value, 2); }
  Fields& u32(std::uint64_t value) { return put(value, 4); }
  Fields& u64(std::uint64_t value) { return put(value, 8); }
  Fields& text(const std::string& value) {
    bytes_ += value;
    return *this;
  }
  const std::string& bytes() const { return bytes_; }

 private:
  Fields& put(std::uint64_t value, int width) {
    for (int i = 0; i < width; ++i) bytes_ += static_cast<char>((value >> (8 * i)) & 0xffU);
    return *this;
  }
  std::string bytes_;
};

}  // namespace

NpzWriter::NpzWriter(const std::string& path, Overwrite overwrite, std::uint64_t zip64_from)
    : file_(path, overwrite), zip64_from_(zip64_from) {}

void NpzWriter::add(const std::string& name, std::string_view npy) {
  add_pieces(name, [&](const Sink& sink) { sink(npy); });
}

void NpzWriter::add_pieces(const std::string& name, const std::function<void(const Sink&)>& produce) {
  Member member{name + ".npy", 0, 0, file_.size()};
  produce([&](std::string_view bytes) {
    member.crc =
        static_cast<std::uint32_t>(::crc32_z(member.crc, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
    member.size += bytes.size();
  });
  const bool large = is_large(member.size);
  Fields header;
  header.u32(0x04034b50).u16(large ? version_zip64 : version_plain).u16(0).u16(0);  // signature, version, flags, stored
  header.u16(0).u16(first_date).u32(member.crc);
  header.u32(large ? in_zip64 : member.size).u32(large ? in_zip64 : member.size);
  header.u16(member.name.size()).u16(large ? 20 : 0).text(member.name);
  if (large) header.u16(zip64_tag).u16(16).u64(member.size).u64(member.size);
  file_.write(header.bytes());
  produce([&](std::string_view bytes) { file_.write(bytes); });
  members_.push_back(member);
}

void NpzWriter::commit() {
  const std::uint64_t start = file_.size();
  bool large_directory = is_large(start) || members_.size() >= 0xffff;
  for (const Member& member : members_) {
    const bool large = is_large(member.size);
    const bool far = is_large(member.offset);
    const bool zip64 = large || far;
    Fields extra;
    if (zip64) {
      extra.u16(zip64_tag).u16((large ? 16 : 0) + (far ? 8 : 0));
      if (large) extra.u64(member.size).u64(member.size);
      if (far) extra.u64(member.offset);
    }
    Fields entry;
    entry.u32(0x02014b50).u16(unix_maker | version_zip64).u16(zip64 ? version_zip64 : version_plain);
    entry.u16(0).u16(0).u16(0).u16(first_date).u32(member.crc);
    entry.u32(large ? in_zip64 : member.size).u32(large ? in_zip64 : member.size);
    entry.u16(member.name.size()).u16(extra.bytes().size()).u16(0).u16(0).u16(0).u32(unix_mode);
    entry.u32(far ? in_zip64 : member.offset).text(member.name).text(extra.bytes());
    file_.write(entry.bytes());
    large_directory = large_directory || zip64;
  }
  const std::uint64_t size = file_.size() - start;
  const std::uint64_t count = members_.size();
  Fields end;
  if (large_directory) {
    end.u32(0x06064b50).u64(44).u16(unix_maker | version_zip64).u16(version_zip64).u32(0).u32(0);
    end.u64(count).u64(count).u64(size).u64(start);
    end.u32(0x07064b50).u32(0).u64(start + size).u32(1);
  }
  const std::uint64_t short_count = large_directory ? 0xffff : count;
  end.u32(0x06054b50).u16(0).u16(0).u16(short_count).u16(short_count);
  end.u32(large_directory ? in_zip64 : size).u32(large_directory ? in_zip64 : start).u16(0);
  file_.write(end.bytes());
  file_.commit();
}

}  // namespace scorepath
