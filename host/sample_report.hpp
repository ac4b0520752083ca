// What tells where samples come from.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include <scorepath/export.hpp>
#include <scorepath/sample.hpp>

namespace scorepath {

/// The resolved job under the command line's names ('-' as '_'), and where it ran. Exported for the command line; not
/// part of the public headers.
SCOREPATH_API nlohmann::ordered_json sample_job(const Samples& samples, const std::string& model_path);

}  // namespace scorepath
