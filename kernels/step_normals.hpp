// The normals of a path, step by step: from memory, where a chunk of many is generated together (packs), or from
// registers, a few at a time (scalar lanes, CUDA threads). The numbers are the same: normal j of step k has its place
// in the path's stream (kernels/random/noise.hpp).
#pragma once

#include "kernels/coordinates.hpp"
#include "kernels/lane/team.hpp"
#include "kernels/random/noise.hpp"

namespace scorepath::kernels {

/// What stands for the normals of a step of a pack of paths. D and Team: the score's.
template <class F, int D, class Team>
class StepNormals {
 public:
  static constexpr bool in_registers = LaneTraits<F>::normals_together == 4 && D > 0 && (!Team::is_padded || D > 16);
  /// Steps whose normals are whole blocks of four.
  static constexpr std::uint32_t chunk = D % 4 == 0 ? 1 : D % 2 == 0 ? 2 : 4;

  /// memory [noise_chunk(path_dim)], where they go through memory; given [steps][path_dim], where they are made
  /// beforehand (kernels/bridge.hpp), else null.
  SP_HD StepNormals(const Team& team, int path_dim, const Stream& stream, std::uint64_t first_path, std::uint32_t steps,
                    F* memory, const F* given = nullptr)
      : team_(team),
        path_dim_(D > 0 && !Team::is_padded ? D : path_dim),
        stream_(stream),
        first_path_(first_path),
        steps_(steps),
        steps_per_chunk_(static_cast<std::uint32_t>(steps_per_chunk<F>(path_dim_))),
        memory_(memory),
        given_(given) {
    if constexpr (in_registers) {  // what no step reads, but the compiler cannot know
      for (int j = 0; j < held; ++j) z_[j] = constant<F>(0.0);
    }
  }

  /// Normals [dim] of step k; to be asked for in order.
  SP_HD const F* at(std::uint32_t k) {
#if !defined(__CUDA_ARCH__)
    if (given_ != nullptr) return given_ + static_cast<std::size_t>(k) * static_cast<std::size_t>(path_dim_);
#endif
    if constexpr (in_registers) {
      if (k % chunk == 0) {
        generate(k);
      } else {
        for (int j = 0; j + D < held; ++j) z_[j] = z_[j + D];
      }
      return z_;
    } else {
      const std::uint32_t steps = steps_per_chunk_;
      const auto dim = static_cast<std::uint32_t>(path_dim_);
      if (k % steps == 0) {
        fill_normals<F>(stream_, first_path_, block_of_step(k, dim), normals_of_chunk<F>(k, steps_, path_dim_),
                        memory_);
      }
      const F* z = memory_ + (k % steps) * dim;
      if constexpr (Team::is_padded) {
        for (int j = 0; j < held; ++j) z_[j] = team_.has(j, path_dim_) ? z[j] : constant<F>(0.0);
        return z_;
      } else {
        return z;
      }
    }
  }

 private:
  static constexpr int held = in_registers ? static_cast<int>(chunk) * D : Team::is_padded ? D : 1;

  SP_HD void generate(std::uint32_t k) {
    constexpr int blocks = held / 4;
    constexpr int together = LaneTraits<F>::philox_blocks < blocks ? LaneTraits<F>::philox_blocks : blocks;
    const std::uint32_t first =
        block_of_step(k, static_cast<std::uint32_t>(path_dim_)) + static_cast<std::uint32_t>(team_.first() / 4);
    for (int b = 0; b < blocks; b += together) {
      F z[together][4];
      random_normals<F, together>(stream_, first_path_, first + static_cast<std::uint32_t>(b), z);
      for (int i = 0; i < 4 * together && 4 * b + i < held; ++i) z_[4 * b + i] = z[i / 4][i % 4];
    }
    if constexpr (Team::is_padded) {
      for (int j = 0; j < held; ++j) z_[j] = select(team_.has(j, path_dim_), z_[j], constant<F>(0.0));
    }
  }

  const Team& team_;
  int path_dim_;
  const Stream& stream_;
  std::uint64_t first_path_;
  std::uint32_t steps_, steps_per_chunk_;
  F* memory_;
  [[maybe_unused]] const F* given_;
  F z_[held > 0 ? held : 1];
};

}  // namespace scorepath::kernels
