// .npz archives out: a zip of .npy members, stored, zip64 where sizes need it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "host/output_file.hpp"

namespace scorepath {

/// Writes one archive, member by member; all or nothing.
class NpzWriter {
 public:
  /// Sizes and offsets from `zip64_from` on are written in zip64 form (tests lower it). Errors: output.
  NpzWriter(const std::string& path, Overwrite overwrite, std::uint64_t zip64_from = 0xffffffff);

  /// Adds the array `name` from the bytes of its .npy file (npy_bytes()). Names are plain ASCII and distinct.
  void add(const std::string& name, std::string_view npy);
  /// The same for an array that is not in memory as a whole: `produce(sink)` hands the file's bytes to sink(bytes)
  /// piece by piece. It is called twice, for the checksum and to write, and must give the same bytes.
  using Sink = std::function<void(std::string_view)>;
  void add_pieces(const std::string& name, const std::function<void(const Sink&)>& produce);
  /// Writes the directory and gives the file its name.
  void commit();

 private:
  struct Member {
    std::string name;
    std::uint32_t crc;
    std::uint64_t size, offset;
  };
  bool is_large(std::uint64_t value) const { return value >= zip64_from_; }

  OutputFile file_;
  std::uint64_t zip64_from_;
  std::vector<Member> members_;
};

}  // namespace scorepath
