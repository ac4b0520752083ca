// Turns the text of a flag into a checked value.
#include "host/cli/flag_values.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>

#include "host/quoted.hpp"

namespace scorepath::cli {
namespace {

/// refuse(why) where the text is none.
template <class Refuse>
double finite_number(const std::string& text, const Refuse& refuse) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size() || error == std::errc::invalid_argument) refuse("not a number");
  if (error == std::errc::result_out_of_range) refuse("outside the range of double precision");
  if (std::isnan(value)) refuse("not a number");
  if (!std::isfinite(value)) refuse("not finite");
  return value;
}

}  // namespace

std::uint64_t parse_count(const std::string& flag, const std::string& text, std::uint64_t most) {
  const auto refuse = [&](const char* why) {
    throw Error(ErrorKind::usage, fmt::format("impossible value '{}' for {} ({}) give a whole number in digits",
                                              printable(text), flag, why));
  };
  const bool negative = !text.empty() && text.front() == '-';
  const std::string digits = negative ? text.substr(1) : text;
  if (digits.empty() || !std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; }))
    refuse("not a whole number");
  if (negative) refuse("it is negative");
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size() || value > most) refuse("it is too large");
  return value;
}

double parse_number(const std::string& flag, const std::string& text) {
  return finite_number(text, [&](const char* why) {
    throw Error(ErrorKind::usage,
                fmt::format("impossible value '{}' for {} ({}) give a finite number", printable(text), flag, why));
  });
}

void check_available(Backend backend) {
  SP_VALIDATE(available(backend), resource,
              fmt::format("--backend {} is not available ({}) use --backend {}", name_of(backend),
                          why_unavailable(backend), name_of(Backend::cpu)));
}

bool is_same_file(const std::string& a, const std::string& b) {
  std::error_code ignored;  // a path that cannot be resolved is compared as text
  const auto absolute = [&](const std::string& path) {
    return std::filesystem::weakly_canonical(std::filesystem::absolute(path, ignored), ignored);
  };
  return a == b || absolute(a) == absolute(b) || std::filesystem::equivalent(a, b, ignored);
}

double parse_positive(const std::string& flag, const std::string& text, double most) {
  const auto refuse = [&](const char* why) {
    throw Error(
        ErrorKind::usage,
        fmt::format("impossible value '{}' for {} ({}) give a number above 0 and at most {:g}", text, flag, why, most));
  };
  const double value = finite_number(text, refuse);
  if (value <= 0) refuse(value < 0 ? "it is negative" : "it is zero");
  if (value > most) refuse("it is too large");
  return value;
}

}  // namespace scorepath::cli
