#include "tests/ptx/ptx_device.hpp"

#include <cxxabi.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>
#include <typeinfo>
#include <utility>

#include "kernels/cuda/scores.hpp"

#if !defined(SCOREPATH_PTX_FOLDER)
#define SCOREPATH_PTX_FOLDER ""  // without nvcc there is nothing to read, and nobody asks
#endif

namespace scorepath::test {
namespace {

using namespace kernels::cuda;
using kernels::cuda::Launch;

std::string demangled(const char* name) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> text(abi::__cxa_demangle(name, nullptr, nullptr, &status),
                                                         &std::free);
  return status == 0 ? text.get() : name;
}

/// The kernel `shape` for the scores of this launch: the one whose first template argument is the score's type.
std::string kernel_of(const ptx::Module& module, const char* shape, const std::string& score) {
  const std::string wanted =
      std::string("scorepath::kernels::cuda::") + shape + (score.empty() ? "(" : "<" + score + ", ");
  for (const std::string& name : ptx::kernel_names(module)) {
    if (demangled(name.c_str()).find(wanted) != std::string::npos) return name;
  }
  throw DeviceError("no kernel " + wanted + " in the module");
}

/// A shape's source and the name of its kernels.
struct KernelNames {
  const char *source, *kernel;
};
KernelNames names_of(Shape shape) {
  switch (shape) {
    case Shape::paths:
      return {"paths", "paths"};
    case Shape::slices:
      return {"slices", "slices"};
    case Shape::increments:
      return {"increments", "increments"};
    case Shape::score_increments:
      return {"increments", "score_increments"};
    case Shape::rays:
      return {"rays", "rays"};
    case Shape::steered:
      return {"steered", "steered"};
    case Shape::carried:
      return {"carried", "carried"};
    case Shape::weights:
      return {"weights", "weights"};
    case Shape::reduce:
      break;
  }
  return {"slices", "reduce"};
}

}  // namespace

KernelModules library_kernels() {
  return [](const std::string& source) -> const ptx::Module& {
    static std::map<std::string, ptx::Module> parsed;
    const auto found = parsed.find(source);
    if (found != parsed.end()) return found->second;
    const bool fast = source.starts_with("fast_");
    return parsed[source] = ptx::parse_file(std::string(SCOREPATH_PTX_FOLDER) + "/" + source + "/" + source + ".ptx",
                                            fast ? ptx::Dialect::approximate : ptx::Dialect::reproducible);
  };
}

DeviceInfo PtxDevice::info() const {
  if (!options_.answers) throw DeviceError("info: planted by the test");
  DeviceInfo info{};
  std::strcpy(info.name, "PTX interpreter");
  info.memory = options_.memory;
  return info;
}

void* PtxDevice::allocate(std::size_t bytes) {
  if (allocated_ + bytes > options_.memory || allocations >= options_.allocations) return nullptr;
  ++allocations;
  allocated_ += bytes;
  most_allocated = std::max(most_allocated, allocated_);
  auto* memory = static_cast<std::byte*>(::operator new (bytes, std::align_val_t{256}));
  std::memset(memory, 0xff, bytes);  // NaNs: what is read before it is written shows
  buffers_[memory] = bytes;
  return memory;
}

void PtxDevice::release(void* memory) {
  const auto found = buffers_.find(static_cast<std::byte*>(memory));
  if (found == buffers_.end()) throw DeviceError("memory is released that was not allocated");
  allocated_ -= found->second;
  buffers_.erase(found);
  ::operator delete (memory, std::align_val_t{256});
}

void* PtxDevice::allocate_host(std::size_t bytes) {
  if (bytes > options_.host_memory - allocated_host_) return nullptr;
  auto* memory = static_cast<std::byte*>(::operator new (bytes, std::align_val_t{256}));
  host_buffers_[memory] = bytes;
  allocated_host_ += bytes;
  most_allocated_host = std::max(most_allocated_host, allocated_host_);
  return memory;
}

void PtxDevice::release_host(void* memory) {
  const auto found = host_buffers_.find(static_cast<std::byte*>(memory));
  if (found == host_buffers_.end()) throw DeviceError("memory of the host is released that was not allocated");
  allocated_host_ -= found->second;
  host_buffers_.erase(found);
  ::operator delete (memory, std::align_val_t{256});
}

/// Bytes from `place` to the end of its buffer.
std::size_t PtxDevice::room(const void* place) const {
  const auto* at = static_cast<const std::byte*>(place);
  auto after = buffers_.upper_bound(at);
  if (after == buffers_.begin()) return 0;
  --after;
  const std::byte* end = after->first + after->second;
  return at < end ? static_cast<std::size_t>(end - at) : 0;
}

namespace {

/// The calls, one by one.
struct Calls final : Recording {
  std::vector<std::function<void()>> calls;
};

}  // namespace

void PtxDevice::call(std::function<void()> action) {
  if (!is_recording_) return action();
  recorded_.push_back(std::move(action));
}

bool PtxDevice::begin_recording() {
  ++recordings;
  return is_recording_ = true;
}

std::unique_ptr<Recording> PtxDevice::end_recording() {
  is_recording_ = false;
  auto recording = std::make_unique<Calls>();
  recording->calls = std::exchange(recorded_, {});
  if (!options_.records) return nullptr;
  return recording;
}

void PtxDevice::replay(const Recording& recording) {
  ++replays;
  for (const std::function<void()>& action : static_cast<const Calls&>(recording).calls) action();
}

void PtxDevice::clear(void* memory, std::size_t bytes) {
  if (room(memory) < bytes) throw DeviceError("what is cleared leaves its buffer");
  std::memset(memory, 0, bytes);
}

void PtxDevice::copy_in(void* to, const void* from, std::size_t bytes) {
  call([=, this] {
    if (room(to) < bytes) throw DeviceError("a copy to the device leaves its buffer");
    std::memcpy(to, from, bytes);
  });
}

void PtxDevice::copy_out(void* to, const void* from, std::size_t bytes) {
  call([=, this] {
    if (room(from) < bytes) throw DeviceError("a copy from the device leaves its buffer");
    std::memcpy(to, from, bytes);
  });
}

void PtxDevice::launch(const Launch& wanted) {
  const LimitedLaunch limited(wanted, options_);
  const Launch& launch = *limited;
  const KernelNames names = names_of(launch.shape);
  const bool fast = launch.arithmetic == kernels::cuda::Arithmetic::fast;
  const ptx::Module& module = modules_(std::string(fast ? "fast_" : "reproducible_") + names.source);
  ptx::Launch run;
  if (launch.shape == Shape::reduce) {
    run.kernel = kernel_of(module, names.kernel, "");
  } else {
    const std::string score = kernels::cuda::visit_device_score<float>(
        taken_by(launch.shape), launch.kind, launch.dim, launch.panels,
        []<class Score>(ScoreType<Score>) { return demangled(typeid(Score).name()); });
    run.kernel = kernel_of(module, names.kernel, score);
  }
  run.grid = launch.blocks;
  run.block = launch.threads;
  run.shared_bytes = launch.shared_bytes;
  const auto* bytes = static_cast<const std::byte*>(launch.arguments);
  run.parameters.assign(bytes, bytes + launch.argument_bytes);
  call([=, this, &module] { carry_out(module, run); });
}

void PtxDevice::carry_out(const ptx::Module& module, const ptx::Launch& run) {
  if (launches >= options_.launches) throw DeviceError("launch: planted by the test");
  ptx::Memory memory;
  for (const auto& [buffer, size] : buffers_) memory.allow_write(const_cast<std::byte*>(buffer), size);
  ptx::RunOptions options;
  options.races = options_.races;
  ptx::run(module, run, memory, options);
  ++launches;
}

}  // namespace scorepath::test
