// What an instruction works on: the registers of the lanes that run together, the lanes that are active, and the memory
// of their blocks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "tests/ptx/program.hpp"
#include "tests/ptx/ptx.hpp"
#include "tests/ptx/race.hpp"

namespace scorepath::ptx {

/// Lanes in ascending order: first .. first + count - 1 where they are contiguous, else the list.
struct Lanes {
  const std::uint32_t* list = nullptr;
  std::uint32_t first = 0, count = 0;
  bool contiguous = true;
};
inline Lanes lanes_of(const std::vector<std::uint32_t>& list) {
  const auto count = static_cast<std::uint32_t>(list.size());
  if (count == 0) return {};
  return {list.data(), list.front(), count, list.back() - list.front() + 1 == count};
}

/// body(lane) for every lane. The lanes of one instruction are independent, and rows of registers are the same or
/// disjoint: the compiler may vectorise.
template <class Body>
inline void for_each(const Lanes& lanes, const Body& body) {
  if (lanes.contiguous) {
    const std::size_t first = lanes.first, end = first + lanes.count;
#if !defined(__clang__)
#pragma GCC ivdep
#endif
    for (std::size_t lane = first; lane < end; ++lane) body(lane);
  } else {
    for (std::size_t k = 0; k < lanes.count; ++k) body(static_cast<std::size_t>(lanes.list[k]));
  }
}

/// body(lane) one after the other, for what does depend on the lanes before.
template <class Body>
inline void for_each_in_order(const Lanes& lanes, const Body& body) {
  for (std::size_t k = 0; k < lanes.count; ++k) {
    body(lanes.contiguous ? lanes.first + k : static_cast<std::size_t>(lanes.list[k]));
  }
}

/// A register of one lane. Copied, since a .b32 register may be read as float or as integer.
template <class T>
inline T get(const std::byte* row, std::size_t lane) {
  T value;
  std::memcpy(&value, row + lane * sizeof(T), sizeof(T));
  return value;
}
template <class T>
inline void put(std::byte* row, std::size_t lane, T value) {
  std::memcpy(row + lane * sizeof(T), &value, sizeof(T));
}

/// The memory of one space that every block (or every lane) has a copy of, with a mark for each byte ever written.
struct Arena {
  std::size_t size = 0;
  std::vector<std::byte> bytes;
  std::vector<std::uint8_t> written;
  void reset(std::size_t new_size, std::size_t copies) {
    size = new_size;
    bytes.assign(size * copies, std::byte{0});
    written.assign(size * copies, 0);
  }
};

struct Machine {
  Machine(const Module& module, const Kernel& kernel, const Launch& launch, const Memory& memory,
          const RunOptions& options);

  /// Blocks first .. first + count - 1 become the lanes, with nothing written.
  void begin_blocks(std::uint32_t first, std::uint32_t count);
  std::byte* row(std::uint32_t reg) {
    return registers.data() + std::size_t{kernel.registers[reg].position} * capacity;
  }
  /// Eight bytes per lane, for what lasts no longer than an instruction.
  std::byte* located_row() { return reinterpret_cast<std::byte*>(located.data()); }
  /// Throws unless every active lane has written the registers that the instruction reads.
  void check_inputs(const Instruction& instruction);
  void check_written(std::uint32_t reg);
  void mark_outputs(const Instruction& instruction);

  std::uint32_t block_of(std::size_t lane) const { return static_cast<std::uint32_t>(lane) / launch.block; }
  std::uint32_t thread_of(std::size_t lane) const { return static_cast<std::uint32_t>(lane) % launch.block; }
  /// The lane of thread 0 of the warp.
  std::size_t warp_begin(std::size_t lane) const { return lane - thread_of(lane) % 32; }
  Access access_of(std::size_t lane) const;
  /// "block 2, thread 5"
  std::string place_of(std::uint64_t global_thread) const;
  std::string where(std::uint32_t statement) const;
  /// Throws Error about a lane of the instruction that runs.
  [[noreturn]] void fail(std::size_t lane, const std::string& problem, const std::string& why,
                         const std::string& remedy) const;

  const Module& module;
  const Kernel& kernel;
  const Launch& launch;
  const RunOptions& options;

  // The lanes that run together.
  std::uint32_t first_block = 0, lane_count = 0;
  std::size_t capacity = 0;
  std::vector<std::byte> registers;
  std::vector<std::uint8_t> whole;    ///< per register: every lane has written it
  std::vector<std::uint8_t> written;  ///< per register and lane, where not whole
  std::vector<std::uint8_t> live;     ///< per lane: has not left the kernel
  std::vector<std::uint32_t> block_epoch, warp_epoch;

  // The instruction that runs.
  const Instruction* running = nullptr;
  Lanes lanes;

  // Memory.
  std::vector<Memory::Range> readable, writable;
  std::vector<std::vector<std::byte>> arrays;
  std::vector<Memory::Range> array_ranges;
  Arena shared, local;
  std::vector<Cell> shared_cells;
  std::vector<CellPages> global_cells;  ///< per writable range
  std::vector<std::byte*> located;      ///< per lane: where a load or store goes
  std::vector<std::uint8_t> scratch;    ///< per lane
  Statistics statistics;
};

}  // namespace scorepath::ptx
