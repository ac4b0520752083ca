// A parsed PTX module: kernels as arrays of resolved instructions. Names are looked up by the parser alone; what runs
// knows registers by number and what an instruction does by a function pointer.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace scorepath::ptx {

struct Machine;
struct Instruction;
/// Carries an instruction out for the lanes that are active.
using Handler = void (*)(Machine&, const Instruction&);

/// Instructions that move lanes: the scheduler does them itself.
enum class Control : std::uint8_t { none, branch, leave, barrier, warp_barrier };
enum class Space : std::uint8_t { generic, global, constant, shared, local, parameter };

/// Where the addresses of each space begin. Generic addresses of the spaces that are not host memory are these with a
/// tag in the top bits, which no host pointer has. Offset 0 is never valid, so that a null pointer never is.
inline constexpr std::uint64_t window_base = 0x10000;
inline constexpr std::uint64_t shared_tag = 0x5348000000000000;
inline constexpr std::uint64_t local_tag = 0x4c4f000000000000;
inline constexpr std::uint64_t parameter_tag = 0x5041000000000000;
inline constexpr std::uint64_t tag_mask = 0xffff000000000000;

struct Instruction {
  Handler handler = nullptr;
  /// Registers: those written first, then those read.
  std::array<std::uint32_t, 8> slot{};
  std::uint8_t outputs = 0, inputs = 0;
  std::uint8_t mode = 0;   ///< which variant, where one handler has several
  std::uint8_t bytes = 0;  ///< of one element, loads and stores
  std::uint8_t count = 1;  ///< elements, loads and stores
  Space space = Space::generic;
  Control control = Control::none;
  bool hidden = false;     ///< added by the parser (a register narrowed or widened): not counted
  bool read_only = false;  ///< ld.global.nc
  bool negated = false;    ///< the last predicate read is meant negated
  bool guarded = false, guard_negated = false;
  std::uint32_t guard = 0;
  std::uint32_t target = 0;  ///< of a branch
  std::int64_t immediate = 0;
  std::uint32_t statement = 0;
};

struct Register {
  std::string name;
  std::uint8_t bytes = 0;  ///< 1 for a predicate
  std::uint32_t position = 0;
};

/// A register that is filled before the launch and never written: immediates, special registers, addresses of symbols.
enum class Fill : std::uint8_t {
  literal,
  thread,
  block,
  block_size,
  grid_size,
  lane,
  warp,
  warps,
  mask_eq,
  mask_lt,
  mask_le,
  mask_gt,
  mask_ge,
  dynamic_shared,
  array
};
struct Constant {
  std::uint32_t reg = 0;
  Fill fill = Fill::literal;
  std::uint64_t value = 0;  ///< of a literal; the index of an array
};

struct Statement {
  std::uint32_t line = 0;
  std::string text;
};

struct Parameter {
  std::string name;
  std::uint32_t offset = 0, size = 0;
};

struct Kernel {
  std::string name;
  std::vector<Parameter> parameters;
  std::uint32_t parameter_size = 0;
  std::uint32_t shared_size = 0;  ///< static
  std::uint32_t local_size = 0;
  bool has_dynamic_shared = false;
  std::optional<unsigned> required_block, largest_block;
  std::vector<Register> registers;
  std::uint32_t bytes_per_lane = 0;
  std::vector<Constant> constants;
  std::vector<Instruction> code;
  std::vector<Statement> statements;
  /// Smallest access to shared or global memory: the races of a launch are watched in words of this size, 4 at most.
  std::uint32_t granule = 4;
  /// Why the kernel cannot run: its first unknown instruction.
  std::string refusal;
};

/// A module-level .global or .const variable: read-only here.
struct Array {
  std::string name;
  Space space = Space::global;
  std::size_t alignment = 1;
  std::vector<std::byte> bytes;
};

struct Module {
  std::string name;
  std::vector<Kernel> kernels;
  std::vector<Array> arrays;
};

}  // namespace scorepath::ptx
