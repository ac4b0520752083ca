// Batches of a group of points on CUDA devices: tables once, then launches of many batches, with a word to the caller
// in between.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "host/parallel.hpp"
#include "host/point_plan.hpp"

namespace scorepath {

/// A batch of one point.
struct BatchTask {
  std::size_t point;
  std::uint64_t batch, samples;
};

class CudaGroup {
 public:
  using Devices = std::span<const std::unique_ptr<kernels::cuda::Device>>;
  static Devices first_of(const CudaDevices& devices) { return {devices.data(), 1}; }
  /// Copies the tables of the plans to every device. Errors: DeviceError, DeviceOutOfMemory where they do not fit.
  CudaGroup(const JobContext& job, Devices devices, const std::vector<std::unique_ptr<PointPlan>>& plans);
  /// What launches may have at most: batches, and samples of each; and the device's memory that such a launch takes.
  struct LaunchSize {
    std::uint32_t places;
    std::size_t batches;
    std::size_t bytes() const {
      return batches * (places * sizeof(float) + sizeof(kernels::cuda::Batch) + sizeof(BatchRecord));
    }
  };
  /// The same with other paths than the plans' own, in reproducible arithmetic, for values(); the tables of `paths` may
  /// go when they are copied.
  using PathsOf = std::function<kernels::PathJob<float>(std::size_t point)>;
  CudaGroup(const JobContext& job, Devices devices, const std::vector<std::unique_ptr<PointPlan>>& plans,
            const PathsOf& paths, const LaunchSize& most);
  CudaGroup(const CudaGroup&) = delete;
  CudaGroup& operator=(const CudaGroup&) = delete;
  ~CudaGroup();

  /// Runs tasks in launches of about a tenth of a second, or of as many batches as fill a device where those take
  /// longer; `take(i, record, values, stride)` hears of each in order, on the
  /// calling thread, values [samples of the task] or null, those of a sample `stride` apart; between launches
  /// report(done) says whether to go on. Returns how many were done, always from 0 on. Errors: DeviceError,
  /// DeviceOutOfMemory where not one batch fits.
  using Take = std::function<void(std::size_t, const BatchRecord&, const float*, std::size_t stride)>;
  std::size_t run(const std::vector<BatchTask>& tasks, PointPlan::Draws draws, bool with_values, Pace& pace,
                  const Take& take, const std::function<bool(std::size_t)>& report);

  /// Runs batches of any samples on the first device, and hands over their values; between launches go_on() says
  /// whether to. False where it was broken off.
  using TakeValues = std::function<void(std::size_t, const float*)>;  // places apart: [values of a sample][places]
  bool values(const std::vector<kernels::cuda::Batch>& wanted, Pace& pace, const TakeValues& take, const GoOn& go_on);

  /// The values of `count` samples of every point's estimate, `stride` apart, from the first on: [points][values of a
  /// sample x count].
  std::vector<std::vector<float>> sample_values(std::size_t count, std::uint64_t stride);

 private:
  /// What tells the calls of one launch from those of another.
  struct LaunchShape {
    std::size_t batches = 0;
    std::uint32_t places = 0;  // samples of a batch, at most
    PointPlan::Draws draws = PointPlan::Draws::estimate;
    bool with_values = false;
    bool operator==(const LaunchShape&) const = default;
  };
  /// What one device holds.
  struct Part {
    kernels::cuda::Device* device;
    kernels::cuda::Buffer tables, points, directions;
    kernels::cuda::Buffer batches, values, records, levels;         // of a launch
    kernels::cuda::Buffer batches_host, values_host, records_host;  // its counterparts
    std::uint32_t level_blocks = 0;                                 // that the memory of levels is for
    LaunchShape last;                                               // of the launch before, on these buffers
    std::unique_ptr<kernels::cuda::Recording> recording;            // of `last`, once it has been met again
    bool keeps_recordings = true;                                   // false once a recording was not to be had

    /// A buffer of at least so many bytes: the old one where it is large enough, else a new one, or none where there is
    /// no memory for it.
    enum class Growth { kept, anew, failed };
    Growth grow(kernels::cuda::Buffer& buffer, kernels::cuda::Buffer::Where where, std::size_t bytes);
  };

  void open(Devices devices, const PathsOf& paths);
  void upload(Part& part, const PathsOf& paths);
  kernels::PathJob<float> paths_of_first(PointPlan::Draws draws) const;
  void make_room(Part& part, std::size_t batches, std::uint32_t places, bool with_values);
  void make_room_for_levels(Part& part);
  void replay_or_call(Part& part, const LaunchShape& shape);
  /// Everything that a launch does, from the copy of the batches to that of the records.
  void enqueue(Part& part, const std::vector<kernels::cuda::Batch>& batches, std::uint32_t places,
               PointPlan::Draws draws, bool with_values);
  void make_calls(Part& part, const LaunchShape& shape);
  kernels::cuda::Launch sample_launch() const;
  std::uint32_t batch_places() const { return static_cast<std::uint32_t>(job_.sampling.samples_per_batch()); }

  const JobContext& job_;
  const std::vector<std::unique_ptr<PointPlan>>& plans_;
  Engine engine_;                                    // of the samples
  kernels::PathForm form_ = kernels::PathForm::any;  // paths: of every point
  std::optional<kernels::PathJob<float>> other_;     // the first point's paths, where they are not the plan's own
  std::uint32_t values_per_sample_ = 1;
  std::uint32_t most_places_;      // of a batch
  std::size_t least_batches_ = 1;  // of a launch on one device: what fills it
  std::size_t most_batches_;
  std::vector<Part> parts_;
};

}  // namespace scorepath
