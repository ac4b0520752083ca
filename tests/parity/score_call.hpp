// One call of a score functor for any lane type, chosen by kind, dimension (known at compile time or not) and level.
#pragma once

#include "kernels/combinations.hpp"

namespace scorepath::test {

enum class Dimension { known, run_time };
/// The level row is shared by all lanes; the same without the divergence; or each lane has a level of its own.
enum class Level { shared, shared_without_divergence, per_lane };

/// What one call reads and writes; F lanes in memory of `memory`, aligned for packs and at least call_size() lanes.
struct ScoreCall {
  const kernels::ScoreTables<float>* tables;
  Dimension dimension;
  Level level;
  const float* row;    // shared: the level row
  const float* r;      // per lane: noise levels [width]
  const float* delta;  // [dim x width]
  float* score;        // [dim x width]
  float* divergence;   // [width], left alone where it is not asked for
};

/// Lanes that a call needs in memory.
SP_HD long call_size(const kernels::ScoreShape& shape) {
  return 2L * shape.dim + kernels::score_scratch_of(shape.dim) + kernels::level_size(shape);
}

/// One functor on lanes that are in memory; a call, so that it is compiled once however often visit_score() names it.
template <class F, class Score>
static SP_HD_CALL void call_functor(const Score& functor, const ScoreCall& call, const F* delta, F* score, F* scratch,
                                    F* levels) {
  using namespace kernels;
  F divergence = constant<F>(0.0);
  if (call.level == Level::shared) {
    functor.template evaluate<true>(delta, SharedLevel<F>{call.row}, scratch, score, divergence);
  } else if (call.level == Level::shared_without_divergence) {
    functor.template evaluate<false>(delta, SharedLevel<F>{call.row}, scratch, score, divergence);
  } else {
    functor.template fill_level<F>(load<F>(call.r), LaneLevel<F>{levels});
    functor.template evaluate<true>(delta, LaneLevel<F>{levels}, scratch, score, divergence);
  }
  if (call.level != Level::shared_without_divergence) store(call.divergence, divergence);
}

template <class F>
void call_score(const ScoreCall& call, F* memory) {
  using namespace kernels;
  const int d = call.tables->dim;
  constexpr int width = width_v<F>;
  F* delta = memory;
  F* score = delta + d;
  F* scratch = score + d;
  F* levels = scratch + score_scratch_of(d);
  for (int j = 0; j < d; ++j) delta[j] = load<F>(call.delta + j * width);
  const auto visitor = [&](const auto& functor) { call_functor<F>(functor, call, delta, score, scratch, levels); };
  if (call.dimension == Dimension::known) {
    visit_score(*call.tables, visitor);
  } else {
    visit_score_of_dimension<0>(*call.tables, visitor);
  }
  for (int j = 0; j < d; ++j) store(call.score + j * width, score[j]);
}

}  // namespace scorepath::test
