// Branches, exits and barriers.
#include "tests/ptx/scheduler.hpp"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <utility>

#include "tests/ptx/table.hpp"

namespace scorepath::ptx {

Scheduler::Scheduler(Machine& machine) : machine_(machine) {
  current_.lanes.resize(machine.lane_count);
  std::iota(current_.lanes.begin(), current_.lanes.end(), 0u);
  const std::size_t blocks = machine.lane_count / machine.launch.block;
  parked_.resize(blocks);
  parked_lanes_.resize(blocks);
  living_.assign(blocks, machine.launch.block);
}

void Scheduler::run() {
  std::uint64_t steps = 0;
  while (choose()) {
    if (++steps > machine_.options.instruction_limit) {
      machine_.running = &machine_.kernel.code[current_.at];
      machine_.fail(current_.lanes.front(), "no end after " + std::to_string(steps - 1) + " instructions",
                    "the loop may never end", "end it, or raise the limit");
    }
    step();
  }
}

bool Scheduler::choose() {
  while (!waiting_.empty() && (current_.lanes.empty() || waiting_.back().at <= current_.at)) {
    Fragment lowest = std::move(waiting_.back());
    waiting_.pop_back();
    if (current_.lanes.empty()) {
      current_ = std::move(lowest);
    } else if (lowest.at == current_.at) {
      std::vector<std::uint32_t> both;
      both.reserve(current_.lanes.size() + lowest.lanes.size());
      std::merge(current_.lanes.begin(), current_.lanes.end(), lowest.lanes.begin(), lowest.lanes.end(),
                 std::back_inserter(both));
      current_.lanes = std::move(both);
    } else {
      std::swap(current_, lowest);
      put_back(std::move(lowest));
    }
  }
  return !current_.lanes.empty();
}

void Scheduler::put_back(Fragment fragment) {
  if (fragment.lanes.empty()) return;
  const auto place =
      std::find_if(waiting_.begin(), waiting_.end(), [&](const Fragment& other) { return other.at <= fragment.at; });
  waiting_.insert(place, std::move(fragment));
}

void Scheduler::split_by_guard(const Instruction& instruction) {
  chosen_.clear();
  rest_.clear();
  const std::byte* const guard = machine_.row(instruction.guard);
  const bool wanted = !instruction.guard_negated;
  for (const std::uint32_t lane : current_.lanes) {
    (get<bool>(guard, lane) == wanted ? chosen_ : rest_).push_back(lane);
  }
  guard_splits_ = !rest_.empty();
}

void Scheduler::step() {
  const Instruction& instruction = machine_.kernel.code[current_.at];
  machine_.running = &instruction;
  machine_.lanes = lanes_of(current_.lanes);
  guard_splits_ = false;
  if (instruction.guarded) {
    machine_.check_written(instruction.guard);
    split_by_guard(instruction);
    if (guard_splits_) machine_.lanes = lanes_of(chosen_);
  }
  if (!instruction.hidden) {
    ++machine_.statistics.instructions;
    machine_.statistics.lane_instructions += machine_.lanes.count;
  }
  if (machine_.lanes.count == 0) {
    ++current_.at;
    return;
  }
  machine_.check_inputs(instruction);
  switch (instruction.control) {
    case Control::none:
      instruction.handler(machine_, instruction);
      machine_.mark_outputs(instruction);
      ++current_.at;
      break;
    case Control::branch:
      branch(instruction);
      break;
    case Control::leave:
      leave();
      break;
    case Control::barrier:
      barrier(instruction);
      break;
    case Control::warp_barrier:
      warp_barrier(instruction);
      break;
  }
}

void Scheduler::branch(const Instruction& instruction) {
  if (!guard_splits_) {
    current_.at = instruction.target;
    return;
  }
  ++machine_.statistics.divergent_branches;
  std::swap(current_.lanes, rest_);
  ++current_.at;
  put_back({instruction.target, chosen_});
}

void Scheduler::leave() {
  for_each_in_order(machine_.lanes, [&](std::size_t lane) {
    const std::uint32_t block = machine_.block_of(lane);
    if (parked_[block].lanes != 0) {
      machine_.fail(lane,
                    "divergent barrier: the thread ends while others of its block wait at " +
                        machine_.where(machine_.kernel.code[parked_[block].at].statement),
                    "every thread that has not ended before must come to it", "move the barrier out of the branch");
    }
    machine_.live[lane] = 0;
    --living_[block];
  });
  if (guard_splits_) {
    std::swap(current_.lanes, rest_);
    ++current_.at;
  } else {
    current_.lanes.clear();
  }
}

void Scheduler::barrier(const Instruction& instruction) {
  if (instruction.mode != 0 && static_cast<unsigned>(instruction.immediate) != machine_.launch.block) {
    machine_.fail(machine_.lanes.first, "barrier of " + std::to_string(instruction.immediate) + " threads",
                  "the block has " + std::to_string(machine_.launch.block), "wait for the whole block");
  }
  const std::uint32_t at = current_.at;
  std::vector<std::uint32_t> released;
  if (guard_splits_) {
    put_back({at + 1, rest_});
  } else {
    chosen_ = current_.lanes;
  }
  for (auto lane = chosen_.begin(); lane != chosen_.end();) {
    const std::uint32_t block = machine_.block_of(*lane), end = (block + 1) * machine_.launch.block;
    const auto next = std::lower_bound(lane, chosen_.end(), end);
    Parked& parked = parked_[block];
    std::vector<std::uint32_t>& waiting = parked_lanes_[block];
    if (parked.lanes != 0 && parked.at != at) {
      machine_.fail(
          *lane,
          "divergent barrier: others of the block wait at " + machine_.where(machine_.kernel.code[parked.at].statement),
          "all threads of a block must come to the same one", "move the barrier out of the branch");
    }
    parked.at = at;
    parked.lanes += static_cast<std::uint32_t>(next - lane);
    waiting.insert(waiting.end(), lane, next);
    if (parked.lanes == living_[block]) {
      ++machine_.statistics.barriers;
      ++machine_.block_epoch[block];
      std::sort(waiting.begin(), waiting.end());
      released.insert(released.end(), waiting.begin(), waiting.end());
      waiting.clear();
      parked.lanes = 0;
    }
    lane = next;
  }
  current_.at = at + 1;
  current_.lanes = std::move(released);
}

void Scheduler::warp_barrier(const Instruction& instruction) {
  check_masks(machine_, instruction.slot[0]);
  const std::byte* const masks = machine_.row(instruction.slot[0]);
  // A barrier of some lanes of a warp orders no more than those: it is not counted, so races may be seen where there is
  // none, but none is missed.
  for_each_in_order(machine_.lanes, [&](std::size_t lane) {
    const std::size_t begin = machine_.warp_begin(lane);
    std::uint32_t live = 0;
    for (std::uint32_t k = 0; k < 32 && machine_.thread_of(begin) + k < machine_.launch.block; ++k) {
      if (machine_.live[begin + k] != 0) live |= 1u << k;
    }
    const bool first = (live & ((1u << (lane - begin)) - 1)) == 0;
    if (first && (live & ~get<std::uint32_t>(masks, lane)) == 0) ++machine_.warp_epoch[begin];
  });
  ++current_.at;
}

}  // namespace scorepath::ptx
