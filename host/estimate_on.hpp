// The job of estimate_log_density(), on devices that the caller brings; and what it would run on.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <scorepath/estimate.hpp>

#include "host/point_plan.hpp"

namespace scorepath {

/// `devices`: what backend cuda runs on; null: those of this machine.
Result estimate_on(const Problem& problem, MatrixView points, const Options& options, const CudaDevices* devices);

/// Options with method, form, steps and number of paths as this problem has them.
Options resolve_method(const Problem& problem, const Options& options);

/// What a job runs on.
struct Opened {
  Backend backend = Backend::cpu;     ///< or cuda
  CudaDevices devices;                ///< of cuda
  std::string device;                 ///< their name, or the processor's
  std::vector<std::string> warnings;  ///< where `auto` had chosen devices that do not open, and took the processor
};
/// Opens what a job of so many points runs on. Errors: resource, where the options ask for what is not there.
Opened open_backend(const Problem& problem, std::size_t points, const Options& options);
/// The same where the choice is made: `chosen` is cpu or cuda, and `open` opens the devices.
Opened open_backend(const Options& options, Backend chosen, const std::function<CudaDevices()>& open);

}  // namespace scorepath
