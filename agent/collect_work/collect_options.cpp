// SPDX-License-Identifier: MIT
#include "agent/collect_work/collect_options.h"

#include <vector>

#include "agent/files/shell_word.h"

namespace longplay {
namespace {

const char* Name(CollectAlgorithm algorithm) {
  switch (algorithm) {
    case CollectAlgorithm::kSoftActorCritic:
      return "sac";
    case CollectAlgorithm::kSearch:
      return "search";
    case CollectAlgorithm::kFilter:
      return "filter";
    case CollectAlgorithm::kRandom:
      return "random";
    default:
      return "auto";
  }
}

}  // namespace

std::string ResumeCommand(const CollectOptions& options) {
  const CollectOptions usual;
  std::vector<std::string> words = {"longplay", "collect",
                                    "--env",    options.environment,
                                    "--steps",  std::to_string(options.steps),
                                    "--out",    options.out};
  // Only what differs from the defaults, in the command line's words.
  const auto add = [&](const char* name, auto value, auto usual_value) {
    if (value != usual_value) words.insert(words.end(), {name, std::to_string(value)});
  };
  if (options.algorithm != usual.algorithm) {
    words.insert(words.end(), {"--algorithm", Name(options.algorithm)});
  }
  add("--learners", options.learners, usual.learners);
  add("--action-repeat", options.action_repeat, usual.action_repeat);
  add("--max-episode-steps", options.max_episode_steps, usual.max_episode_steps);
  add("--episodes-per-history", options.episodes_per_history, usual.episodes_per_history);
  add("--learning-steps", options.learning_steps, usual.learning_steps);
  add("--seed", options.seed, usual.seed);
  if (options.existing == ExistingData::kReplace) words.emplace_back("--overwrite");
  words.emplace_back("--resume");
  return ShellCommand(words);
}

}  // namespace longplay
