// The network of a model file: its layers from the [score] table, its tensors from a .safetensors file.
#pragma once

#include <scorepath/network.hpp>

#include "host/model_arrays.hpp"

namespace scorepath {

/// Errors: input (file, line and key of what is missing, unknown or of another type; the tensor that is missing, of
/// another rank, or holds what is no number). Shapes that do not chain are validate()'s.
Network read_network(const ModelTable& source);

}  // namespace scorepath
