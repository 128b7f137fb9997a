// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>

#include "apps/commands.h"

namespace longplay {

void AddDataCommand(CLI::App& app) { app.add_subcommand("data", "Look at data sets"); }

}  // namespace longplay
