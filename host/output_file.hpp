// Output files that are either whole or not there: a temporary neighbour, synced, then renamed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <scorepath/export.hpp>
#include <scorepath/files.hpp>

namespace scorepath {

/// Throws Error(output) unless `path` could be written now: its folder exists and takes new files, and `path` itself is
/// free, or a regular file and `overwrite` is yes. Leaves nothing behind. For use before computing.
/// Exported, like write_text_file(), for the command line; not part of the public headers.
SCOREPATH_API void check_writable(const std::string& path, Overwrite overwrite);

/// Writes `text` to `path`, all or nothing. Errors: output.
SCOREPATH_API void write_text_file(const std::string& path, std::string_view text, Overwrite overwrite);

/// A file under construction. Until commit() only a hidden temporary file exists; the destructor removes it.
class OutputFile {
 public:
  /// Errors: output, as check_writable().
  OutputFile(const std::string& path, Overwrite overwrite);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  void write(std::string_view bytes);
  std::uint64_t size() const { return size_; }
  /// Syncs and renames. A file that appeared under the name since the start is an error unless overwriting.
  void commit();

 private:
  std::string path_, temporary_;
  Overwrite overwrite_;
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
};

}  // namespace scorepath
