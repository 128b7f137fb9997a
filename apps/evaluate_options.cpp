// SPDX-License-Identifier: MIT
#include "apps/evaluate_options.h"

#include <CLI/CLI.hpp>
#include <stdexcept>
#include <string>

#include "agent/config/config.h"

namespace longplay {
namespace {

/// Accepts what the configuration's key accepts.
CLI::Validator AsKey(const std::string& key) {
  return CLI::Validator(
      [key](const std::string& value) -> std::string {
        try {
          DefaultsWith({key + "=" + value});
          return "";
        } catch (const std::invalid_argument& error) {
          return error.what();
        }
      },
      "", key);
}

}  // namespace

void AddEvaluateOptions(CLI::App& command, EvaluateArguments& arguments) {
  command.add_option("--env", arguments.environment, "Environment id (default: the run's)");
  command.add_option("--episodes", arguments.episodes, "Episodes in one context")
      ->check(CLI::PositiveNumber);
  command.add_option("--seed", arguments.seed, "First of the seeds");
  command.add_option("--target", arguments.target,
                     "Return asked for: a number, or max (in the data)");
  command.add_option("--act", arguments.act, "sample or mean")->check(AsKey("evaluate.act"));
  command
      .add_option("--last-context", arguments.last_context,
                  "What stands before the last episode: as_played, sorted (by return) or "
                  "another_task (with another hidden parameter)")
      ->check(AsKey("evaluate.last_context"));
}

EvaluateOptions Override(EvaluateOptions options, const EvaluateArguments& arguments) {
  if (!arguments.environment.empty()) options.environment = arguments.environment;
  if (arguments.episodes > 0) options.episodes = arguments.episodes;
  if (arguments.seed) options.seed = *arguments.seed;
  const auto given = [](const std::string& key, const std::string& value) {
    return DefaultsWith({"evaluate." + key + "=" + value}).evaluate;
  };
  if (!arguments.act.empty()) options.act = given("act", arguments.act).act;
  if (!arguments.last_context.empty()) {
    options.last_context = given("last_context", arguments.last_context).last_context;
  }
  if (!arguments.target.empty()) options.target = given("target", arguments.target).target;
  return options;
}

}  // namespace longplay
