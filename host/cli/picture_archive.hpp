// .npz archives in: what pictures read of the samples that were written before. Input is treated as hostile.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/npy.hpp"

namespace scorepath::cli {

/// True where the bytes begin as those of a zip archive do.
bool is_archive(std::string_view bytes);

/// A zip archive of .npy members, stored or deflated, zip64 or not, as NpzWriter, numpy.savez and
/// numpy.savez_compressed write them. Nothing is unpacked before it is asked for.
class Archive {
 public:
  /// `name`: of the file, for messages. Errors: input (no archive, truncated, encrypted, a directory that contradicts
  /// itself).
  Archive(std::string bytes, std::string name);

  const std::string& name() const { return name_; }
  bool has(const std::string& array) const { return members_.count(array) != 0; }
  std::vector<std::string> arrays() const;
  /// parse_npy() of a member. Errors: input (no such array; its checksum or its contents are wrong).
  Array array(const std::string& array) const;
  /// A member that is one string, as UTF-8; absent where there is none of that kind. Errors: input (checksum).
  std::optional<std::string> text(const std::string& array) const;

 private:
  struct Member {
    bool deflated;
    std::uint32_t crc;
    std::uint64_t packed, size, header;  ///< bytes in the file, bytes unpacked, place of the local header
  };
  void read_directory();
  std::string unpacked(const std::string& array) const;

  std::string bytes_, name_;
  std::map<std::string, Member> members_;  ///< by the name of the array, without .npy
};

}  // namespace scorepath::cli
