// Small text helpers of the command line: joining names, the nearest name, one-line messages.
#include "host/cli/text.hpp"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "host/check.hpp"
#include "host/nearest_key.hpp"

namespace scorepath::cli {

std::string join(const std::vector<std::string>& names) { return fmt::format("{}", fmt::join(names, ", ")); }

std::string nearest(std::string_view name, const std::vector<std::string>& candidates) {
  // What else the back end is called is no mistyped name of the processor's.
  if (name == "gpu" && std::count(candidates.begin(), candidates.end(), "cuda") > 0) return "cuda";
  const std::string_view shortened = name.substr(0, 64);  // nobody mistypes a longer one, and the cost is quadratic
  std::string best;
  std::size_t least = 1 + std::max<std::size_t>(1, shortened.size() / 3);
  for (const std::string& candidate : candidates) {
    const std::size_t distance = edit_distance(shortened, candidate);
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}

std::string one_line(std::string_view text) {
  std::string line(text);
  std::replace_if(
      line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
  return line;
}

int decimals_for(double error) {
  if (!(error > 0) || !std::isfinite(error)) return 6;
  return std::clamp(1 - static_cast<int>(std::floor(std::log10(error))), 0, 12);
}

std::string fixed(double value, int decimals) {
  if (std::abs(value) >= 1e12) return fmt::format("{:.9e}", value);
  return fmt::format("{:.{}f}", value, decimals);
}

std::string short_number(double value) {
  if (!std::isfinite(value)) return "-";
  if (std::abs(value) < 1e5) return fmt::format("{:.{}f}", value, std::abs(value) < 10 && value != 0 ? 1 : 0);
  const int exponent = static_cast<int>(std::floor(std::log10(std::abs(value))));
  return fmt::format("{:.2f}e{}", value / std::pow(10.0, exponent), exponent);
}

std::string duration(double seconds) {
  if (!std::isfinite(seconds) || seconds < 0) return "-";
  if (seconds < 1) return fmt::format("{:.3f} s", seconds);
  if (seconds < 60) return fmt::format("{:.1f} s", seconds);
  const double whole = std::round(seconds);
  if (whole < 3600) return fmt::format("{:.0f} min {:02.0f} s", std::floor(whole / 60), std::fmod(whole, 60));
  if (whole >= 1e9) return fmt::format("{:.1e} years", whole / 31557600);
  return fmt::format("{:.0f} h {:02.0f} min", std::floor(whole / 3600), std::floor(std::fmod(whole, 3600) / 60));
}

void print_data(std::string_view text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  SP_VALIDATE(written, output,
              fmt::format("stdout cannot be written ({}) make room or name a file", std::strerror(errno)));
}

void say(std::FILE* stream, const std::string& text) { static_cast<void>(std::fputs(text.c_str(), stream)); }

}  // namespace scorepath::cli
