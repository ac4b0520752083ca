// The state of the lanes that run together, and the messages about what they do wrong.
#include "tests/ptx/machine.hpp"

#include <algorithm>
#include <numeric>

namespace scorepath::ptx {
namespace {

/// Overlapping ranges become one: a word must have one record of its accesses.
std::vector<Memory::Range> merged(std::vector<Memory::Range> ranges) {
  std::sort(ranges.begin(), ranges.end(), [](const auto& a, const auto& b) { return a.begin < b.begin; });
  std::vector<Memory::Range> result;
  for (const Memory::Range& range : ranges) {
    if (!result.empty() && range.begin < result.back().end) {
      result.back().end = std::max(result.back().end, range.end);
    } else {
      result.push_back(range);
    }
  }
  return result;
}

std::size_t rounded_up(std::size_t size, std::size_t to) { return (size + to - 1) / to * to; }

std::size_t shared_size(const Kernel& kernel, const Launch& launch) {
  if (!kernel.has_dynamic_shared) return kernel.shared_size;
  return rounded_up(kernel.shared_size, 16) + launch.shared_bytes;
}

std::uint32_t blocks_together(const Launch& launch, const RunOptions& options) {
  return std::clamp(options.lanes_at_once / launch.block, 1u, launch.grid);
}

}  // namespace

Machine::Machine(const Module& the_module, const Kernel& the_kernel, const Launch& the_launch, const Memory& memory,
                 const RunOptions& the_options)
    : module(the_module), kernel(the_kernel), launch(the_launch), options(the_options) {
  const std::uint32_t blocks = blocks_together(launch, options);
  // Rows of registers begin at multiples of 64 bytes.
  capacity = rounded_up(std::size_t{blocks} * launch.block, 64);
  registers.resize(capacity * kernel.bytes_per_lane);
  whole.resize(kernel.registers.size());
  written.resize(kernel.registers.size() * capacity);
  located.resize(capacity);
  scratch.resize(capacity);
  readable = merged(memory.readable());
  writable = merged(memory.writable());
  global_cells.resize(writable.size());
  arrays.reserve(module.arrays.size());
  for (const Array& array : module.arrays) {
    std::vector<std::byte>& copy = arrays.emplace_back(array.bytes.size() + array.alignment);
    const auto begin = rounded_up(reinterpret_cast<std::uintptr_t>(copy.data()), array.alignment);
    if (!array.bytes.empty()) std::memcpy(reinterpret_cast<void*>(begin), array.bytes.data(), array.bytes.size());
    array_ranges.push_back({begin, begin + array.bytes.size()});
  }
}

void Machine::begin_blocks(std::uint32_t first, std::uint32_t count) {
  first_block = first;
  lane_count = count * launch.block;
  std::fill(whole.begin(), whole.end(), std::uint8_t{0});
  std::fill(written.begin(), written.end(), std::uint8_t{0});
  live.assign(lane_count, 1);
  block_epoch.assign(count, 0);
  warp_epoch.assign(lane_count, 0);
  const std::size_t size = shared_size(kernel, launch);
  shared.reset(size, count);
  local.reset(kernel.local_size, lane_count);
  shared_cells.assign((size + kernel.granule - 1) / kernel.granule * count, {});

  for (const Constant& constant : kernel.constants) {
    const auto value_of = [&](std::size_t lane) -> std::uint64_t {
      const std::uint32_t thread = thread_of(lane), in_warp = thread % 32;
      switch (constant.fill) {
        case Fill::literal:
          return constant.value;
        case Fill::thread:
          return thread;
        case Fill::block:
          return first_block + block_of(lane);
        case Fill::block_size:
          return launch.block;
        case Fill::grid_size:
          return launch.grid;
        case Fill::lane:
          return in_warp;
        case Fill::warp:
          return thread / 32;
        case Fill::warps:
          return (launch.block + 31) / 32;
        case Fill::mask_eq:
          return 1u << in_warp;
        case Fill::mask_lt:
          return (1u << in_warp) - 1;
        case Fill::mask_le:
          return (2u << in_warp) - 1;
        case Fill::mask_gt:
          return ~((2u << in_warp) - 1);
        case Fill::mask_ge:
          return ~((1u << in_warp) - 1);
        case Fill::dynamic_shared:
          return window_base + rounded_up(kernel.shared_size, 16);
        case Fill::array:
          return array_ranges[constant.value].begin;
      }
      return 0;
    };
    std::byte* const to = row(constant.reg);
    const std::size_t bytes = kernel.registers[constant.reg].bytes;
    for (std::size_t lane = 0; lane < lane_count; ++lane) {
      const std::uint64_t value = value_of(lane);
      std::memcpy(to + lane * bytes, &value, bytes);
    }
    whole[constant.reg] = 1;
  }
}

void Machine::check_written(std::uint32_t reg) {
  if (whole[reg] != 0) return;
  const std::uint8_t* const marks = written.data() + std::size_t{reg} * capacity;
  for_each_in_order(lanes, [&](std::size_t lane) {
    if (marks[lane] == 0) {
      fail(lane, "uninitialised register " + kernel.registers[reg].name + " read", "nothing was written to it before",
           "write it on every way that leads here");
    }
  });
}

void Machine::check_inputs(const Instruction& instruction) {
  const unsigned end = instruction.outputs + instruction.inputs;
  for (unsigned k = instruction.outputs; k < end; ++k) check_written(instruction.slot[k]);
}

void Machine::mark_outputs(const Instruction& instruction) {
  for (unsigned k = 0; k < instruction.outputs; ++k) {
    const std::uint32_t reg = instruction.slot[k];
    if (whole[reg] != 0) continue;
    if (lanes.count == lane_count) {
      whole[reg] = 1;
    } else {
      std::uint8_t* const marks = written.data() + std::size_t{reg} * capacity;
      for_each(lanes, [=](std::size_t lane) { marks[lane] = 1; });
    }
  }
}

Access Machine::access_of(std::size_t lane) const {
  const std::uint32_t in_group = block_of(lane), block = first_block + in_group, thread = thread_of(lane);
  Access access;
  access.thread = block * launch.block + thread + 1;
  access.block = block;
  access.warp = thread / 32;
  access.block_epoch = block_epoch[in_group];
  access.warp_epoch = warp_epoch[warp_begin(lane)];
  access.statement = running->statement;
  return access;
}

std::string Machine::place_of(std::uint64_t global_thread) const {
  return "block " + std::to_string(global_thread / launch.block) + ", thread " +
         std::to_string(global_thread % launch.block);
}

std::string Machine::where(std::uint32_t statement) const {
  const Statement& at = kernel.statements[statement];
  return "line " + std::to_string(at.line) + " (" + at.text + ")";
}

void Machine::fail(std::size_t lane, const std::string& problem, const std::string& why,
                   const std::string& remedy) const {
  const Statement& at = kernel.statements[running->statement];
  const std::uint64_t thread = std::uint64_t{first_block} * launch.block + lane;
  throw Error(module.name + ":" + std::to_string(at.line) + ": " + kernel.name + ", " + place_of(thread) + ", `" +
              at.text + "`: " + problem + " (" + why + ") " + remedy);
}

}  // namespace scorepath::ptx
