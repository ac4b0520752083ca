// Limits of the machine, and how a row is registered.
#include "bench/rows.hpp"

#include <algorithm>
#include <chrono>
#include <exception>

#include <scorepath/backend.hpp>

namespace scorepath::bench {
namespace {

/// Items per second of run(rounds), the best of several stretches: a neighbour only ever slows a core down.
double best_rate(void (*run)(long), int items) {
  using Clock = std::chrono::steady_clock;
  constexpr long rounds = 500'000;
  double best = 0.0;
  for (int i = 0; i < 60; ++i) {
    const auto start = Clock::now();
    run(rounds);
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    best = std::max(best, static_cast<double>(rounds) * items / seconds);
  }
  return best;
}

IsaKernels kernels_of(Isa isa) {
  switch (isa) {
    case Isa::baseline:
      return baseline::isa_kernels();
    case Isa::avx2:
#if defined(__x86_64__)
      return avx2::isa_kernels();
#endif
    case Isa::avx512:
#if defined(__x86_64__)
      return avx512::isa_kernels();
#endif
      break;
  }
  return baseline::isa_kernels();
}

double goal_for(const IsaRates& isa, const Goal& goal) {
  if (isa.name == "avx512") return goal.avx512 / 1.08e11 * isa.fma;
  if (isa.name == "avx2") return goal.avx2 / 5.7e10 * isa.fma;
  return 0.0;
}

}  // namespace

std::vector<IsaRates> measure_limits() {
  std::vector<IsaRates> out;
  for (const Isa isa : supported_isas()) {
    const IsaKernels kernels = kernels_of(isa);
    out.push_back({name_of(isa), kernels, best_rate(kernels.limits.fma, kernels.limits.fma_lanes),
                   best_rate(kernels.limits.multiply, kernels.limits.multiply_lanes)});
  }
  return out;
}

std::vector<LaneKernels> lanes_of(const IsaRates& isa) {
  std::vector<LaneKernels> lanes{isa.kernels.pack};
  if (isa.kernels.scalar_vectorized.words != nullptr) lanes.push_back(isa.kernels.scalar_vectorized);
  if (isa.kernels.scalar_plain.words != nullptr) lanes.push_back(isa.kernels.scalar_plain);
  return lanes;
}

void add_row(const IsaRates& isa, const LaneKernels& lane, const Row& row, const std::function<Work()>& make) {
  const bool pack = lane.width > 1;
  const std::string name = row.work + "/" + isa.name + (pack ? "" : std::string("-") + lane.lane);
  const double goal = pack ? goal_for(isa, row.goal) : 0.0;
  const double fma = isa.fma;
  const auto body = [=](benchmark::State& state) {
    Work work;
    try {
      work = make();
    } catch (const std::exception& error) {
      state.SkipWithError(error.what());
      return;
    }
    std::uint64_t first = static_cast<std::uint64_t>(state.thread_index()) << 40;
    for ([[maybe_unused]] auto _ : state) {
      work.run(first);
      // A pack never straddles a multiple of 2^32, and paths are counted from a multiple of its width.
      first = (first & ~std::uint64_t{0xffffffff}) | ((first + work.paths) & 0x0fffffff);
    }
    const double items = row.items * static_cast<double>(state.iterations());
    const auto rate = [&](double share) { return benchmark::Counter(items * share, benchmark::Counter::kIsRate); };
    state.counters[row.unit] = rate(1.0);
    if (state.threads() > 1) return;
    if (goal > 0.0) state.counters["of_goal"] = rate(1.0 / goal);
    if (row.fma_per_item > 0.0) state.counters["of_fma_limit"] = rate(row.fma_per_item / fma);
  };
  benchmark::RegisterBenchmark(name.c_str(), body);
  const int cores = usable_cores();
  if (pack && row.all_cores && cores > 1) {
    benchmark::RegisterBenchmark((name + "/all-cores").c_str(), body)->Threads(cores)->UseRealTime();
  }
}

void add_limit_rows(const std::vector<IsaRates>& isas) {
  for (const IsaRates& isa : isas) {
    const Limits& limits = isa.kernels.limits;
    const auto add = [](const std::string& name, const char* unit, void (*run)(long), int items) {
      benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& state) {
        constexpr long rounds = 10'000;
        for ([[maybe_unused]] auto _ : state) run(rounds);
        state.counters[unit] = benchmark::Counter(
            static_cast<double>(rounds) * items * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
      });
    };
    add("limit-fma/" + isa.name, "lane-fma/s", limits.fma, limits.fma_lanes);
    add("limit-multiply/" + isa.name, "products/s", limits.multiply, limits.multiply_lanes);
  }
}

}  // namespace scorepath::bench
