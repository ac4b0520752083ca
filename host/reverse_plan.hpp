// What the reverse paths of a job share: nodes, steps, the Gaussian they start from, the lanes' tables.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <scorepath/sample.hpp>

#include "host/model.hpp"
#include "kernels/cpu/cpu_kernels.hpp"
#include "kernels/estimator/carried.hpp"
#include "kernels/steered.hpp"
#include "kernels/step/time_law.hpp"

namespace scorepath {

/// Options with every choice made but the backend. Errors: usage.
SampleOptions resolve(const Model& model, std::uint64_t count, const SampleOptions& options);

class ReversePlan {
 public:
  ReversePlan(const Model& model, const SampleOptions& resolved, const kernels::CpuKernels& cpu);
  ReversePlan(const ReversePlan&) = delete;
  ReversePlan& operator=(const ReversePlan&) = delete;

  /// All rows; the first `rows` of them are a path up to there.
  kernels::SteeredJob<float> job() const;
  bool carries() const { return options_.log_density || two_stages(); }
  /// Numbers of a path: what it carries, and coordinates.
  std::size_t numbers() const { return dim() + (carries() ? kernels::carried_values : 0); }
  /// Score evaluations of the first `rows` rows of a path.
  std::uint64_t evaluations(std::uint32_t rows) const;
  double largest_noise() const { return (range_.start + range_.end) * model_.unit() * model_.unit(); }

  /// Nodes of the grid within the schedule that are asked for, in the order in which paths meet them.
  struct Stop {
    std::uint32_t rows;  ///< done there
    double time;         ///< t
    double scale;        ///< of X_t per canonical Y
    double rho;          ///< its node
  };
  const std::vector<Stop>& stops() const { return stops_; }

  /// A path's end in the data's frame [dim], from its numbers, `stride` apart; false where it has
  /// blown up, and NaN then.
  bool end_of(const float* numbers, std::size_t stride, double* x) const;
  /// X_t at a stop.
  void state_at(const Stop& stop, const float* numbers, std::size_t stride, double* x) const;
  /// The log-density [nat] that path `index` carries, its standard error, and what the oracle says.
  struct Density {
    double value, std_error, exact;
  };
  Density density_of(std::uint64_t index, const float* numbers, std::size_t stride) const;

 private:
  bool two_stages() const { return options_.method == ReverseMethod::second_order; }
  std::size_t dim() const { return static_cast<std::size_t>(model_.dim()); }
  const float* coordinates_of(const float* numbers, std::size_t stride) const {
    return numbers + (carries() ? kernels::carried_values : 0) * stride;
  }
  double far_difference(std::uint64_t index) const;
  void place_range();
  void make_grid();
  void add_nodes_at_times();
  double rho_of(double t) const;
  kernels::SteeredStep<double> step_to(int node) const;
  void make_rows();
  void make_start();
  void fill_tables(const kernels::CpuKernels& cpu);

  const Model& model_;
  const SampleOptions& options_;
  kernels::NoiseRange range_{};
  double finest_ = 1.0;                             // r0: the narrowest component's variance
  std::vector<double> rho_;                         // [steps + 1], node 0 the path's end
  std::vector<kernels::SteeredStep<double>> rows_;  // and where they stand
  std::vector<kernels::RowPlace> places_;
  std::vector<double> levels_;  // r of every score, of a row's stages in turn
  std::vector<Stop> stops_;
  std::vector<double> start_mean_, start_variance_, far_slope_, far_square_;  // [dim]
  double far_constant_ = 0.0;  // log of the start's density over the reference's, at the model's mean
  std::vector<float> score_, level_rows_, reference_mean_, reference_inverse_, start_, far_;
  std::vector<kernels::SteeredStep<float>> table_;
  kernels::ScoreTables<float> view_{};
};

}  // namespace scorepath
