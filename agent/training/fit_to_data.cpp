// SPDX-License-Identifier: MIT
#include "agent/training/fit_to_data.h"

#include <algorithm>
#include <stdexcept>
#include <string>

#include "agent/config/fog_settings.h"
#include "agent/training/make_learner.h"
#include "agent/training/start_from.h"
#include "env/list/fog_of_id.h"

namespace longplay {
namespace {

/// Where the data say what they are of, or the run plays it: settings that give its answer away.
void CheckTask(const RunOptions& fitted, const DatasetInfo& data) {
  if (EntryOf(fitted.train.method).acts_with != ActsWith::kSequenceModel) return;
  if (!FogOfId(data.environment) && !FogOfId(fitted.evaluate.environment)) return;
  CheckFogSettings(fitted, "fitting to data: " + data.path);
}

/// Values judge what was done, so that only a method without them can learn something else.
void CheckLabels(const RunOptions& options) {
  if (options.data.labels.empty() || options.train.method == Method::kSequence) return;
  throw std::invalid_argument(
      "fitting to data: data.labels: expected none (\"\") for train.method " +
      std::string(EntryOf(options.train.method).name) +
      ", which learns from the actions taken, got " + options.data.labels);
}

}  // namespace

RunOptions FitToData(const RunOptions& options, const EpisodeSet& set) {
  const DatasetInfo& data = set.info();
  const bool discrete = data.action_kind == ActionKind::kDiscrete;
  CheckMethod(options, data);
  CheckLabels(options);
  RunOptions fitted = options;
  ModelOptions& model = fitted.model;
  model.observation_size = data.observation_size;
  model.action_size = data.action_size;
  model.head =
      options.head.value_or(discrete ? ActionHead::kCategorical : ActionHead::kSquaredError);
  fitted.head = model.head;
  if (discrete != (model.head == ActionHead::kCategorical)) {
    throw std::invalid_argument(
        std::string("fitting to data: model.head: expected ") +
        (discrete ? "categorical for discrete" : "squared_error or gaussian for continuous") +
        " actions of " + data.path + ", got another");
  }
  model.bfloat16 = options.train.dtype == "bfloat16";
  if (model.feed_forward_width == 0) model.feed_forward_width = 4 * model.attention.width;
  // Returns-to-go and completions are made of rewards.
  if (!data.has_rewards) {
    model.tokens.use_return = model.tokens.use_reward = model.tokens.use_completion = false;
  }
  // Where the configuration is silent, the policy is played as its data were collected.
  EvaluateOptions& evaluate = fitted.evaluate;
  if (evaluate.environment.empty()) evaluate.environment = data.environment;
  if (evaluate.action_repeat == 0)
    evaluate.action_repeat = std::max<int64_t>(data.action_repeat, 1);
  if (evaluate.max_episode_steps == 0) evaluate.max_episode_steps = data.max_episode_steps;
  // What is trained does not depend on how it is evaluated.
  model.max_episode_steps = std::max(set.longest(), data.max_episode_steps);
  model.max_episodes = options.chain.episodes;
  // Last: a policy to start from decides the model, whatever stands above.
  if (!options.train.start_from.empty()) fitted = WithModelToStartFrom(fitted, data);
  CheckTask(fitted, data);
  return fitted;
}

std::vector<std::string> DataNotes(const RunOptions& options, const EpisodeSet& set) {
  std::vector<std::string> notes = set.notes();
  if (!set.info().has_rewards) {
    // In place of what the file's reader says of it.
    std::erase_if(notes, [](const std::string& note) {
      return note.ends_with("no rewards: only behaviour cloning can use it");
    });
    notes.push_back(set.info().path +
                    " has no rewards: training is behaviour cloning (tokens return, reward and "
                    "completion are off)");
  }
  if (EntryOf(options.train.method).acts_with != ActsWith::kSequenceModel) return notes;
  const int64_t longest = options.chain.episodes * set.longest();
  if (options.chain.window > longest) {
    notes.push_back("chain.window: " + std::to_string(options.chain.window) +
                    " steps cut no chain, those of " + set.info().path + " have at most " +
                    std::to_string(longest) +
                    ": training sees whole chains, as with chain.window=0 (a window below " +
                    std::to_string(longest) + ", or more chain.episodes, makes a difference)");
  }
  // A chain of one history holds each episode once.
  if (options.chain.source != ChainSource::kAnywhere) return notes;
  const ChainSampler sampler(set, options.chain);
  if (sampler.repeats()) {
    notes.push_back(set.info().path + ": chains of " + std::to_string(options.chain.episodes) +
                    " episodes are drawn from " + std::to_string(sampler.eligible()) +
                    ": a chain holds episodes more than once");
  }
  return notes;
}

}  // namespace longplay
