// Loads and stores. Every lane's address is looked up first, with all checks; then the values are copied.
#include <initializer_list>

#include "tests/ptx/table.hpp"

namespace scorepath::ptx {
namespace {

std::string hex(std::uint64_t value) {
  constexpr const char* digits = "0123456789abcdef";
  std::string text;
  for (int shift = 60; shift >= 0; shift -= 4) {
    const std::uint64_t digit = value >> shift & 15;
    if (digit != 0 || !text.empty() || shift == 0) text += digits[digit];
  }
  return "0x" + text;
}

enum class Direction : std::uint8_t { load, store };

/// One access of the running instruction.
class Lookup {
 public:
  Lookup(Machine& machine, const Instruction& instruction, Direction direction)
      : machine_(machine),
        instruction_(instruction),
        direction_(direction),
        size_(std::size_t{instruction.bytes} * instruction.count) {}

  /// Fills machine.located for the active lanes.
  void run(std::uint32_t address_register) {
    const std::byte* const addresses = machine_.row(address_register);
    std::byte** const located = machine_.located.data();
    const auto offset = static_cast<std::uint64_t>(instruction_.immediate);
    for_each_in_order(machine_.lanes, [&](std::size_t lane) {
      const std::uint64_t address = get<std::uint64_t>(addresses, lane) + offset;
      // Most loads are of one table for all lanes.
      const bool is_plain = address - plain_.begin < plain_.end - plain_.begin && is_aligned(address);
      located[lane] = is_plain ? reinterpret_cast<std::byte*>(address) : find(lane, instruction_.space, address);
    });
  }

 private:
  std::byte* find(std::size_t lane, Space space, std::uint64_t address) {
    if (!is_aligned(address)) {
      fail(lane, "misaligned " + access() + " at " + hex(address),
           std::to_string(size_) + " bytes need an address that is a multiple of that", "align the data");
    }
    switch (space) {
      case Space::generic:
        return find_generic(lane, address);
      case Space::shared:
        return in_arena(lane, machine_.shared, machine_.block_of(lane), address, "shared");
      case Space::local:
        return in_arena(lane, machine_.local, lane, address, "local");
      case Space::parameter:
        return in_parameters(lane, address);
      case Space::constant:
        return in_arrays(lane, address, true);
      case Space::global:
        break;
    }
    return in_host_memory(lane, address);
  }
  std::byte* find_generic(std::size_t lane, std::uint64_t address) {
    const std::uint64_t offset = address & ~tag_mask;
    switch (address & tag_mask) {
      case shared_tag:
        return find(lane, Space::shared, offset);
      case local_tag:
        return find(lane, Space::local, offset);
      case parameter_tag:
        return find(lane, Space::parameter, offset);
      default:
        return in_host_memory(lane, address);
    }
  }

  std::byte* in_arena(std::size_t lane, Arena& arena, std::size_t copy, std::uint64_t address, const char* space) {
    const std::uint64_t offset = address - window_base;
    if (address < window_base || offset > arena.size || arena.size - offset < size_) {
      outside(
          lane, address,
          std::string(space) + " memory has " + std::to_string(arena.size) + " bytes from " + hex(window_base) + " on");
    }
    const std::size_t at = copy * arena.size + static_cast<std::size_t>(offset);
    std::uint8_t* const written = arena.written.data() + at;
    for (std::size_t k = 0; k < size_; ++k) {
      if (direction_ == Direction::store) {
        written[k] = 1;
      } else if (written[k] == 0) {
        fail(lane, "uninitialised " + std::string(space) + " memory read at " + hex(address + k),
             "nothing was stored there before", "store it first");
      }
    }
    if (&arena == &machine_.shared && machine_.options.races) {
      const std::size_t granule = machine_.kernel.granule;
      const std::size_t words = (arena.size + granule - 1) / granule;
      for (std::size_t word = static_cast<std::size_t>(offset) / granule; word * granule < offset + size_; ++word) {
        watch(lane, machine_.shared_cells[copy * words + word], window_base + word * granule, "shared");
      }
    }
    return arena.bytes.data() + at;
  }

  std::byte* in_parameters(std::size_t lane, std::uint64_t address) {
    const std::vector<std::byte>& parameters = machine_.launch.parameters;
    const std::uint64_t offset = address - window_base;
    if (address < window_base || offset > parameters.size() || parameters.size() - offset < size_) {
      outside(lane, address, "the parameters have " + std::to_string(parameters.size()) + " bytes");
    }
    if (direction_ == Direction::store) fail(lane, "store to a parameter", "they are read-only", "store elsewhere");
    // Never written through: the line above.
    return const_cast<std::byte*>(parameters.data()) + offset;
  }

  /// Sizes are powers of two.
  bool is_aligned(std::uint64_t address) const { return (address & (size_ - 1)) == 0; }
  void note_plain(const Memory::Range& range) {
    for (const Memory::Range& other : machine_.writable) {
      if (other.begin < range.end && range.begin < other.end) return;
    }
    plain_ = {range.begin, range.end - size_ + 1};
  }
  bool inside(const Memory::Range& range, std::uint64_t address) const {
    return address >= range.begin && address < range.end && range.end - address >= size_;
  }

  std::byte* in_arrays(std::size_t lane, std::uint64_t address, bool constant_only) {
    for (std::size_t k = 0; k < machine_.array_ranges.size(); ++k) {
      const Array& array = machine_.module.arrays[k];
      if (!inside(machine_.array_ranges[k], address) || (constant_only && array.space != Space::constant)) continue;
      if (direction_ == Direction::store) {
        fail(lane, "store to " + array.name, "variables of the module are read-only here", "store elsewhere");
      }
      return reinterpret_cast<std::byte*>(address);
    }
    if (constant_only) outside(lane, address, "no .const variable holds it");
    return nullptr;
  }

  std::byte* in_host_memory(std::size_t lane, std::uint64_t address) {
    const std::vector<Memory::Range>& writable = machine_.writable;
    for (std::size_t k = 0; k < writable.size(); ++k) {
      if (!inside(writable[k], address)) continue;
      if (machine_.options.races) watch_global(lane, k, address);
      return reinterpret_cast<std::byte*>(address);
    }
    if (direction_ == Direction::load) {
      for (const Memory::Range& range : machine_.readable) {
        if (inside(range, address)) {
          note_plain(range);
          return reinterpret_cast<std::byte*>(address);
        }
      }
    }
    if (std::byte* const place = in_arrays(lane, address, false)) return place;
    outside(lane, address,
            direction_ == Direction::load ? "no range that the launch may read holds it"
                                          : "no range that the launch may write holds it");
  }

  void watch_global(std::size_t lane, std::size_t range, std::uint64_t address) {
    const std::size_t granule = machine_.kernel.granule;
    // Words are those of the address space, whatever the range begins with.
    const std::uint64_t first_word = writable_word(machine_.writable[range].begin);
    for (std::uint64_t word = writable_word(address); word * granule < address + size_; ++word) {
      Cell& cell = machine_.global_cells[range].at(static_cast<std::size_t>(word - first_word));
      if (instruction_.read_only && cell.writer.thread != 0) {
        fail(lane,
             "ld.global.nc of " + hex(word * granule) + ", which " + machine_.place_of(cell.writer.thread - 1) +
                 " wrote at " + machine_.where(cell.writer.statement),
             "such a load may see what was there before the launch", "load without .nc");
      }
      watch(lane, cell, word * granule, "global");
    }
  }
  std::uint64_t writable_word(std::uint64_t address) const { return address / machine_.kernel.granule; }

  void watch(std::size_t lane, Cell& cell, std::uint64_t address, const char* space) {
    const Access now = machine_.access_of(lane);
    const bool load = direction_ == Direction::load;
    const Access* const other = load ? note_read(cell, now) : note_write(cell, now);
    if (other == nullptr) return;
    const bool other_wrote = other == &cell.writer;
    fail(lane,
         "race for " + std::string(space) + " memory at " + hex(address) + ": this thread " +
             (load ? "reads" : "writes") + " what " + machine_.place_of(other->thread - 1) +
             (other_wrote ? " wrote" : " read") + " at " + machine_.where(other->statement),
         other->block == now.block ? "no barrier between them" : "no barrier orders two blocks",
         other->block == now.block ? "synchronise between the two" : "give each block words of its own");
  }

  std::string access() const { return direction_ == Direction::load ? "load" : "store"; }
  [[noreturn]] void outside(std::size_t lane, std::uint64_t address, const std::string& why) const {
    fail(lane, access() + " of " + std::to_string(size_) + " bytes at " + hex(address) + " is out of bounds", why,
         "correct the index, or allow the range");
  }
  [[noreturn]] void fail(std::size_t lane, const std::string& problem, const std::string& why,
                         const std::string& remedy) const {
    machine_.fail(lane, problem, why, remedy);
  }

  Machine& machine_;
  const Instruction& instruction_;
  Direction direction_;
  std::size_t size_;
  /// Where loads of this instruction may begin without another look: nothing of the range can be written.
  Memory::Range plain_;
};

/// Stored is what memory holds, Held the register: narrower values are extended with zeros or their sign.
template <class Stored, class Held>
void load(Machine& machine, const Instruction& instruction) {
  Lookup(machine, instruction, Direction::load).run(instruction.slot[instruction.outputs]);
  std::byte* const* const located = machine.located.data();
  for (unsigned k = 0; k < instruction.count; ++k) {
    std::byte* const to = machine.row(instruction.slot[k]);
    for_each(machine.lanes,
             [=](std::size_t lane) { put<Held>(to, lane, static_cast<Held>(get<Stored>(located[lane], k))); });
  }
}
template <class Stored, class Held>
void store(Machine& machine, const Instruction& instruction) {
  Lookup(machine, instruction, Direction::store).run(instruction.slot[0]);
  std::byte* const* const located = machine.located.data();
  for (unsigned k = 0; k < instruction.count; ++k) {
    const std::byte* const from = machine.row(instruction.slot[1 + k]);
    for_each(machine.lanes,
             [=](std::size_t lane) { put<Stored>(located[lane], k, static_cast<Stored>(get<Held>(from, lane))); });
  }
}

template <class Stored, class Held>
void add_accesses(Table& table, std::initializer_list<const char*> types) {
  constexpr std::pair<const char*, Space> spaces[] = {
      {"", Space::generic},     {".global", Space::global},  {".shared", Space::shared},
      {".local", Space::local}, {".const", Space::constant}, {".param", Space::parameter},
  };
  for (const auto& [space_name, space] : spaces) {
    for (const char* type : types) {
      for (const unsigned count : {1u, 2u, 4u}) {
        const std::string values(count, shape_of<Held>()), vector = count == 1 ? "" : ".v" + std::to_string(count);
        const std::string braces = "{" + std::to_string(count) + "}";
        Entry entry;
        entry.space = space;
        entry.bytes = sizeof(Stored);
        entry.count = static_cast<std::uint8_t>(count);
        entry.relaxed = true;
        entry.is_signed = std::is_signed_v<Stored>;
        entry.handler = &load<Stored, Held>;
        entry.shape = values + ":[";
        table[std::string("ld") + space_name + vector + "." + type + (count == 1 ? "" : braces + "=")] = entry;
        entry.handler = &store<Stored, Held>;
        entry.shape = ":[" + values;
        table[std::string("st") + space_name + vector + "." + type + (count == 1 ? "" : "=" + braces)] = entry;
      }
    }
  }
}

}  // namespace

void add_memory_instructions(Table& table) {
  add_accesses<std::uint8_t, std::uint16_t>(table, {"b8", "u8"});
  add_accesses<std::int8_t, std::int16_t>(table, {"s8"});
  add_accesses<std::uint16_t, std::uint16_t>(table, {"b16", "u16"});
  add_accesses<std::int16_t, std::int16_t>(table, {"s16"});
  add_accesses<std::uint32_t, std::uint32_t>(table, {"b32", "u32", "f32"});
  add_accesses<std::int32_t, std::int32_t>(table, {"s32"});
  add_accesses<std::uint64_t, std::uint64_t>(table, {"b64", "u64", "f64"});
  add_accesses<std::int64_t, std::int64_t>(table, {"s64"});
}

}  // namespace scorepath::ptx
