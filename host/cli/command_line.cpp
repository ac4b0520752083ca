// From argv to a command: CLI11 parses, its failures become one line each in scorepath's grammar.
#include "host/cli/command_line.hpp"

#include <algorithm>
#include <sstream>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <CLI/CLI.hpp>

#include <scorepath/backend.hpp>

#include "host/check.hpp"
#include "host/cli/text.hpp"
#include "host/quoted.hpp"

namespace scorepath::cli {

namespace {

constexpr const char* summary =
    "scorepath: log-densities of diffusion models from simulated paths, each with an error bar.";
constexpr const char* exit_codes =
    "Exit codes: 0 done, 1 internal error, 2 usage, 3 bad input, 4 output exists or cannot be written,\n"
    "5 backend not available or out of memory (or a CUDA device failed), 6 done but some points flagged,\n"
    "7 target precision not reached, 8 stopped on request.";

/// Help text broken at spaces into lines that fit beside the flag column.
std::string wrapped(const std::string& text) {
  constexpr std::size_t width = 84;
  std::string lines;
  std::size_t column = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    if (column != 0 && column + 1 + end - begin > width) {
      lines += '\n';
      column = 0;
    } else if (column != 0) {
      lines += ' ';
      ++column;
    }
    lines.append(text, begin, end - begin);
    column += end - begin;
    begin = end + 1;
  }
  return lines;
}

void declare(CLI::App& app, const Command& command) {
  app.allow_extras();
  app.get_help_ptr()->description("print this page and exit");
  for (const Flag& flag : command.flags) {
    CLI::Option* option = flag.value_name.empty() ? app.add_flag(flag.name) : app.add_option(flag.name);
    option->description(wrapped(flag.help))->type_name(flag.value_name);
    option->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  }
  if (!command.operand.empty())
    app.add_option(command.operand)
        ->description(wrapped(command.operand_help))
        ->expected(1, CLI::detail::expected_max_vector_size)
        ->allow_extra_args();
  app.footer(fmt::format("{}\n\nExample:\n  {}", exit_codes, command.example));
}

std::vector<std::string> flag_names(const Command& command) {
  std::vector<std::string> names = {"--help"};
  for (const Flag& flag : command.flags) names.push_back(flag.name);
  return names;
}

const Flag* find_flag(const Command& command, const std::string& name) {
  for (const Flag& flag : command.flags)
    if (flag.name == name) return &flag;
  return nullptr;
}

/// Before CLI11 looks: a value flag must be followed by a value, a switch must not carry one. (CLI11 would take
/// the next flag for the value, and read --json= as --json.)
void check_values(const std::vector<std::string>& arguments, const Command& command) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::size_t equals = arguments[i].find('=');
    const std::string name = arguments[i].substr(0, equals);
    const Flag* flag = find_flag(command, name);
    if (flag == nullptr) continue;
    if (flag->value_name.empty()) {
      SP_VALIDATE(equals == std::string::npos, usage,
                  fmt::format("{} with a value ({} is a switch) write {} alone", arguments[i], name, name));
      continue;
    }
    bool has_value = equals != std::string::npos && equals + 1 < arguments[i].size();
    if (equals == std::string::npos && i + 1 < arguments.size()) {
      const std::string& next = arguments[++i];
      has_value = !next.empty() && find_flag(command, next.substr(0, next.find('='))) == nullptr;
    }
    SP_VALIDATE(has_value, usage,
                fmt::format("{} without a value (it needs one) write {} {}", name, name, flag->value_name));
  }
}

[[noreturn]] void refuse_extra(const std::string& extra, const Command& command) {
  if (extra.rfind("-", 0) != 0)
    throw Error(ErrorKind::usage,
                fmt::format("stray argument '{}' ({} takes {} only) put the flag that it belongs to before it",
                            printable(extra), command.name,
                            command.operand.empty() ? "flags" : command.operand + " and flags"));
  const std::string name = extra.substr(0, extra.find('='));
  const std::string guess = nearest(name, flag_names(command));
  throw Error(ErrorKind::usage,
              fmt::format("unknown flag '{}' (not a flag of scorepath {}) {}", printable(name), command.name,
                          guess.empty() ? fmt::format("see scorepath {} --help", command.name)
                                        : fmt::format("did you mean {}?", guess)));
}

/// What stands before the command and is none of scorepath's own flags. A flag of the command is told its place.
[[noreturn]] void refuse_before_command(const std::string& extra, const Command& command) {
  const std::string name = extra.substr(0, extra.find('='));
  const Flag* flag = find_flag(command, name);
  if (flag == nullptr) refuse_extra(extra, command);
  const std::string value = flag->value_name.empty() ? "" : " " + flag->value_name;
  throw Error(ErrorKind::usage, fmt::format("{} before {} (a flag stands after its command) write scorepath {} {}{}",
                                            name, command.name, command.name, name, value));
}

Arguments collect(const CLI::App& app, const Command& command) {
  std::map<std::string, std::string> values;
  for (const Flag& flag : command.flags) {
    const CLI::Option* option = app.get_option(flag.name);
    if (option->count() == 0) continue;
    SP_VALIDATE(option->count() == 1 || flag.value_name.empty(), usage,
                fmt::format("{} given {} times (values: {}) give it once", flag.name, option->count(),
                            fmt::join(option->results(), ", ")));
    values[flag.name] = flag.value_name.empty() ? "on" : option->results().front();
  }
  if (command.operand.empty()) return Arguments(std::move(values));
  return Arguments(std::move(values), app.get_option(command.operand)->results());
}

std::vector<std::string> names_of(const std::vector<Command>& commands) {
  std::vector<std::string> names;
  for (const Command& command : commands) names.push_back(command.name);
  return names;
}

[[noreturn]] void refuse_unknown(const std::string& word, const std::vector<Command>& commands) {
  const bool is_flag = word.rfind("-", 0) == 0;
  std::vector<std::string> candidates = names_of(commands);
  if (is_flag) candidates = {"--help", "--version"};
  const std::string guess = nearest(word, candidates);
  throw Error(ErrorKind::usage,
              fmt::format("unknown {} '{}' (scorepath has {}) {}", is_flag ? "flag" : "command", printable(word),
                          join(candidates) + (is_flag ? " before a command" : ""),
                          guess.empty() ? std::string("see scorepath --help") : "did you mean " + guess + "?"));
}

/// Before CLI11 looks: it would answer --help and --version beside a word that is no command.
void check_first_words(const std::vector<std::string>& arguments, const std::vector<Command>& commands) {
  const std::vector<std::string> names = names_of(commands);
  const auto is_command = [&](const std::string& word) {
    return std::find(names.begin(), names.end(), word) != names.end();
  };
  const auto first = std::find_if(arguments.begin(), arguments.end(), [](const std::string& word) {
    return word != "--help" && word != "-h" && word != "--version";
  });
  if (first == arguments.end()) return;
  const bool has_command = std::any_of(arguments.begin(), arguments.end(), is_command);
  if (!has_command || (first->rfind("-", 0) != 0 && !is_command(*first))) refuse_unknown(*first, commands);
}

}  // namespace

ExitCode run_command_line(int argc, const char* const* argv, const std::vector<Command>& commands) {
  CLI::App app(summary, "scorepath");
  app.allow_extras();
  app.get_help_ptr()->description("print this page and exit");
  app.set_version_flag("--version", "scorepath " + version(), "print the version and exit");
  app.footer(
      fmt::format("Every command has its own --help.\n\n{}\n\nExample:\n  {}", exit_codes, commands.front().example));
  for (const Command& command : commands) declare(*app.add_subcommand(command.name, command.summary), command);

  const std::vector<std::string> arguments(argv + 1, argv + argc);
  check_first_words(arguments, commands);
  for (const Command& command : commands)
    if (!arguments.empty() && arguments.front() == command.name) check_values(arguments, command);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& answer) {  // --help, --version
    std::ostringstream text;
    app.exit(answer, text, text);
    print_data(text.str());
    return ExitCode::done;
  } catch (const CLI::ParseError& error) {
    throw Error(ErrorKind::usage, fmt::format("command line not understood ({}) see scorepath --help", error.what()));
  }

  const std::vector<CLI::App*> chosen = app.get_subcommands();
  if (chosen.empty()) {
    print_data(app.help());
    throw Error(ErrorKind::usage, fmt::format("no command (scorepath has {}) write one of them after scorepath",
                                              join(names_of(commands))));
  }
  SP_VALIDATE(chosen.size() == 1, usage,
              fmt::format("two commands, {} and {} (one run does one thing) give one of them", chosen[0]->get_name(),
                          chosen[1]->get_name()));
  for (const Command& command : commands) {
    if (command.name != chosen.front()->get_name()) continue;
    const std::vector<std::string> before = app.remaining(), after = chosen.front()->remaining();
    if (!before.empty()) refuse_before_command(before.front(), command);
    if (!after.empty()) refuse_extra(after.front(), command);
    return command.run(collect(*chosen.front(), command));
  }
  throw Error(ErrorKind::internal, "command without a function (this is a defect) please report it");
}

}  // namespace scorepath::cli
