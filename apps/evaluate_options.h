// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <string>
#include <vector>

#include "agent/config/run_options.h"

namespace CLI {
class App;
}

namespace longplay {

/// What a command line says of how a policy plays: options of the command, each a key of the
/// configuration's section `evaluate`, by the key.
struct EvaluateArguments {
  std::map<std::string, std::string> given;    // "evaluate.window": "20"
  std::vector<std::string> overrides() const;  // "evaluate.window=20"
};

enum class WhichOptions {
  kAll,         // --env, --episodes, --seed, --target, --act and those below
  kBesideAGrid  // what a comparison does not decide itself: --max-episode-steps, --action-repeat,
                // --context, --window, --window-episodes
};

/// Adds options, which take what the configuration's keys accept. `arguments` must live as long as
/// the command.
void AddEvaluateOptions(CLI::App& command, EvaluateArguments& arguments,
                        WhichOptions which = WhichOptions::kAll);

/// Throws std::invalid_argument for what the configuration would not accept.
EvaluateOptions Override(const EvaluateOptions& options, const EvaluateArguments& arguments);

}  // namespace longplay
