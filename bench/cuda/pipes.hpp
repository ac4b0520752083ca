// What the units of a multiprocessor allow: instructions of an item over instructions per clock, as a model.
#pragma once

#include <string>
#include <vector>

#include "kernels/cuda/device.hpp"

namespace scorepath::bench {

/// The columns of bench/cuda/instructions.tsv.
class Pipes {
 public:
  /// Errors: std::runtime_error, where the table is missing or has a line that is not like the others.
  Pipes(const std::string& file, const kernels::cuda::DeviceInfo& device);

  struct Limit {
    std::string pipe;
    double rate;  ///< items per second
  };
  /// For a row of the suite: the limit of every pipe that it uses, the lowest first; nothing where the table has no
  /// such row.
  std::vector<Limit> limits_of(const std::string& work, const std::string& arithmetic) const;

 private:
  struct Row {
    std::string work, arithmetic;
    std::vector<double> counts;  // [pipes] instructions of a thread for an item
  };
  std::vector<std::string> names_;
  std::vector<double> per_second_;  // [pipes] instructions of threads, all multiprocessors
  std::vector<Row> rows_;
};

}  // namespace scorepath::bench
