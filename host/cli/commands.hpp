// The commands of scorepath, one file each.
#pragma once

#include "host/cli/command_line.hpp"

namespace scorepath::cli {

Command density_command();
Command info_command();
Command selftest_command();

}  // namespace scorepath::cli
