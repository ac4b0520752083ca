// Registering the rows of the suite: which lanes run here, what one iteration does, which goal it is compared with.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "bench/bench_kernels.hpp"

namespace scorepath::bench {

/// Limits of one core, measured at the start of this run.
struct IsaRates {
  std::string name;
  IsaKernels kernels;
  double fma;       // lane multiply-adds per second
  double multiply;  // 32 x 32 -> 64 bit products per second
};

/// The instruction sets that run here, slowest first.
std::vector<IsaRates> measure_limits();

/// A goal as written down for a core of 1.08e11 (AVX-512) or 5.7e10 (AVX2) lane-FMA/s, items per second; 0: none. On
/// another clock the goal is the same share of the measured rate.
struct Goal {
  double avx512 = 0.0, avx2 = 0.0;
};

struct Row {
  std::string work;  // "normals"
  std::string unit;  // "normals/s"
  double items;      // per call of a lane of this width
  Goal goal = {};
  double fma_per_item = 0.0;  // where the work is counted in multiply-adds: their share of the limit is reported
  bool all_cores = true;      // also on every core at once
};

/// One thread's work: run(first) does `items` from path `first` on. Made anew for each thread.
struct Work {
  std::function<void(std::uint64_t first)> run;
  std::uint64_t paths = 1;  // by how much `first` moves on
};

/// Registers the row for one lane type. `make` is called in the measured thread; it may throw std::runtime_error where
/// the lane's result is wrong, which the row then reports instead of a time.
void add_row(const IsaRates& isa, const LaneKernels& lane, const Row& row, const std::function<Work()>& make);

/// The lanes that have a row each: the pack, and the scalar lane compiled both ways where it was built.
std::vector<LaneKernels> lanes_of(const IsaRates& isa);

void add_limit_rows(const std::vector<IsaRates>& isas);
void add_random_rows(const IsaRates& isa);
void add_path_rows(const IsaRates& isa);
void add_score_rows(const IsaRates& isa);
void add_slice_rows(const IsaRates& isa);
void add_whole_job_rows();

/// The table of bench/results: every combination's variance, bias and evaluations to a given error. Returns the exit
/// status.
int variance_time(int count, char** arguments);

}  // namespace scorepath::bench
