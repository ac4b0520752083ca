// `scorepath info`: what this build and this machine can run.
#include <cstdlib>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <scorepath/scorepath.hpp>

#include "host/cli/commands.hpp"
#include "host/cli/spelling.hpp"
#include "host/cli/text.hpp"

namespace scorepath::cli {

namespace {

constexpr const char* licence = "Apache-2.0";

std::string compiler() {
#if defined(__clang__)
  return fmt::format("clang {}.{}.{}", __clang_major__, __clang_minor__, __clang_patchlevel__);
#else
  return fmt::format("g++ {}.{}.{}", __GNUC__, __GNUC_MINOR__, __GNUC_PATCHLEVEL__);
#endif
}

std::string build_kind() {
#if defined(SCOREPATH_CHECKS)
  return "with debug checks";
#elif defined(__OPTIMIZE__)
  return "optimised";
#else
  return "not optimised";
#endif
}

std::vector<std::string> built_methods() {
  std::vector<std::string> names;
  for (const Method method : values_of<Method>())
    if (method != Method::automatic) names.push_back(name_of(method));
  return names;
}

std::vector<Backend> concrete_backends() { return {Backend::cpu, Backend::cuda}; }

/// The instruction set that SCOREPATH_ISA forces; empty where it is not set.
std::string forced_isa() {
  const char* forced = std::getenv("SCOREPATH_ISA");
  return forced == nullptr ? "" : forced;
}

nlohmann::ordered_json as_json() {
  nlohmann::ordered_json json;
  json["version"] = version();
  json["command"] = "info";
  json["build"] = {{"compiler", compiler()}, {"kind", build_kind()}};
  json["processor"] = processor_name();
  json["usable_cores"] = usable_cores();
  nlohmann::ordered_json isas = nlohmann::ordered_json::array();
  for (const Isa isa : supported_isas()) isas.push_back(name_of(isa));
  json["isa"] = {{"supported", isas}, {"active", name_of(active_isa())}, {"forced", !forced_isa().empty()}};
  json["backends"] = nlohmann::ordered_json::array();
  for (const Backend backend : concrete_backends())
    json["backends"].push_back({{"name", name_of(backend)},
                                {"available", available(backend)},
                                {"reason", available(backend) ? "" : why_unavailable(backend)}});
  json["devices"] = nlohmann::ordered_json::array();
  for (const CudaDevice& device : cuda_devices())
    json["devices"].push_back({{"name", device.name},
                               {"memory_bytes", device.memory},
                               {"multiprocessors", device.multiprocessors},
                               {"clock_mhz", device.clock_mhz},
                               {"memory_clock_mhz", device.memory_clock_mhz},
                               {"compute_capability", device.capability}});
  json["methods"] = built_methods();
  json["licence"] = licence;
  return json;
}

std::string as_text() {
  std::vector<std::string> isas;
  for (const Isa isa : supported_isas()) isas.push_back(name_of(isa));
  std::string text = fmt::format("version           {}\n", version());
  text += fmt::format("build             {}, {}\n", compiler(), build_kind());
  text += fmt::format("processor         {}\n", processor_name());
  text += fmt::format("usable cores      {}\n", usable_cores());
  text += fmt::format("instruction sets  {} supported; {} active{}\n", join(isas), name_of(active_isa()),
                      forced_isa().empty() ? "" : ", forced by SCOREPATH_ISA");
  for (const Backend backend : concrete_backends())
    text += fmt::format("backend {:<9} {}\n", name_of(backend),
                        available(backend) ? "available" : "not available: " + one_line(why_unavailable(backend)));
  for (const CudaDevice& device : cuda_devices())
    text += fmt::format(
        "device            {}: {:.1f} GiB at up to {} MHz, {} multiprocessors at up to {} MHz, compute {}\n",
        device.name, static_cast<double>(device.memory) / 0x1p30, device.memory_clock_mhz, device.multiprocessors,
        device.clock_mhz, device.capability);
  text += fmt::format("methods           {}\n", join(built_methods()));
  text += fmt::format("licence           {}\n", licence);
  return text;
}

ExitCode run_info(const Arguments& arguments) {
  print_data(arguments.given("--json") ? as_json().dump(2) + "\n" : as_text());
  return ExitCode::done;
}

}  // namespace

Command info_command() {
  return {"info",
          "what this build and this machine can run",
          {{"--json", "", "as JSON"}},
          "scorepath info --json",
          run_info};
}

}  // namespace scorepath::cli
