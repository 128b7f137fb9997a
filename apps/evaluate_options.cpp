// SPDX-License-Identifier: MIT
#include "apps/evaluate_options.h"

#include <CLI/CLI.hpp>
#include <map>
#include <stdexcept>

namespace longplay {
namespace {

const std::map<std::string, LastContext> kLastContexts = {
    {"as_played", LastContext::kAsPlayed},
    {"sorted", LastContext::kSorted},
    {"another_task", LastContext::kAnotherTask}};

}  // namespace

void AddEvaluateOptions(CLI::App& command, EvaluateArguments& arguments) {
  command.add_option("--env", arguments.environment, "Environment id (default: the run's)");
  command.add_option("--episodes", arguments.episodes, "Episodes in one context")
      ->check(CLI::PositiveNumber);
  command.add_option("--seed", arguments.seed, "First of the seeds");
  command.add_option("--target", arguments.target,
                     "Return asked for: a number, or max (in the data)");
  command.add_option("--act", arguments.act, "sample or mean")
      ->check(CLI::IsMember({"sample", "mean"}));
  command
      .add_option("--last-context", arguments.last_context,
                  "What stands before the last episode: as_played, sorted (by return) or "
                  "another_task (with another hidden parameter)")
      ->check(CLI::IsMember(kLastContexts));
}

EvaluateOptions Override(EvaluateOptions options, const EvaluateArguments& arguments) {
  if (!arguments.environment.empty()) options.environment = arguments.environment;
  if (arguments.episodes > 0) options.episodes = arguments.episodes;
  if (arguments.seed) options.seed = *arguments.seed;
  if (arguments.act == "sample") options.act = ActionChoice::kSample;
  if (arguments.act == "mean") options.act = ActionChoice::kMean;
  if (!arguments.last_context.empty()) {
    options.last_context = kLastContexts.at(arguments.last_context);
  }
  if (arguments.target == "max") options.target.reset();
  if (!arguments.target.empty() && arguments.target != "max") {
    try {
      size_t used = 0;
      options.target = std::stod(arguments.target, &used);
      if (used != arguments.target.size()) throw std::invalid_argument("");
    } catch (const std::exception&) {
      throw std::invalid_argument("evaluating: --target: expected a number or max, got " +
                                  arguments.target);
    }
  }
  return options;
}

}  // namespace longplay
