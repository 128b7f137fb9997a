// SPDX-License-Identifier: MIT
#include "apps/evaluate_options.h"

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "agent/config/config.h"

namespace longplay {
namespace {

struct KeyOption {
  const char* option;
  const char* key;
  const char* text;
};
constexpr KeyOption kOptions[] = {
    {"--env", "evaluate.environment", "Environment id (default: the run's)"},
    {"--episodes", "evaluate.episodes", "Episodes in one context"},
    {"--seed", "evaluate.seed", "Seed of the first context"},
    {"--target", "evaluate.target",
     "Return-to-go at the start: a number, or max (the best return in the data)"},
    {"--act", "evaluate.act",
     "Action taken: mean (of the predicted distribution), sample (drawn from it) or best_of (the "
     "sample that the policy's own values rate highest)"},
    {"--best-of", "evaluate.best_of", "Number of samples that --act best_of rates"},
    {"--temperature", "evaluate.temperature",
     "[return] with --act best_of: draw one of the samples by the softmax of value / temperature; "
     "0 = take the best"},
    {"--draw-every", "evaluate.draw_every",
     "[decisions] that the random numbers of --act sample and best_of last"},
    {"--last-context", "evaluate.last_context",
     "Context of the last episode: the earlier episodes as_played, sorted (by return), or "
     "another_task (episodes with another hidden parameter, as a control)"}};
// Those that a comparison has as well: its grid and tasks say the others.
constexpr KeyOption kBesideAGrid[] = {
    {"--max-episode-steps", "evaluate.max_episode_steps", "[decisions] time limit of an episode"},
    {"--action-repeat", "evaluate.action_repeat", "Simulator steps for which an action is held"},
    {"--context", "evaluate.context",
     "Which episodes stay in context: auto (as in training), all_episodes or one_episode"},
    {"--window", "evaluate.window", "[steps] keep only the last N steps in context"},
    {"--window-use", "evaluate.window_use",
     "How: cached (what a step saw stays as it was) or recomputed (as if the window were all there "
     "ever was; all that a mixer with a state takes)"},
    {"--window-episodes", "evaluate.window_episodes",
     "Keep only the last N episodes in context, the running one included"}};

/// What the key does not accept is refused when it is read, with the configuration's message.
void Add(CLI::App& command, const KeyOption& option, EvaluateArguments& arguments) {
  const std::string key = option.key;
  command.add_option_function<std::string>(
      option.option, [&arguments, key](const std::string& value) { arguments.given[key] = value; },
      option.text);
}

}  // namespace

std::vector<std::string> EvaluateArguments::overrides() const {
  std::vector<std::string> overrides;
  for (const auto& [key, value] : given) {
    overrides.push_back(key);
    overrides.back().append("=").append(value);
  }
  return overrides;
}

void AddEvaluateOptions(CLI::App& command, EvaluateArguments& arguments, WhichOptions which) {
  if (which == WhichOptions::kAll) {
    for (const KeyOption& option : kOptions) Add(command, option, arguments);
  }
  for (const KeyOption& option : kBesideAGrid) Add(command, option, arguments);
}

EvaluateOptions Override(const EvaluateOptions& options, const EvaluateArguments& arguments) {
  // Keys are read and checked in a whole configuration.
  RunOptions run;
  run.evaluate = options;
  return WithOverrides(run, arguments.overrides()).evaluate;
}

}  // namespace longplay
