// The benchmark suite of the CUDA back end: Google Benchmark's flags. Without a device it says so and measures nothing.
#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <scorepath/scorepath.hpp>

#include "bench/cuda/rows.hpp"
#include "bench/jobs.hpp"

int main(int count, char** given) {
  using namespace scorepath;
  using namespace scorepath::bench;
  try {
    const char* why = nullptr;
    if (kernels::cuda::device_count(&why) == 0) {
      std::cerr << "bench_cuda: nothing was measured (" << why << ") run it on a machine with a CUDA device\n";
      return 0;
    }
    const kernels::cuda::DeviceInfo device = kernels::cuda::open_device(0)->info();
    benchmark::AddCustomContext("cuda_device", device.name);
    benchmark::AddCustomContext("multiprocessors", std::to_string(device.multiprocessors));
    benchmark::AddCustomContext("clock_mhz", std::to_string(device.clock_mhz));
    benchmark::AddCustomContext("version", version());
    const Pipes pipes(source_folder() + "/bench/cuda/instructions.tsv", device);
    add_cuda_random_rows(pipes);
    add_cuda_path_rows(pipes);
    add_cuda_slice_rows(pipes);
    add_cuda_whole_job_rows();
    // Medians of five, unless told otherwise: a flag that comes later wins.
    std::vector<std::string> flags = {given[0], "--benchmark_repetitions=5", "--benchmark_min_time=0.15",
                                      "--benchmark_report_aggregates_only=true"};
    flags.insert(flags.end(), given + 1, given + count);
    std::vector<char*> arguments;
    for (std::string& flag : flags) arguments.push_back(flag.data());
    arguments.push_back(nullptr);
    int arguments_count = static_cast<int>(flags.size());
    benchmark::Initialize(&arguments_count, arguments.data());
    if (benchmark::ReportUnrecognizedArguments(arguments_count, arguments.data())) return 2;
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "bench_cuda: " << error.what() << '\n';
    return 1;
  }
}
