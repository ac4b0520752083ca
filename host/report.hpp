// What the writers of results share.
#pragma once

#include <string>
#include <vector>

#include <scorepath/result.hpp>

namespace scorepath {

/// The point's flags; a number that is no number is never shown without one.
std::vector<std::string> flags_of(const PointResult& point);

/// Where a result comes from and the resolved job, as one JSON object.
std::string origin_json(const Result& result, const std::string& model_path, const std::string& points_path);

}  // namespace scorepath
