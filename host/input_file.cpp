// Reading a whole input file: POSIX calls, so that the size and the kind of the file that is read are those checked.
#include "host/input_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>
#include <stdexcept>

#include <fmt/format.h>

#include "host/check.hpp"

namespace scorepath {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return value_; }

 private:
  int value_;
};

/// Reads to the end; a file that grows meanwhile is cut at `largest` + 1 bytes, which the caller refuses.
std::string read_all(int descriptor, std::uint64_t expected, std::uint64_t largest, const std::string& name) {
  constexpr std::size_t chunk = std::size_t{1} << 20;
  std::string bytes;
  bytes.reserve(static_cast<std::size_t>(expected));
  for (;;) {
    const std::size_t used = bytes.size();
    if (used > largest) return bytes;
    // A file of known size is read in one go; the extra byte notices its end.
    const std::size_t wanted = used < expected ? static_cast<std::size_t>(expected - used) : (expected > 0 ? 1 : chunk);
    bytes.resize(used + wanted);
    const ssize_t got = ::read(descriptor, bytes.data() + used, wanted);
    bytes.resize(used + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got < 0 && errno == EINTR) continue;
    SP_VALIDATE(got >= 0, input,
                fmt::format("{} cannot be read ({}) check the file and its disk", name, std::strerror(errno)));
    if (got == 0) return bytes;
  }
}

}  // namespace

std::string read_input_file(const std::string& path, const std::string& name, const std::string& what,
                            std::uint64_t largest) {
  SP_VALIDATE(!path.empty() && path.find('\0') == std::string::npos, input,
              fmt::format("{} cannot be opened (the name is empty or holds a NUL) give the name of {}", name, what));
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  SP_VALIDATE(
      file.get() >= 0, input,
      fmt::format("{} cannot be opened ({}) give the name of {} that can be read", name, std::strerror(errno), what));
  struct stat status {};
  SP_VALIDATE(::fstat(file.get(), &status) == 0, input,
              fmt::format("{} cannot be read ({}) give the name of {}", name, std::strerror(errno), what));
  SP_VALIDATE(!S_ISDIR(status.st_mode), input,
              fmt::format("{} is a folder (a file is needed) give the name of {}", name, what));
  SP_VALIDATE(S_ISREG(status.st_mode) || S_ISFIFO(status.st_mode), input,
              fmt::format("{} is not a regular file (it is a device or socket) give the name of {}", name, what));
  const auto size = S_ISREG(status.st_mode) ? static_cast<std::uint64_t>(status.st_size) : 0;
  const auto too_large = [&] {
    return fmt::format("{} is too large (above {} bytes for {}) keep large arrays in .npy files", name, largest, what);
  };
  SP_VALIDATE(size <= largest, input, too_large());
  try {
    std::string bytes = read_all(file.get(), size, largest, name);
    SP_VALIDATE(bytes.size() <= largest, input, too_large());
    return bytes;
  } catch (const std::bad_alloc&) {
    throw Error(ErrorKind::resource, fmt::format("{} does not fit into memory ({} bytes) split it", name, size));
  } catch (const std::length_error&) {
    throw Error(ErrorKind::resource, fmt::format("{} does not fit into memory ({} bytes) split it", name, size));
  }
}

}  // namespace scorepath
