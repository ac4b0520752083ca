// An interpreter of the PTX text that nvcc makes of the reproducible kernels: it shows, where there is no GPU, that the
// device code gives the bits of the CPU engine. It is strict: what it does not know it refuses by name, and what the
// PTX manual leaves undefined (races, uninitialised reads, divergent barriers, stray addresses) is an error.
//
//   const Module module = parse(text, "paths.ptx");
//   Memory memory;
//   memory.allow_read(table.data(), table.size() * sizeof(float));
//   memory.allow_write(values.data(), values.size() * sizeof(float));
//   run(module, {name, grid, block, 0, arguments(job, values.data())}, memory);
//
// Device pointers are host pointers. A grid has one dimension.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "tests/ptx/error.hpp"
#include "tests/ptx/program.hpp"

namespace scorepath::ptx {

/// Reproducible: what has one IEEE result. Approximate: also the flushing and inexact instructions of the fast kernels,
/// each with an error of the size that the fast lane assumes (approximate.cpp).
enum class Dialect { reproducible, approximate };

/// Throws Error for malformed text. An instruction that the interpreter lacks is an error of the kernel's launch: other
/// kernels of the module run.
Module parse(std::string_view text, std::string name, Dialect dialect = Dialect::reproducible);
/// Parses a file.
Module parse_file(const std::string& path, Dialect dialect = Dialect::reproducible);
/// Mangled names, in the order of the text.
std::vector<std::string> kernel_names(const Module& module);
/// The one kernel whose mangled name contains every part; throws Error unless there is exactly one.
std::string kernel_named(const Module& module, const std::vector<std::string>& parts);

struct Launch {
  std::string kernel;
  unsigned grid = 1, block = 1;
  std::size_t shared_bytes = 0;  ///< dynamic
  /// The param space, byte for byte: arguments() lays it out.
  std::vector<std::byte> parameters;
};

/// The parameters of a kernel, each at its natural alignment, as the param space has them.
template <class... T>
std::vector<std::byte> arguments(const T&... values) {
  std::vector<std::byte> bytes;
  const auto append = [&](const auto& value) {
    using Value = std::remove_cvref_t<decltype(value)>;
    static_assert(std::is_trivially_copyable_v<Value>);
    const std::size_t at = (bytes.size() + alignof(Value) - 1) / alignof(Value) * alignof(Value);
    bytes.resize(at + sizeof(Value));
    std::memcpy(bytes.data() + at, &value, sizeof(Value));
  };
  (append(values), ...);
  return bytes;
}

/// The host memory that a launch may touch.
class Memory {
 public:
  struct Range {
    std::uintptr_t begin = 0, end = 0;
  };
  void allow_read(const void* from, std::size_t bytes) { add(readable_, from, bytes); }
  /// Reading is allowed too.
  void allow_write(void* to, std::size_t bytes) { add(writable_, to, bytes); }
  const std::vector<Range>& readable() const { return readable_; }
  const std::vector<Range>& writable() const { return writable_; }

 private:
  static void add(std::vector<Range>& ranges, const void* place, std::size_t bytes) {
    const auto begin = reinterpret_cast<std::uintptr_t>(place);
    if (bytes != 0) ranges.push_back({begin, begin + bytes});
  }
  std::vector<Range> readable_, writable_;
};

struct RunOptions {
  bool races = true;  ///< watch shared and written global words for races
  /// Blocks run together until they are this many lanes: their registers should fit a cache.
  unsigned lanes_at_once = 512;
  /// Instructions of one group of blocks after which the launch is taken for endless.
  std::uint64_t instruction_limit = std::uint64_t{1} << 32;
};

struct Statistics {
  std::uint64_t lane_instructions = 0;  ///< instructions times the lanes whose guard held
  std::uint64_t instructions = 0;       ///< steps of the interpreter, whatever the number of lanes
  std::uint64_t barriers = 0;           ///< bar.sync, per block
  std::uint64_t shuffles = 0;           ///< shfl.sync, per warp
  std::uint64_t divergent_branches = 0;
};

/// Runs a whole launch. Throws Error naming kernel, line, instruction, block, thread and address.
Statistics run(const Module& module, const Launch& launch, const Memory& memory, const RunOptions& options = {});

}  // namespace scorepath::ptx
