// The benchmark suite's command line: Google Benchmark's flags, or `variance-time` for the table of estimators.
#include <cstring>
#include <exception>
#include <iostream>

#include <fmt/format.h>

#include <scorepath/scorepath.hpp>

#include "bench/rows.hpp"

int main(int count, char** arguments) {
  using namespace scorepath::bench;
  try {
    if (count > 1 && std::strcmp(arguments[1], "variance-time") == 0) return variance_time(count - 2, arguments + 2);

    const std::vector<IsaRates> isas = measure_limits();
    for (const IsaRates& isa : isas) {
      benchmark::AddCustomContext(isa.name + "_lane_fma_per_second", fmt::format("{:.4g}", isa.fma));
      benchmark::AddCustomContext(isa.name + "_products_per_second", fmt::format("{:.4g}", isa.multiply));
    }
    benchmark::AddCustomContext("isa", scorepath::name_of(scorepath::active_isa()));
    benchmark::AddCustomContext("version", scorepath::version());
    add_limit_rows(isas);
    for (const IsaRates& isa : isas) {
      add_random_rows(isa);
      add_path_rows(isa);
      add_score_rows(isa);
      add_slice_rows(isa);
    }
    add_whole_job_rows();
    benchmark::Initialize(&count, arguments);
    if (benchmark::ReportUnrecognizedArguments(count, arguments)) return 2;
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "bench_scorepath: " << error.what() << '\n';
    return 1;
  }
}
