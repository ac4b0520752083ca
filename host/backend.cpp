// What this machine can run: processor, instruction sets, back ends.
#include <scorepath/backend.hpp>

#include <cstdlib>
#include <fstream>
#include <string_view>

#include <sched.h>

#include <fmt/format.h>

#include "host/check.hpp"
#include "host/cpu_dispatch.hpp"
#include "host/cuda_group.hpp"

namespace scorepath {
namespace {

bool processor_has(Isa isa) {
#if defined(__x86_64__)
  if (isa == Isa::avx512) {
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("bmi2");
  }
  if (isa == Isa::avx2) {
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
  }
#endif
  return isa == Isa::baseline;
}

}  // namespace

std::string version() { return SCOREPATH_VERSION; }

bool available(Backend backend) { return why_unavailable(backend).empty(); }

std::string why_unavailable(Backend backend) {
  if (backend != Backend::cuda) return "";
  try {
    const char* why = nullptr;
    kernels::cuda::device_count(&why);
    return why == nullptr ? "" : why;
  } catch (const kernels::cuda::DeviceError& error) {
    return error.what();
  }
}

std::vector<CudaDevice> cuda_devices() {
  std::vector<CudaDevice> devices;
  if (!available(Backend::cuda)) return devices;
  try {
    const char* why = nullptr;
    for (int i = 0, count = kernels::cuda::device_count(&why); i < count; ++i) {
      const kernels::cuda::DeviceInfo info = kernels::cuda::device_info(i);
      devices.push_back({info.name, info.memory, info.multiprocessors, info.clock_mhz, info.memory_clock_mhz,
                         fmt::format("{}.{}", info.major, info.minor)});
    }
  } catch (const kernels::cuda::DeviceError& error) {
    throw silent_device(error);
  }
  return devices;
}

std::vector<Isa> supported_isas() {
  std::vector<Isa> isas;
  for (const Isa isa : {Isa::baseline, Isa::avx2, Isa::avx512}) {
    if (processor_has(isa)) isas.push_back(isa);
  }
  return isas;
}

Isa active_isa() {
  const char* forced = std::getenv("SCOREPATH_ISA");
  if (forced == nullptr || *forced == '\0') return supported_isas().back();
  for (const Isa isa : {Isa::baseline, Isa::avx2, Isa::avx512}) {
    if (name_of(isa) != forced) continue;
    SP_VALIDATE(
        processor_has(isa), resource,
        fmt::format("SCOREPATH_ISA={} cannot run here (this processor lacks the instructions) unset it", forced));
    return isa;
  }
  throw Error(
      ErrorKind::usage,
      fmt::format("SCOREPATH_ISA={} is unknown (it is not an instruction set) use baseline, avx2 or avx512", forced));
}

std::string name_of(Isa isa) {
  switch (isa) {
    case Isa::baseline:
      return "baseline";
    case Isa::avx2:
      return "avx2";
    case Isa::avx512:
      break;
  }
  return "avx512";
}

std::string name_of(Backend backend) {
  switch (backend) {
    case Backend::automatic:
      return "auto";
    case Backend::cpu:
      return "cpu";
    case Backend::cuda:
      return "cuda";
  }
  throw Error(ErrorKind::usage, fmt::format("backend has no value {} (it is outside its enumeration) use a named value",
                                            static_cast<int>(backend)));
}

std::string processor_name() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    const auto colon = line.find(": ");
    if (line.rfind("model name", 0) == 0 && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown processor";
}

int usable_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return CPU_COUNT(&set);
}

kernels::CpuKernels cpu_kernels(Isa isa) {
#if defined(__x86_64__)
  if (isa == Isa::avx512) return kernels::avx512::cpu_kernels();
  if (isa == Isa::avx2) return kernels::avx2::cpu_kernels();
#endif
  SP_VALIDATE(isa == Isa::baseline, internal,
              "an instruction set that is not built was asked for (a defect) report it");
  return kernels::baseline::cpu_kernels();
}

}  // namespace scorepath
