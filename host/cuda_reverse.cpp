// Reverse paths on CUDA devices.
//
//   once      the job's tables, padded for the kernel's threads -> every device
//   a launch  batches -> device; paths [batches x 4096 x rows]; numbers [batches][of a path][4096] -> host
#include "host/cuda_reverse.hpp"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "kernels/cuda/packing.hpp"
#include "kernels/cuda/scores.hpp"

namespace scorepath {
namespace {

using kernels::cuda::Buffer;
using kernels::cuda::Device;
using kernels::cuda::DeviceOutOfMemory;
using kernels::cuda::Geometry;
using kernels::cuda::PointPlace;
using kernels::cuda::Shape;
using kernels::cuda::SteeredLaunch;
using kernels::cuda::TablePacker;

/// Numbers of one launch, at most.
constexpr std::size_t most_numbers = std::size_t{1} << 26;

/// A new buffer; the old one goes first.
void renew(Buffer& buffer, Device& device, Buffer::Where where, std::size_t bytes) {
  buffer = Buffer();
  buffer = Buffer(device, where, bytes);
}

[[noreturn]] void no_room(std::size_t bytes) {
  throw DeviceOutOfMemory(
      fmt::format("{:.3g} MiB more of its memory, or of this machine's page-locked memory, were not to be had",
                  static_cast<double>(bytes) / 0x1p20));
}

}  // namespace

CudaReverse::CudaReverse(const ReversePlan& plan, const Model& model, Arithmetic arithmetic, const CudaDevices& devices)
    : plan_(plan),
      job_(plan.job()),
      row_(static_cast<std::size_t>(kernels::cuda::row_of(job_.score.kind, job_.score.dim))),
      most_batches_(std::max<std::size_t>(most_numbers / (plan.numbers() * reverse_batch), 1)) {
  launch_.shape = plan.carries() ? Shape::carried : Shape::steered;
  launch_.arithmetic =
      arithmetic == Arithmetic::fast ? kernels::cuda::Arithmetic::fast : kernels::cuda::Arithmetic::reproducible;
  launch_.kind = job_.score.kind;
  launch_.dim = model.dim();
  launch_.panels = kernels::panels_of(model.mixture().components);
  launch_.threads = static_cast<std::uint32_t>(kernels::cuda::threads_per_block(model.dim()));
  launch_.shared_bytes =
      kernels::cuda::staged_bytes(kernels::cuda::taken_by(launch_.shape), launch_.kind, launch_.dim, launch_.panels);
  for (const std::unique_ptr<Device>& device : devices) {
    Part part;
    part.device = device.get();
    upload(part);
    parts_.push_back(std::move(part));
  }
}

CudaReverse::~CudaReverse() {
  for (const Part& part : parts_) {
    try {
      part.device->wait();  // what a launch copies to must outlive it, also where something else went wrong
    } catch (const kernels::cuda::DeviceError&) {
    }
  }
}

void CudaReverse::upload(Part& part) {
  Device& device = *part.device;
  const int row = static_cast<int>(row_);
  kernels::SteeredJob<float> counted = job_;
  TablePacker counter(launch_.dim, row, nullptr, nullptr);
  pack_tables(counted, counter);
  const std::size_t bytes = counter.used() * sizeof(float);
  part.tables = Buffer(device, Buffer::Where::device, bytes);
  part.points = Buffer(device, Buffer::Where::device, sizeof(PointPlace));
  const Buffer staged(device, Buffer::Where::host, bytes), place(device, Buffer::Where::host, sizeof(PointPlace));
  if (!part.tables || !part.points || !staged || !place) no_room(bytes);
  kernels::SteeredJob<float> packed = job_;
  TablePacker packer(launch_.dim, row, staged.as<float>(), part.tables.as<float>());
  pack_tables(packed, packer);
  *place.as<PointPlace>() = {0, job_.noise.point};
  device.copy_in(part.tables.as<void>(), staged.as<void>(), bytes);
  device.copy_in(part.points.as<void>(), place.as<void>(), sizeof(PointPlace));
  device.wait();
}

/// Memory for a launch of `batches`, fewer of them (most_batches_) where there is less.
void CudaReverse::make_room(Part& part, std::size_t batches) {
  Device& device = *part.device;
  while (true) {
    const std::size_t values = batches * plan_.numbers() * reverse_batch * sizeof(float);
    const std::size_t places = batches * sizeof(kernels::cuda::Batch);
    if (part.values.bytes() >= values && part.values_host.bytes() >= values && part.batches.bytes() >= places &&
        part.batches_host.bytes() >= places) {
      return;
    }
    renew(part.values, device, Buffer::Where::device, values);
    renew(part.values_host, device, Buffer::Where::host, values);
    renew(part.batches, device, Buffer::Where::device, places);
    renew(part.batches_host, device, Buffer::Where::host, places);
    if (part.values && part.values_host && part.batches && part.batches_host) {
      device.clear(part.values.as<void>(), values);  // a batch that is not full is copied as a whole
      return;
    }
    if (batches == 1) no_room(values);
    most_batches_ = batches = (batches + 1) / 2;
  }
}

void CudaReverse::launch(Part& part, std::uint32_t rows, std::size_t batches) {
  Device& device = *part.device;
  device.copy_in(part.batches.as<void>(), part.batches_host.as<void>(), batches * sizeof(kernels::cuda::Batch));
  const Geometry geometry{part.batches.as<kernels::cuda::Batch>(), static_cast<std::uint32_t>(batches), reverse_batch,
                          static_cast<std::uint32_t>(kernels::cuda::threads_per_path(launch_.dim)), launch_.threads};
  SteeredLaunch arguments{job_, part.points.as<PointPlace>(), geometry, part.values.as<float>(),
                          static_cast<std::uint32_t>(plan_.numbers())};
  TablePacker packer(launch_.dim, static_cast<int>(row_), nullptr, part.tables.as<float>());
  pack_tables(arguments.job, packer);
  arguments.job.steps = rows;
  constexpr std::uint64_t most_blocks = std::uint64_t{1} << 30;
  launch_.blocks = static_cast<std::uint32_t>(std::min(geometry.pieces(), most_blocks));
  launch_.arguments = &arguments;
  launch_.argument_bytes = sizeof arguments;
  device.launch(launch_);
  device.copy_out(part.values_host.as<void>(), part.values.as<void>(),
                  batches * plan_.numbers() * reverse_batch * sizeof(float));
}

std::size_t CudaReverse::run(std::uint32_t rows, std::uint64_t count, Pace& pace, const Take& take,
                             const std::function<bool(std::size_t)>& report) {
  const std::size_t all = (count + reverse_batch - 1) / reverse_batch;
  for (std::size_t done = 0; done < all;) {
    // 1. As many batches as fit the pace and the devices' memory.
    const std::size_t wanted = std::min(std::max(pace.pieces(), parts_.size()), all - done);
    const std::size_t share = (wanted + parts_.size() - 1) / parts_.size();
    for (Part& part : parts_) make_room(part, std::min(share, most_batches_));
    const std::size_t each = std::min(share, most_batches_);
    // 2. A range of them for each device; then wait for all.
    const auto start = std::chrono::steady_clock::now();
    std::vector<std::size_t> counts;
    std::size_t end = done;
    for (Part& part : parts_) {
      counts.push_back(std::min(each, all - end));
      for (std::size_t i = 0; i < counts.back(); ++i, ++end) {
        const std::uint64_t first = end * reverse_batch;
        part.batches_host.as<kernels::cuda::Batch>()[i] = {
            first, 0, static_cast<std::uint32_t>(std::min<std::uint64_t>(reverse_batch, count - first)), 1};
      }
      if (counts.back() > 0) launch(part, rows, counts.back());
    }
    std::size_t batch = done;
    for (std::size_t p = 0; p < parts_.size(); ++p) {
      parts_[p].device->wait();
      take(batch, counts[p], parts_[p].values_host.as<float>());
      batch += counts[p];
    }
    pace.learn(end - done, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    done = end;
    if (!report(done)) return done;
  }
  return all;
}

}  // namespace scorepath
