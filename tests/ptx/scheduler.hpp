// Which lanes run next. Lanes at one place run together as a fragment; the fragment at the lowest place runs first, so
// that lanes that took different branches meet again where the branches join.
#pragma once

#include <cstdint>
#include <vector>

#include "tests/ptx/machine.hpp"

namespace scorepath::ptx {

struct Fragment {
  std::uint32_t at = 0;              ///< index of the next instruction
  std::vector<std::uint32_t> lanes;  ///< ascending
};

/// Runs the lanes of one group of blocks to their end.
class Scheduler {
 public:
  explicit Scheduler(Machine& machine);
  void run();

 private:
  /// Makes the lowest fragment the current one; false when no lane is left to run.
  bool choose();
  void put_back(Fragment fragment);
  void step();
  /// The lanes of the current fragment whose guard holds go to chosen_, the others to rest_.
  void split_by_guard(const Instruction& instruction);
  void branch(const Instruction& instruction);
  void leave();
  void barrier(const Instruction& instruction);
  void warp_barrier(const Instruction& instruction);

  Machine& machine_;
  Fragment current_;
  std::vector<Fragment> waiting_;  ///< descending by place
  std::vector<std::uint32_t> chosen_, rest_;
  bool guard_splits_ = false;
  // Barriers: lanes wait at one until the last living lane of their block is there. None can wait for ever: a lane that
  // ends, or comes to another barrier, meanwhile is an error.
  struct Parked {
    std::uint32_t at = 0, lanes = 0;
  };
  std::vector<Parked> parked_;         ///< per block
  std::vector<std::uint32_t> living_;  ///< lanes per block
  std::vector<std::vector<std::uint32_t>> parked_lanes_;
};

}  // namespace scorepath::ptx
