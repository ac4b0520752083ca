// All-or-nothing output: POSIX calls, because the standard streams can neither sync nor refuse to replace.
#include "host/output_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <fmt/format.h>

#include "host/check.hpp"
#include "host/quoted.hpp"

namespace scorepath {
namespace {

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

[[noreturn]] void cannot_write(const std::string& path, const std::string& why, const std::string& remedy) {
  throw Error(ErrorKind::output, fmt::format("{} cannot be written ({}) {}", scorepath::quoted(path), why, remedy));
}
[[noreturn]] void refuse_existing(const std::string& path) {
  throw Error(ErrorKind::output,
              fmt::format("{} exists already (nothing is overwritten unasked) choose another name or give --force",
                          scorepath::quoted(path)));
}

/// Looks at the target itself: free, or a regular file that may be replaced. A dangling link counts as existing.
void check_target(const std::string& path, Overwrite overwrite) {
  SP_VALIDATE(!path.empty() && path.find('\0') == std::string::npos, output,
              "the output has no usable name (it is empty or holds a NUL) give a file name");
  if (path.back() == '/') cannot_write(path, "it names a folder", "give the name of a file");
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) {
    if (errno == ENOENT) return;
    cannot_write(path, std::strerror(errno), "choose another name");
  }
  if (::stat(path.c_str(), &status) == 0) {
    if (S_ISDIR(status.st_mode)) cannot_write(path, "it is a folder", "give the name of a file");
    if (!S_ISREG(status.st_mode)) cannot_write(path, "it is a device, pipe or socket", "give the name of a file");
  }
  if (overwrite == Overwrite::no) refuse_existing(path);
}

/// Where the bytes go in the end: a link is followed, so that overwriting replaces the file and keeps the link.
std::string resolved(const std::string& path) {
  char* const real = ::realpath(path.c_str(), nullptr);
  if (real == nullptr) return path;
  std::string out = real;
  std::free(real);
  return out;
}

/// Opens a new hidden file in the target's folder; its name is unique in the process and unused before.
int open_temporary(const std::string& path, std::string& temporary) {
  static std::atomic<unsigned> counter{0};
  const std::string folder = folder_of(path);
  for (int attempt = 0; attempt < 100; ++attempt) {
    temporary = fmt::format("{}/.scorepath-{}-{}.tmp", folder, ::getpid(), counter++);
    const int descriptor = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor >= 0) return descriptor;
    if (errno != EEXIST) break;
  }
  const int reason = errno;
  temporary.clear();
  cannot_write(path, fmt::format("its folder takes no new file: {}", std::strerror(reason)),
               "create the folder, or choose one that you may write to");
}

}  // namespace

void check_writable(const std::string& path, Overwrite overwrite) {
  // Trying is the only check that also sees read-only file systems and access lists.
  const OutputFile trial(path, overwrite);
}

void write_text_file(const std::string& path, std::string_view text, Overwrite overwrite) {
  OutputFile file(path, overwrite);
  file.write(text);
  file.commit();
}

OutputFile::OutputFile(const std::string& path, Overwrite overwrite) : path_(path), overwrite_(overwrite) {
  check_target(path, overwrite);
  if (overwrite == Overwrite::yes) path_ = resolved(path);
  descriptor_ = open_temporary(path_, temporary_);
}

OutputFile::~OutputFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void OutputFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t done = ::write(descriptor_, bytes.data(), bytes.size());
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) cannot_write(path_, std::strerror(errno), "make room or choose another place");
    size_ += static_cast<std::uint64_t>(done);
    bytes.remove_prefix(static_cast<std::size_t>(done));
  }
}

void OutputFile::commit() {
  struct stat old {};
  if (overwrite_ == Overwrite::yes && ::stat(path_.c_str(), &old) == 0) {
    // The replaced file's permissions stay; where that is forbidden the new file's own are as good.
    static_cast<void>(::fchmod(descriptor_, old.st_mode & 07777U));
  }
  const bool synced = ::fsync(descriptor_) == 0 || errno == EINVAL || errno == ENOTSUP;
  const int sync_error = errno;
  const bool closed = ::close(descriptor_) == 0;
  descriptor_ = -1;
  if (!synced || !closed) cannot_write(path_, std::strerror(synced ? errno : sync_error), "choose another place");
  int failed = -1;
#ifdef RENAME_NOREPLACE
  if (overwrite_ == Overwrite::no) {
    failed = ::renameat2(AT_FDCWD, temporary_.c_str(), AT_FDCWD, path_.c_str(), RENAME_NOREPLACE);
    if (failed != 0 && errno == EEXIST) refuse_existing(path_);
  }
#endif
  if (failed != 0) {  // overwriting, or a file system without that call
    check_target(path_, overwrite_);
    failed = std::rename(temporary_.c_str(), path_.c_str());
  }
  if (failed != 0) cannot_write(path_, std::strerror(errno), "choose another place");
  temporary_.clear();
  // The new name is durable once its folder is synced too; a file system that cannot do that has no more to offer.
  const int folder = ::open(folder_of(path_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder >= 0) {
    static_cast<void>(::fsync(folder));
    ::close(folder);
  }
}

}  // namespace scorepath
