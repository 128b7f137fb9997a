// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "agent/config/run_options.h"

namespace CLI {
class App;
}

namespace longplay {

/// What a command line says of how a policy plays; empty and 0 = as the run says.
struct EvaluateArguments {
  std::string environment, target, act, last_context;
  int64_t episodes = 0;
  std::optional<uint64_t> seed;
};

/// Adds --env, --episodes, --seed, --target, --act and --last-context. `arguments` must live as
/// long as the command.
void AddEvaluateOptions(CLI::App& command, EvaluateArguments& arguments);

/// Throws std::invalid_argument for what the configuration would not accept.
EvaluateOptions Override(EvaluateOptions options, const EvaluateArguments& arguments);

}  // namespace longplay
