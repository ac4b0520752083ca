// What this build and this machine can run.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <scorepath/export.hpp>

namespace scorepath {

enum class Backend { automatic, cpu, cuda };

/// Instruction sets of the CPU back end; the bits of every reproducible result are the same on all of them.
enum class Isa { baseline, avx2, avx512 };

/// True where `backend` can run here (automatic always can).
SCOREPATH_API bool available(Backend backend);
/// Why `backend` cannot run here; empty where it can.
SCOREPATH_API std::string why_unavailable(Backend backend);

/// A CUDA device that scorepath can use.
struct CudaDevice {
  std::string name;
  std::size_t memory;  ///< bytes
  int multiprocessors;
  int clock_mhz, memory_clock_mhz;  ///< highest [MHz]; 0 where the driver does not say
  std::string capability;           ///< compute capability, "9.0"
};
/// The devices in the order in which jobs use them; empty where there are none. Starts the CUDA driver, but no device.
/// Errors: resource, where a device does not answer.
SCOREPATH_API std::vector<CudaDevice> cuda_devices();

/// The instruction sets that this processor and this build support, slowest first.
SCOREPATH_API std::vector<Isa> supported_isas();
/// The instruction set in use: the widest supported one, or what the environment's SCOREPATH_ISA forces.
/// Errors: usage for an unknown name, resource for one this processor lacks.
SCOREPATH_API Isa active_isa();
SCOREPATH_API std::string name_of(Isa isa);
SCOREPATH_API std::string name_of(Backend backend);

/// Processor name as the operating system gives it, and the number of cores this process may use.
SCOREPATH_API std::string processor_name();
SCOREPATH_API int usable_cores();

/// "0.1.0".
SCOREPATH_API std::string version();

}  // namespace scorepath
