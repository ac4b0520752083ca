// What a network's prediction means: a score in the canonical frame, at any noise of any schedule.
#pragma once

#include <vector>

#include <scorepath/network.hpp>

#include "kernels/schedule/schedule.hpp"

namespace scorepath {

/// s(y, r) = grad log p of Y = X/a at noise r = sigma^2/a^2: A y + B N(c y, e), N the network.
struct Translation {
  double input;          ///< c: of y, to what the network sees
  double state, output;  ///< A, B
  double time;           ///< what the embedding sees
};
/// At noise ratio r of the schedule (docs/theory.md, D31).
Translation translation(const Network& network, const kernels::NoiseSchedule& schedule, double r);

/// The embedding of a time input [embedding_width(e)].
std::vector<double> embedded(const TimeEmbedding& e, double time);

}  // namespace scorepath
