// shfl.sync, vote.sync, activemask: lanes of one warp exchange values.
#include <array>

#include "tests/ptx/table.hpp"

namespace scorepath::ptx {
namespace {

constexpr std::uint32_t warp_size = 32;

/// The active lanes of one warp. Lane numbers of the warp that its block does not fill are never active.
struct Warp {
  std::size_t begin = 0;  ///< the lane of its thread 0
  std::uint32_t active = 0, live = 0;
};

template <class Body>
void for_each_warp(Machine& machine, const Body& body) {
  Warp warp;
  const auto finish = [&] {
    if (warp.active == 0) return;
    const std::uint32_t in_block = machine.launch.block - machine.thread_of(warp.begin);
    for (std::uint32_t k = 0; k < warp_size && k < in_block; ++k) {
      if (machine.live[warp.begin + k] != 0) warp.live |= 1u << k;
    }
    body(warp);
  };
  for_each_in_order(machine.lanes, [&](std::size_t lane) {
    const std::size_t begin = machine.warp_begin(lane);
    if (warp.active == 0 || begin != warp.begin) {
      finish();
      warp = {begin, 0, 0};
    }
    warp.active |= 1u << (lane - begin);
  });
  finish();
}

/// body(lane of the warp) for every active one.
template <class Body>
void for_each_lane(const Warp& warp, const Body& body) {
  for (std::uint32_t k = 0; k < warp_size; ++k) {
    if (warp.active >> k & 1) body(k);
  }
}

}  // namespace

/// Throws unless each active lane's mask names itself, only lanes that execute this too, and what their masks name.
void check_masks(Machine& machine, std::uint32_t mask_register) {
  const std::byte* const masks = machine.row(mask_register);
  for_each_warp(machine, [&](const Warp& warp) {
    for_each_lane(warp, [&](std::uint32_t k) {
      const std::uint32_t mask = get<std::uint32_t>(masks, warp.begin + k);
      const auto fail = [&](const std::string& problem, const char* why) {
        machine.fail(warp.begin + k, problem, why, "name the lanes that execute it, in each of them");
      };
      if ((mask >> k & 1) == 0) fail("mask without the lane itself", "a lane may not execute for others alone");
      for (std::uint32_t other = 0; other < warp_size; ++other) {
        if ((mask & warp.live) >> other & 1) {
          if ((warp.active >> other & 1) == 0) {
            fail("mask names " + machine.place_of(machine.access_of(warp.begin + other).thread - 1),
                 "that lane is elsewhere");
          }
          if (get<std::uint32_t>(masks, warp.begin + other) != mask) {
            fail("masks differ", "all lanes of one exchange must give the same");
          }
        }
      }
    });
  });
}

namespace {

enum class Shuffle : std::uint8_t { up, down, butterfly, index };

/// The lane that lane k reads, and whether it is in range (else a lane reads itself): the PTX manual's pseudo code.
std::pair<std::uint32_t, bool> source_of(Shuffle kind, std::uint32_t k, std::uint32_t b, std::uint32_t c) {
  const std::uint32_t by = b & 31, clamp = c & 31, segment = c >> 8 & 31;
  const std::uint32_t last = (k & segment) | (clamp & ~segment), first = k & segment;
  std::uint32_t source = 0;
  bool in_range = false;
  switch (kind) {
    case Shuffle::up:
      source = k - by;
      in_range = static_cast<std::int32_t>(source) >= static_cast<std::int32_t>(last);
      break;
    case Shuffle::down:
      source = k + by;
      in_range = source <= last;
      break;
    case Shuffle::butterfly:
      source = k ^ by;
      in_range = source <= last;
      break;
    case Shuffle::index:
      source = first | (by & ~segment);
      in_range = source <= last;
      break;
  }
  return {in_range ? source : k, in_range};
}

/// Slots: d, [p], a, b, c, mask.
template <Shuffle kind>
void shuffle(Machine& machine, const Instruction& instruction) {
  const std::size_t inputs = instruction.outputs;
  check_masks(machine, instruction.slot[inputs + 3]);
  std::byte* const to = machine.row(instruction.slot[0]);
  std::byte* const in_range = inputs == 2 ? machine.row(instruction.slot[1]) : nullptr;
  const std::byte* const from = machine.row(instruction.slot[inputs]);
  const std::byte* const distances = machine.row(instruction.slot[inputs + 1]);
  const std::byte* const clamps = machine.row(instruction.slot[inputs + 2]);
  const std::byte* const masks = machine.row(instruction.slot[inputs + 3]);
  for_each_warp(machine, [&](const Warp& warp) {
    ++machine.statistics.shuffles;
    std::array<std::uint32_t, warp_size> values{};
    for_each_lane(warp, [&](std::uint32_t k) {
      const std::size_t lane = warp.begin + k;
      const auto [source, valid] =
          source_of(kind, k, get<std::uint32_t>(distances, lane), get<std::uint32_t>(clamps, lane));
      if (((warp.active & get<std::uint32_t>(masks, lane)) >> source & 1) == 0) {
        machine.fail(lane, "shuffle reads lane " + std::to_string(source) + " of the warp",
                     "that lane does not execute it", "read lanes of the mask");
      }
      values[k] = get<std::uint32_t>(from, warp.begin + source);
      if (in_range != nullptr) put<bool>(in_range, lane, valid);
    });
    // Afterwards: d may be a.
    for_each_lane(warp, [&](std::uint32_t k) { put<std::uint32_t>(to, warp.begin + k, values[k]); });
  });
}

enum class Vote : std::uint8_t { all, any, uniform, ballot };

template <Vote kind>
void vote(Machine& machine, const Instruction& instruction) {
  check_masks(machine, instruction.slot[2]);
  std::byte* const to = machine.row(instruction.slot[0]);
  const std::byte* const votes = machine.row(instruction.slot[1]);
  const std::byte* const masks = machine.row(instruction.slot[2]);
  for_each_warp(machine, [&](const Warp& warp) {
    std::uint32_t ballot = 0;
    for_each_lane(warp, [&](std::uint32_t k) {
      if (get<bool>(votes, warp.begin + k) != instruction.negated) ballot |= 1u << k;
    });
    for_each_lane(warp, [&](std::uint32_t k) {
      const std::size_t lane = warp.begin + k;
      const std::uint32_t voters = get<std::uint32_t>(masks, lane) & warp.active, yes = ballot & voters;
      if constexpr (kind == Vote::ballot) put<std::uint32_t>(to, lane, yes);
      if constexpr (kind == Vote::all) put<bool>(to, lane, yes == voters);
      if constexpr (kind == Vote::any) put<bool>(to, lane, yes != 0);
      if constexpr (kind == Vote::uniform) put<bool>(to, lane, yes == 0 || yes == voters);
    });
  });
}

void active_mask(Machine& machine, const Instruction& instruction) {
  std::byte* const to = machine.row(instruction.slot[0]);
  for_each_warp(machine, [&](const Warp& warp) {
    for_each_lane(warp, [&](std::uint32_t k) { put<std::uint32_t>(to, warp.begin + k, warp.active); });
  });
}

}  // namespace

void add_warp_instructions(Table& table) {
  const auto add = [&](const std::string& name, const char* shape, Handler handler) {
    Entry entry;
    entry.handler = handler;
    entry.shape = shape;
    table[name] = entry;
  };
  const auto add_shuffle = [&](const std::string& kind, Handler handler) {
    add("shfl.sync." + kind + ".b32", "w:wwww", handler);
    add("shfl.sync." + kind + ".b32|", "wp:wwww", handler);
  };
  add_shuffle("up", &shuffle<Shuffle::up>);
  add_shuffle("down", &shuffle<Shuffle::down>);
  add_shuffle("bfly", &shuffle<Shuffle::butterfly>);
  add_shuffle("idx", &shuffle<Shuffle::index>);
  add("vote.sync.all.pred", "p:nw", &vote<Vote::all>);
  add("vote.sync.any.pred", "p:nw", &vote<Vote::any>);
  add("vote.sync.uni.pred", "p:nw", &vote<Vote::uniform>);
  add("vote.sync.ballot.b32", "w:nw", &vote<Vote::ballot>);
  add("activemask.b32", "w:", &active_mask);
}

}  // namespace scorepath::ptx
