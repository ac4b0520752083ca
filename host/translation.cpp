#include "host/translation.hpp"

#include <cmath>
#include <numbers>

namespace scorepath {

Translation translation(const Network& network, const kernels::NoiseSchedule& schedule, double r) {
  const double t = schedule.time_of_noise_ratio(r), a = schedule.a(t), deviation = std::sqrt(r);  // sigma/a
  Translation is{a, 0.0, 0.0, t};
  switch (network.parameterization) {
    case Parameterization::score:
      is.output = a;
      break;
    case Parameterization::epsilon:
      is.output = -1.0 / deviation;
      break;
    case Parameterization::x0:
      is.state = -1.0 / r, is.output = 1.0 / r;
      break;
    case Parameterization::v:  // eps = (a v + sigma x)/(a^2 + sigma^2)
      is.state = -1.0 / (1.0 + r), is.output = -1.0 / (a * deviation * (1.0 + r));
      break;
    case Parameterization::edm_f: {  // D = c_skip y + c_out F(c_in y)
      const double data = network.sigma_data * network.sigma_data;
      is.input = 1.0 / std::sqrt(r + data);
      is.state = -1.0 / (r + data), is.output = network.sigma_data / std::sqrt(r * (r + data));
      break;
    }
    case Parameterization::velocity: {  // u = f x - g^2/2 score of x
      const double g2 = schedule.diffusion(t);
      is.state = 2.0 * schedule.drift(t) * a * a / g2, is.output = -2.0 * a / g2;
      break;
    }
  }
  switch (network.time_input) {
    case TimeInput::t:
      break;
    case TimeInput::log_snr:
      is.time = -std::log(r);
      break;
    case TimeInput::ln_sigma_4:
      is.time = 0.125 * std::log(r);
      break;
    case TimeInput::sigma:
      is.time = deviation;
      break;
    case TimeInput::step:
      is.time = t * static_cast<double>(schedule.ddpm.count) - 1.0;
      break;
  }
  return is;
}

std::vector<double> embedded(const TimeEmbedding& e, double time) {
  const double c = e.scale * time;
  if (e.kind == EmbeddingKind::raw) return {c};
  const std::size_t half = embedding_width(e) / 2;
  std::vector<double> out(2 * half);
  for (std::size_t i = 0; i < half; ++i) {
    if (e.kind == EmbeddingKind::fourier) {
      const double angle = 2.0 * std::numbers::pi * c * e.frequencies[i];
      out[i] = std::sin(angle), out[half + i] = std::cos(angle);
    } else {
      const double share = static_cast<double>(i) / static_cast<double>(half);
      const double angle = c * std::exp(-std::log(e.max_period) * share);
      out[i] = std::cos(angle), out[half + i] = std::sin(angle);
    }
  }
  return out;
}

}  // namespace scorepath
