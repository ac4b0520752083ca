// What a group of points has on its devices: the devices themselves, tables, and the buffers of launches, which are
// smaller where memory is short.
#include <algorithm>
#include <bit>
#include <new>

#include <fmt/format.h>

#include "host/check.hpp"
#include "host/cuda_group.hpp"
#include "kernels/cuda/packing.hpp"
#include "kernels/cuda/scores.hpp"
#include "kernels/random/sobol.hpp"

namespace scorepath {
namespace {

using kernels::cuda::Batch;  // not all of them: sources are compiled together, and some names are the library's too
using kernels::cuda::Buffer;
using kernels::cuda::Device;
using kernels::cuda::device_count;
using kernels::cuda::DeviceError;
using kernels::cuda::DeviceOutOfMemory;
using kernels::cuda::Geometry;
using kernels::cuda::Launch;
using kernels::cuda::open_device;
using kernels::cuda::PointPlace;
using kernels::cuda::row_of;
using kernels::cuda::TablePacker;
using kernels::cuda::threads_per_path;
using Where = Buffer::Where;

/// Of a device's free memory, the share that slices' levels may take: kernels want some for their threads' stacks.
constexpr std::size_t share_of_levels = 2;

[[noreturn]] void no_memory(Where where, std::size_t bytes) {
  throw DeviceOutOfMemory(fmt::format("{:.3g} MiB more of {} were not to be had", static_cast<double>(bytes) / 0x1p20,
                                      where == Where::device ? "its memory" : "this machine's page-locked memory"));
}

/// A buffer that must be there.
Buffer needed(Device& device, Where where, std::size_t bytes) {
  Buffer buffer(device, where, bytes);
  if (!buffer) no_memory(where, bytes);
  return buffer;
}

}  // namespace

Error silent_device(const DeviceError& error) {
  return Error(ErrorKind::resource,
               fmt::format("a CUDA device does not answer ({}) see what nvidia-smi says, leave it out with "
                           "CUDA_VISIBLE_DEVICES, or use backend cpu",
                           error.what()));
}

CudaDevices open_cuda_devices() {
  CudaDevices devices;
  try {
    const char* why = nullptr;
    const int count = device_count(&why);
    SP_VALIDATE(count > 0, resource, fmt::format("backend cuda is not available ({}) use cpu or auto", why));
    for (int i = 0; i < count; ++i) devices.push_back(open_device(i));
  } catch (const DeviceError& error) {
    throw silent_device(error);
  }
  return devices;
}

void CudaGroup::upload(Part& part, const PathsOf& paths_of) {
  constexpr PointPlan::Draws draws = PointPlan::Draws::estimate;
  const kernels::MixtureModel& model = job_.model.mixture();
  const auto pack = [&](std::size_t p, float* to) {
    TablePacker packer(model.dim, row_of(kernels::kind_of(model), model.dim), to, nullptr);
    const auto take = [&](auto job) { pack_tables(job, packer); };
    switch (engine_) {
      case Engine::slices:
        take(plans_[p]->slices(draws));
        break;
      case Engine::paths:
        take(paths_of(p));
        break;
      case Engine::increments:
        take(plans_[p]->increments(draws));
        break;
      case Engine::rays:
        take(plans_[p]->rays(draws));
        break;
      case Engine::weights:
        take(plans_[p]->weights(draws));
        break;
      case Engine::steered:
        take(plans_[p]->steered(draws));
        break;
    }
    return packer.used() * sizeof(float);
  };
  Device& device = *part.device;
  const std::size_t n = plans_.size();
  const std::size_t stride = pack(0, nullptr);
  const bool sobol = engine_ == Engine::slices && job_.options.time_points == TimePoints::sobol;
  const std::size_t direction_bytes = (static_cast<std::size_t>(job_.model.dim()) + 1) *
                                      kernels::sobol_directions_per_dimension * sizeof(std::uint32_t);
  // All memory first: nothing may go wrong while it is copied to.
  part.tables = needed(device, Where::device, n * stride);
  part.points = needed(device, Where::device, n * sizeof(PointPlace));
  if (sobol) part.directions = needed(device, Where::device, direction_bytes);
  const Buffer staged = needed(device, Where::host, n * stride);
  const Buffer places = needed(device, Where::host, n * sizeof(PointPlace));
  for (std::size_t p = 0; p < n; ++p) {
    pack(p, staged.as<float>() + p * (stride / sizeof(float)));
    places.as<PointPlace>()[p] = {static_cast<std::int64_t>(p * stride), plans_[p]->key()};
  }
  device.copy_in(part.tables.as<void>(), staged.as<void>(), n * stride);
  device.copy_in(part.points.as<void>(), places.as<void>(), n * sizeof(PointPlace));
  if (sobol) {
    const std::uint32_t* directions = plans_.front()->slices(draws).directions;
    device.copy_in(part.directions.as<void>(), directions, direction_bytes);
  }
  device.wait();
}

CudaGroup::Part::Growth CudaGroup::Part::grow(Buffer& buffer, Where where, std::size_t bytes) {
  if (buffer && buffer.bytes() >= bytes) return Growth::kept;
  last = {};  // whose calls are those on the old buffer
  recording.reset();
  buffer = Buffer();
  buffer = Buffer(*device, where, bytes);
  return buffer ? Growth::anew : Growth::failed;
}

/// Memory for a launch of `batches`; fewer of them (most_batches_) where there is less.
void CudaGroup::make_room(Part& part, std::size_t batches, std::uint32_t places, bool with_values) {
  bool new_values = false;  // be they as large as the ones before
  Where missing{};
  std::size_t missing_bytes = 0;
  const auto there = [&](Buffer& buffer, Where where, std::size_t bytes) {
    const Part::Growth growth = part.grow(buffer, where, bytes);
    new_values = new_values || (&buffer == &part.values && growth == Part::Growth::anew);
    missing = where;
    missing_bytes = bytes;
    return growth != Part::Growth::failed;
  };
  while (true) {
    const std::size_t values = batches * places * values_per_sample_ * sizeof(float);
    const bool fits = there(part.batches, Where::device, batches * sizeof(Batch)) &&
                      there(part.batches_host, Where::host, batches * sizeof(Batch)) &&
                      there(part.records, Where::device, batches * sizeof(BatchRecord)) &&
                      there(part.records_host, Where::host, batches * sizeof(BatchRecord)) &&
                      there(part.values, Where::device, values) &&
                      (!with_values || there(part.values_host, Where::host, values));
    if (fits) break;
    if (batches == 1) no_memory(missing, missing_bytes);
    most_batches_ = batches = (batches + 1) / 2;
  }
  // Batches that are not full leave gaps, which are copied with the rest.
  if (new_values) part.device->clear(part.values.as<void>(), part.values.bytes());
  if (engine_ == Engine::slices && !part.levels) make_room_for_levels(part);
}

/// Slices keep a noise level's numbers for each path that is worked on at once.
void CudaGroup::make_room_for_levels(Part& part) {
  Device& device = *part.device;
  const Launch launch = sample_launch();
  const kernels::MixtureModel& model = job_.model.mixture();
  kernels::ScoreShape padded = kernels::shape_of(model);
  padded.dim = row_of(launch.kind, model.dim);
  const long numbers = kernels::level_size(padded) + padded.dim;
  const Geometry geometry{nullptr, 1, batch_places(), static_cast<std::uint32_t>(threads_per_path(model.dim)),
                          launch.threads};
  const std::size_t of_block = geometry.samples_per_piece() * static_cast<std::size_t>(numbers) * sizeof(float);
  const std::size_t most = device.free_memory() / share_of_levels;
  std::uint32_t blocks = device.resident_blocks(launch);
  while (blocks > 1 && blocks * of_block > most) blocks = (blocks + 1) / 2;
  while (part.grow(part.levels, Where::device, blocks * of_block) == Part::Growth::failed) {
    if (blocks == 1) no_memory(Where::device, of_block);
    blocks = (blocks + 1) / 2;
  }
  part.level_blocks = blocks;
}

}  // namespace scorepath
