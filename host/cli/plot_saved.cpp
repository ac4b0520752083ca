// `scorepath plot`: the picture of a result that was written as JSON.
#include <algorithm>

#include <fmt/format.h>

#include "host/check.hpp"
#include "host/cli/commands.hpp"
#include "host/cli/flag_values.hpp"
#include "host/cli/plot.hpp"
#include "host/cli/saved_result.hpp"
#include "host/output_file.hpp"
#include "host/quoted.hpp"

namespace scorepath::cli {
namespace {

ExitCode run_plot(const Arguments& arguments) {
  Checks before;
  const std::string from = arguments.text("RESULT"), to = arguments.text("--out");
  const Overwrite overwrite = arguments.given("--force") ? Overwrite::yes : Overwrite::no;
  before.attempt([&] {
    SP_VALIDATE(!from.empty(), usage, "no RESULT (plot draws a file that density or compare wrote) name it");
  });
  before.attempt([&] {
    SP_VALIDATE(!to.empty(), usage, "--out is missing (scorepath plot needs a picture's name) give --out FILE");
  });
  if (!to.empty()) {
    before.attempt([&] { check_picture_name(to, "--out"); });
    before.attempt([&] {
      SP_VALIDATE(!is_same_file(from, to), usage, "--out names the result itself (it would be lost) change --out");
    });
    before.attempt([&] { check_writable(to, overwrite); });
  }
  before.attempt([] { check_gnuplot(""); });
  before.throw_worst();
  const SavedResult saved = read_saved_result(from);
  const Comparison& comparison = saved.comparison;
  const Result& first = comparison.entries.front().result;
  SP_VALIDATE(
      std::any_of(comparison.entries.begin(), comparison.entries.end(),
                  [](const Comparison::Entry& entry) { return can_draw(entry.result); }),
      input,
      fmt::format("{} has no point with an estimate (there is nothing to draw) give another", scorepath::quoted(from)));
  write_text_file(to, saved.compares ? draw(comparison, to) : draw(first, to, comparison.model), overwrite);
  return ExitCode::done;
}

}  // namespace

Command plot_command() {
  return {
      "plot",
      "the picture of a result that density or compare has written as JSON",
      {{"--out", "FILE", "the picture, .png or .svg; required"}, {"--force", "", "overwrite a picture that exists"}},
      "scorepath plot result.json --out result.png",
      run_plot,
      "RESULT",
      "what density --json FILE or compare --json wrote; required"};
}

}  // namespace scorepath::cli
