// The commands of scorepath, one file each.
#pragma once

#include "host/cli/command_line.hpp"

namespace scorepath::cli {

Command compare_command();
Command density_command();
Command info_command();
Command plot_command();
Command sample_command();
Command selftest_command();

}  // namespace scorepath::cli
