// Progress on stderr: a bar on a terminal, plain lines, or one JSON object a line.
#pragma once

#include <cstdio>
#include <string>
#include <vector>

#include <scorepath/options.hpp>
#include <scorepath/result.hpp>
#include <scorepath/sample.hpp>

#include "host/cli/spelling.hpp"

namespace scorepath::cli {

enum class ProgressKind { automatic, bar, plain, json, off };
std::string name_of(ProgressKind kind);

template <>
inline std::vector<ProgressKind> values_of() {
  return {ProgressKind::automatic, ProgressKind::bar, ProgressKind::plain, ProgressKind::json, ProgressKind::off};
}

/// Writes where a run stands: batches, rate, worst standard error so far, time left. A bar is drawn on a terminal
/// only; elsewhere `bar` means plain lines, and `automatic` plain lines ten seconds apart.
class ProgressDisplay {
 public:
  ProgressDisplay(ProgressKind kind, Sampler sampler, std::FILE* stream);
  ProgressDisplay(const ProgressDisplay&) = delete;
  ProgressDisplay& operator=(const ProgressDisplay&) = delete;
  ~ProgressDisplay();

  void update(const Progress& progress);
  /// The last line, from what the run returned.
  void finish(const Result& result);
  void finish(const Samples& samples);

 private:
  void draw_bar(const Progress& progress);
  void clear_bar();
  void write_last(bool stopped, double seconds, const std::string& points);
  void write_json(const Progress& progress, const char* state);

  ProgressKind kind_;
  Sampler sampler_;
  std::FILE* stream_;
  double seconds_between_lines_ = 2.0;
  double last_line_ = 0.0;
  Progress latest_;
  bool bar_stands_ = false;
  bool final_line_ = false;
};

/// Seconds that remain at the rate so far; negative while there is no rate.
double seconds_left(const Progress& progress);

/// "12/26 batches, 3.10e6 paths/s, worst standard error 0.012, 4.0 s left".
std::string describe(const Progress& progress, Sampler sampler);

}  // namespace scorepath::cli
