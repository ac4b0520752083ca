// Batches of a group of points on CUDA devices.
//
//   once      tables of all points, padded for the kernel's threads -> every device
//   a launch  batches -> device; samples [batches x samples x evaluations]; records [batches]; records -> host
// Several devices take neighbouring ranges of a launch's batches. Which batches a launch or a device has changes no bit
// of any record.
#include "host/cuda_group.hpp"

#include <algorithm>
#include <bit>
#include <chrono>
#include <new>

#include <fmt/format.h>

#include "host/check.hpp"
#include "kernels/cuda/packing.hpp"
#include "kernels/cuda/scores.hpp"
#include "kernels/random/sobol.hpp"

namespace scorepath {
namespace {

using kernels::cuda::Batch;  // not all of them: sources are compiled together, and some names are the library's too
using kernels::cuda::Buffer;
using kernels::cuda::Device;
using kernels::cuda::DeviceError;
using kernels::cuda::Geometry;
using kernels::cuda::IncrementLaunch;
using kernels::cuda::Launch;
using kernels::cuda::PathLaunch;
using kernels::cuda::PointPlace;
using kernels::cuda::RayLaunch;
using kernels::cuda::reduce_threads;
using kernels::cuda::ReduceLaunch;
using kernels::cuda::row_of;
using kernels::cuda::Shape;
using kernels::cuda::SliceLaunch;
using kernels::cuda::staged_bytes;
using kernels::cuda::SteeredLaunch;
using kernels::cuda::TablePacker;
using kernels::cuda::taken_by;
using kernels::cuda::threads_per_block;
using kernels::cuda::threads_per_path;
using kernels::cuda::WeightLaunch;
using Where = Buffer::Where;

/// Values of one launch, at most: 2^24 samples.
constexpr std::size_t most_values = std::size_t{1} << 24;

}  // namespace

CudaGroup::~CudaGroup() {
  for (const Part& part : parts_) {
    try {
      part.device->wait();  // what a launch copies to must outlive it, also where something else went wrong
    } catch (const DeviceError&) {
    }
  }
}

CudaGroup::CudaGroup(const JobContext& job, Devices devices, const std::vector<std::unique_ptr<PointPlan>>& plans)
    : job_(job),
      plans_(plans),
      engine_(engine_of(job.options)),
      values_per_sample_(static_cast<std::uint32_t>(PointPlan::values_per_sample(job))),
      most_places_(batch_places()),
      most_batches_(std::max<std::size_t>(most_values / (std::size_t{values_per_sample_} * batch_places()), 1)) {
  open(devices, [&](std::size_t p) { return plans[p]->paths(PointPlan::Draws::estimate); });
}

CudaGroup::CudaGroup(const JobContext& job, Devices devices, const std::vector<std::unique_ptr<PointPlan>>& plans,
                     const PathsOf& paths, const LaunchSize& most)
    : job_(job),
      plans_(plans),
      engine_(Engine::paths),
      other_(paths(0)),
      most_places_(most.places),
      most_batches_(most.batches) {
  open(devices, paths);
}

void CudaGroup::open(Devices devices, const PathsOf& paths) {
  if (engine_ == Engine::paths) {
    form_ = kernels::form_of(paths(0));
    for (std::size_t p = 1; p < plans_.size(); ++p) {
      if (kernels::form_of(paths(p)) != form_) form_ = kernels::PathForm::any;
    }
  }
  for (const std::unique_ptr<Device>& device : devices) {
    Part part;
    part.device = device.get();
    upload(part, paths);
    parts_.push_back(std::move(part));
  }
  const Launch launch = sample_launch();
  const auto team = static_cast<std::uint32_t>(threads_per_path(job_.model.dim()));
  const Geometry batch{nullptr, 1, most_places_, team, launch.threads};
  least_batches_ =
      std::bit_ceil(std::max<std::size_t>(devices.front()->resident_blocks(launch) / batch.pieces_per_batch(), 1));
}

/// The launch of the group's samples, but for its arguments and blocks.
Launch CudaGroup::sample_launch() const {
  const kernels::MixtureModel& model = job_.model.mixture();
  Launch launch{};
  switch (engine_) {
    case Engine::slices:
      launch.shape = Shape::slices;
      break;
    case Engine::paths:
      launch.shape = Shape::paths;
      break;
    case Engine::increments:
      launch.shape = plans_.front()->increments(PointPlan::Draws::estimate).divergence ? Shape::increments
                                                                                       : Shape::score_increments;
      break;
    case Engine::rays:
      launch.shape = Shape::rays;
      break;
    case Engine::weights:
      launch.shape = Shape::weights;
      break;
    case Engine::steered:
      launch.shape = Shape::carried;
      break;
  }
  const bool fast = job_.options.arithmetic == scorepath::Arithmetic::fast && !other_;
  launch.arithmetic = fast ? kernels::cuda::Arithmetic::fast : kernels::cuda::Arithmetic::reproducible;
  launch.kind = kernels::kind_of(model);
  launch.dim = model.dim;
  launch.panels = kernels::panels_of(model.components);
  launch.threads = static_cast<std::uint32_t>(threads_per_block(model.dim));
  launch.shared_bytes = staged_bytes(taken_by(launch.shape), launch.kind, launch.dim, launch.panels);
  return launch;
}

void CudaGroup::enqueue(Part& part, const std::vector<Batch>& batches, std::uint32_t places, PointPlan::Draws draws,
                        bool with_values) {
  std::copy(batches.begin(), batches.end(), part.batches_host.as<Batch>());
  const LaunchShape shape{batches.size(), places, draws, with_values};
  if (shape == part.last) return replay_or_call(part, shape);
  part.last = shape;
  part.recording.reset();
  make_calls(part, shape);
}

/// A launch of the shape of the one before: replayed, where the device keeps recordings and has the memory for one.
void CudaGroup::replay_or_call(Part& part, const LaunchShape& shape) {
  Device& device = *part.device;
  if (part.recording == nullptr && part.keeps_recordings && device.begin_recording()) {
    try {
      make_calls(part, shape);
    } catch (...) {
      try {
        device.end_recording();
      } catch (const DeviceError&) {  // what went wrong first is told
      }
      throw;
    }
    part.recording = device.end_recording();
  }
  part.keeps_recordings = part.recording != nullptr;
  if (part.keeps_recordings) return device.replay(*part.recording);
  make_calls(part, shape);
}

/// The job whose sizes are every point's, and whose tables' places are counted from; the tables may be gone.
kernels::PathJob<float> CudaGroup::paths_of_first(PointPlan::Draws draws) const {
  return other_ ? *other_ : plans_.front()->paths(draws);
}

void CudaGroup::make_calls(Part& part, const LaunchShape& shape) {
  Device& device = *part.device;
  const std::size_t count = shape.batches;
  const auto batch_count = static_cast<std::uint32_t>(count);
  const std::uint32_t places = shape.places;
  device.copy_in(part.batches.as<void>(), part.batches_host.as<void>(), count * sizeof(Batch));

  Launch launch = sample_launch();
  const int dim = job_.model.dim();
  const Geometry geometry{part.batches.as<Batch>(), batch_count, places,
                          static_cast<std::uint32_t>(threads_per_path(dim)), launch.threads};
  const PointPlace* points = part.points.as<PointPlace>();
  TablePacker packer(dim, row_of(launch.kind, dim), nullptr, part.tables.as<float>());
  constexpr std::uint64_t most_blocks = std::uint64_t{1} << 30;
  launch.blocks = static_cast<std::uint32_t>(std::min(geometry.pieces(), most_blocks));
  const auto start = [&](auto arguments) {
    pack_tables(arguments.job, packer);
    if constexpr (requires { arguments.job.directions; }) {
      arguments.job.directions = part.directions.as<std::uint32_t>();
    }
    launch.arguments = &arguments;
    launch.argument_bytes = sizeof arguments;
    device.launch(launch);
  };
  float* values = part.values.as<float>();
  switch (engine_) {
    case Engine::slices:
      launch.blocks = std::min(launch.blocks, part.level_blocks);
      start(SliceLaunch{plans_.front()->slices(shape.draws), points, geometry, values, part.levels.as<float>(),
                        std::int64_t{part.level_blocks} * geometry.samples_per_piece()});
      break;
    case Engine::paths:
      start(PathLaunch{paths_of_first(shape.draws), points, geometry, values, form_});
      break;
    case Engine::increments:
      start(IncrementLaunch{plans_.front()->increments(shape.draws), points, geometry, values});
      break;
    case Engine::rays:
      start(RayLaunch{plans_.front()->rays(shape.draws), points, geometry, values});
      break;
    case Engine::weights:
      start(WeightLaunch{plans_.front()->weights(shape.draws), points, geometry, values});
      break;
    case Engine::steered:
      start(SteeredLaunch{plans_.front()->steered(shape.draws), points, geometry, values, values_per_sample_});
      break;
  }

  const int log2_length = std::countr_zero(job_.sampling.length);
  const ReduceLaunch reduce{part.batches.as<Batch>(), part.values.as<float>(), places * values_per_sample_, log2_length,
                            part.records.as<BatchRecord>()};
  Launch sums{};
  sums.shape = Shape::reduce;
  sums.blocks = batch_count;
  sums.threads = reduce_threads;
  sums.shared_bytes = kernels::batch_memory(places, log2_length) * sizeof(double);
  sums.arguments = &reduce;
  sums.argument_bytes = sizeof reduce;
  device.launch(sums);
  device.copy_out(part.records_host.as<void>(), part.records.as<void>(), count * sizeof(BatchRecord));
  if (shape.with_values) {
    device.copy_out(part.values_host.as<void>(), part.values.as<void>(),
                    count * places * values_per_sample_ * sizeof(float));
  }
}

std::size_t CudaGroup::run(const std::vector<BatchTask>& tasks, PointPlan::Draws draws, bool with_values, Pace& pace,
                           const Take& take, const std::function<bool(std::size_t)>& report) {
  for (std::size_t done = 0; done < tasks.size();) {
    // 1. As many batches as fit the pace, but enough to fill the devices, a power of two so that shapes recur, and no
    // more than their memory holds.
    const std::size_t wanted = std::max(std::bit_floor(pace.pieces()), parts_.size() * least_batches_);
    const std::size_t share = (std::min(wanted, tasks.size() - done) + parts_.size() - 1) / parts_.size();
    for (Part& part : parts_) make_room(part, std::min(share, most_batches_), batch_places(), with_values);
    const std::size_t each = std::min(share, most_batches_);
    // 2. A range of them for each device; then wait for all.
    const auto start = std::chrono::steady_clock::now();
    std::vector<std::size_t> counts;
    std::size_t end = done;
    for (Part& part : parts_) {
      counts.push_back(std::min(each, tasks.size() - end));
      std::vector<Batch> batches;
      for (const std::size_t stop = end + counts.back(); end < stop; ++end) {
        const BatchTask& task = tasks[end];
        batches.push_back({plans_[task.point]->first_sample(task.batch, draws), static_cast<std::uint32_t>(task.point),
                           static_cast<std::uint32_t>(task.samples), 1});
      }
      if (!batches.empty()) enqueue(part, batches, batch_places(), draws, with_values);
    }
    std::size_t first = done;
    for (std::size_t p = 0; p < parts_.size(); ++p) {
      parts_[p].device->wait();
      for (std::size_t i = 0; i < counts[p]; ++i) {
        take(first + i, parts_[p].records_host.as<BatchRecord>()[i],
             with_values ? parts_[p].values_host.as<float>() + i * batch_places() * values_per_sample_ : nullptr,
             batch_places());
      }
      first += counts[p];
    }
    pace.learn(end - done, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    done = end;
    if (!report(done)) return done;
  }
  return tasks.size();
}

bool CudaGroup::values(const std::vector<Batch>& wanted, Pace& pace, const TakeValues& take, const GoOn& go_on) {
  Part& part = parts_.front();
  std::uint32_t places = 1;
  for (const Batch& batch : wanted) places = std::max(places, batch.count);
  for (std::size_t done = 0; done < wanted.size();) {
    const std::size_t fit = std::max(std::bit_floor(pace.pieces()), least_batches_);
    const std::size_t asked = std::min(fit, wanted.size() - done);
    make_room(part, std::min(asked, most_batches_), places, true);
    const std::size_t count = std::min(asked, most_batches_);
    const auto start = std::chrono::steady_clock::now();
    const auto from = wanted.begin() + static_cast<std::ptrdiff_t>(done);
    enqueue(part, {from, from + static_cast<std::ptrdiff_t>(count)}, places, PointPlan::Draws::estimate, true);
    part.device->wait();
    pace.learn(count, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    for (std::size_t i = 0; i < count; ++i)
      take(done + i, part.values_host.as<float>() + i * places * values_per_sample_);
    done += count;
    if (!go_on()) return false;
  }
  return true;
}

std::vector<std::vector<float>> CudaGroup::sample_values(std::size_t count, std::uint64_t stride) {
  std::vector<Batch> wanted;
  for (std::size_t p = 0; p < plans_.size(); ++p) {
    wanted.push_back({plans_[p]->first_sample(0, PointPlan::Draws::estimate), static_cast<std::uint32_t>(p),
                      static_cast<std::uint32_t>(count), stride});
  }
  std::vector<std::vector<float>> values(plans_.size());
  Pace pace;
  const auto take = [&](std::size_t p, const float* from) {
    values[p].assign(from, from + count * values_per_sample_);
  };
  this->values(wanted, pace, take, [] { return true; });
  return values;
}

}  // namespace scorepath
