#include "bench/cuda/pipes.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include <fmt/format.h>

namespace scorepath::bench {

Pipes::Pipes(const std::string& file, const kernels::cuda::DeviceInfo& device) {
  std::ifstream table(file);
  if (!table) throw std::runtime_error(fmt::format("{} cannot be read (no such file) restore it", file));
  const double clocks = double{1e6} * device.clock_mhz * device.multiprocessors;
  int number = 0;
  for (std::string line; std::getline(table, line);) {
    ++number;
    if (line.empty() || line.front() == '#') continue;
    std::istringstream fields(line);
    Row row;
    fields >> row.work >> row.arithmetic;
    if (names_.empty()) {  // the heading
      for (std::string name; fields >> name;) names_.push_back(name);
      continue;
    }
    for (double count; fields >> count;) row.counts.push_back(count);
    if (!fields.eof() || row.counts.size() != names_.size()) {
      throw std::runtime_error(fmt::format("{}:{}: has {} numbers (the heading has {}) mend it", file, number,
                                           row.counts.size(), names_.size()));
    }
    if (row.work == "capacity") {
      for (const double count : row.counts) per_second_.push_back(count * clocks);
    } else {
      rows_.push_back(row);
    }
  }
  if (per_second_.empty())
    throw std::runtime_error(fmt::format("{}: has no line `capacity` (cut short) mend it", file));
}

std::vector<Pipes::Limit> Pipes::limits_of(const std::string& work, const std::string& arithmetic) const {
  std::vector<Limit> limits;
  for (const Row& row : rows_) {
    if (row.work != work || row.arithmetic != arithmetic) continue;
    for (std::size_t i = 0; i < names_.size(); ++i) {
      if (row.counts[i] > 0.0) limits.push_back({names_[i], per_second_[i] / row.counts[i]});
    }
  }
  std::sort(limits.begin(), limits.end(), [](const Limit& a, const Limit& b) { return a.rate < b.rate; });
  return limits;
}

}  // namespace scorepath::bench
