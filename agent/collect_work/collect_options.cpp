// SPDX-License-Identifier: MIT
#include "agent/collect_work/collect_options.h"

namespace longplay {
namespace {

const char* Name(CollectAlgorithm algorithm) {
  switch (algorithm) {
    case CollectAlgorithm::kSoftActorCritic:
      return "sac";
    case CollectAlgorithm::kSearch:
      return "search";
    case CollectAlgorithm::kRandom:
      return "random";
    default:
      return "auto";
  }
}

/// As a shell takes it for one word.
std::string Word(const std::string& text) {
  const std::string plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+=:,@%";
  if (text.find_first_not_of(plain) == std::string::npos) return text;
  // In single quotes; one inside is written between two quoted parts.
  std::string word = "'";
  for (const char c : text) word += c == '\'' ? "'\\''" : std::string(1, c);
  return word + "'";
}

}  // namespace

std::string ResumeCommand(const CollectOptions& options) {
  const CollectOptions usual;
  std::string command = "longplay collect --env " + Word(options.environment) + " --steps " +
                        std::to_string(options.steps) + " --out " + Word(options.out);
  // Only what differs from the defaults, in the command line's words.
  const auto add = [&](const char* name, auto value, auto usual_value) {
    if (value != usual_value) command += std::string(" --") + name + " " + std::to_string(value);
  };
  if (options.algorithm != usual.algorithm) {
    command += std::string(" --algorithm ") + Name(options.algorithm);
  }
  add("learners", options.learners, usual.learners);
  add("action-repeat", options.action_repeat, usual.action_repeat);
  add("max-episode-steps", options.max_episode_steps, usual.max_episode_steps);
  add("episodes-per-history", options.episodes_per_history, usual.episodes_per_history);
  add("learning-steps", options.learning_steps, usual.learning_steps);
  add("seed", options.seed, usual.seed);
  if (options.existing == ExistingData::kReplace) command += " --overwrite";
  return command + " --resume";
}

}  // namespace longplay
