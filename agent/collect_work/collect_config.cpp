// SPDX-License-Identifier: MIT
#include "agent/collect_work/collect_config.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <functional>
#include <set>

#include "agent/config/config_field_kinds.h"
#include "agent/config/config_reader.h"
#include "agent/files/shell_word.h"

namespace longplay {
namespace {

using config::kHuge;
using config::kMany;

struct CollectField {
  std::string key, accepted;
  std::string comment;                                           // unit and consequence
  std::function<bool(const YAML::Node&, CollectOptions&)> read;  // false: not accepted
  std::function<nlohmann::json(const CollectOptions&)> value;
};

template <typename T>
using CollectPlace = T& (*)(CollectOptions&);

template <typename T>
CollectField NumberField(std::string key, CollectPlace<T> place, double low, double high,
                         std::string comment) {
  const std::string kind = std::is_integral_v<T> ? "an integer" : "a number";
  return {.key = std::move(key),
          .accepted = kind + config::Range(low, high),
          .comment = std::move(comment),
          .read =
              [=](const YAML::Node& node, CollectOptions& options) {
                const auto value = config::Parse<T>(node);
                const bool fits = value && static_cast<double>(*value) >= low &&
                                  static_cast<double>(*value) <= high;
                if (fits) place(options) = *value;
                return fits;
              },
          .value =
              [=](const CollectOptions& options) {
                return nlohmann::json(place(const_cast<CollectOptions&>(options)));
              }};
}

CollectField SwitchField(std::string key, CollectPlace<bool> place, std::string comment) {
  return {.key = std::move(key),
          .accepted = "true or false",
          .comment = std::move(comment),
          .read =
              [=](const YAML::Node& node, CollectOptions& options) {
                const std::string text = node.IsScalar() ? node.Scalar() : "";
                place(options) = text == "true";
                return text == "true" || text == "false";
              },
          .value =
              [=](const CollectOptions& options) {
                return nlohmann::json(place(const_cast<CollectOptions&>(options)));
              }};
}

std::string NamesOfAlgorithms() {
  std::string names;
  for (const auto& [name, algorithm] : AlgorithmNames())
    names += (names.empty() ? "" : ", ") + name;
  return names;
}

CollectField EnvironmentField() {
  return {.key = "collect.env",
          .accepted = "an environment id",
          .comment = "environment that is played (longplay env list)",
          .read =
              [](const YAML::Node& node, CollectOptions& options) {
                if (!node.IsScalar()) return false;
                options.environment = node.Scalar();
                return true;
              },
          .value = [](const CollectOptions& options) { return options.environment; }};
}

CollectField AlgorithmField() {
  return {.key = "collect.algorithm",
          .accepted = "one of " + NamesOfAlgorithms(),
          .comment =
              "who plays: auto = search for a hidden goal or velocity of family/, filter for "
              "family/fog-v0, else sac",
          .read =
              [](const YAML::Node& node, CollectOptions& options) {
                const auto& names = AlgorithmNames();
                const std::string text = node.IsScalar() ? node.Scalar() : "";
                const auto found = std::ranges::find_if(
                    names, [&](const auto& named) { return named.first == text; });
                if (found != names.end()) options.algorithm = found->second;
                return found != names.end();
              },
          .value = [](const CollectOptions& options) { return AlgorithmName(options.algorithm); }};
}

CollectField LabelsField() {
  return {.key = "collect.labels",
          .accepted = "none or oracle",
          .comment =
              "all but sac: what stands beside each step as infos/label; oracle = the action of a "
              "player that is told what is hidden (data.labels: label trains on it)",
          .read =
              [](const YAML::Node& node, CollectOptions& options) {
                options.labels = node.IsScalar() ? node.Scalar() : "";
                return options.labels == "none" || options.labels == "oracle";
              },
          .value = [](const CollectOptions& options) { return options.labels; }};
}

#define LONGPLAY_COLLECT(type, field) \
  [](CollectOptions& o) -> type& { return o.field; }  // NOLINT(bugprone-macro-parentheses)

const std::vector<CollectField>& CollectFields() {
  using Int = int64_t;
  constexpr auto kMost = static_cast<double>(kMany);
  static const std::vector<CollectField> fields = {
      EnvironmentField(),
      AlgorithmField(),
      NumberField<Int>("collect.steps", LONGPLAY_COLLECT(Int, steps), 1, kMost,
                       "[decisions] to record, rounded up to whole episodes"),
      NumberField<Int>("collect.learners", LONGPLAY_COLLECT(Int, learners), 1, 64,
                       "sac: independent learners that share the steps"),
      NumberField<Int>("collect.action_repeat", LONGPLAY_COLLECT(Int, action_repeat), 1, kMost,
                       "[simulator steps] that one action lasts"),
      NumberField<Int>("collect.max_episode_steps", LONGPLAY_COLLECT(Int, max_episode_steps), 0,
                       kMost, "[decisions] limit of an episode; 0 = the task's own"),
      NumberField<Int>("collect.episodes_per_history", LONGPLAY_COLLECT(Int, episodes_per_history),
                       1, kMost, "all but sac: episodes in a row that share one hidden parameter"),
      NumberField<Int>("collect.learning_steps", LONGPLAY_COLLECT(Int, learning_steps), 1, kMost,
                       "[decisions] search for a velocity: spent on learning to run before "
                       "anything is recorded"),
      NumberField<Int>(
          "collect.first_task", LONGPLAY_COLLECT(Int, first_task), -1, kMost,
          "sac: learner k plays task first_task + k of the task's list; -1 = tasks are drawn"),
      NumberField<uint64_t>("collect.seed", LONGPLAY_COLLECT(uint64_t, seed), 0, kMost,
                            "seed of everything; the same seed collects the same data"),
      LabelsField(),
      NumberField<Int>("sac.simulations", LONGPLAY_COLLECT(Int, sac.simulations), 1, 1024,
                       "simulations of a learner that are stepped together"),
      NumberField<Int>("sac.random_decisions", LONGPLAY_COLLECT(Int, sac.random_decisions), 1,
                       kMost,
                       "[decisions] of each learner that are random, before it acts and learns"),
      NumberField<double>("sac.updates_per_decision",
                          LONGPLAY_COLLECT(double, sac.updates_per_decision), 0, 100,
                          "gradient steps for each decision"),
      NumberField<Int>("sac.batch", LONGPLAY_COLLECT(Int, sac.batch), 1, 1 << 20,
                       "transitions in a batch"),
      NumberField<Int>("sac.replay", LONGPLAY_COLLECT(Int, sac.replay), 1, kMost,
                       "[transitions] size of the replay buffer"),
      NumberField<Int>("sac.checkpoint_every", LONGPLAY_COLLECT(Int, sac.checkpoint_every), 0,
                       kMost,
                       "[decisions] between recordings of the policy as it is then; 0 = the whole "
                       "learning is recorded"),
      NumberField<Int>("sac.checkpoint_episodes", LONGPLAY_COLLECT(Int, sac.checkpoint_episodes), 1,
                       1024, "episodes in each of these recordings"),
      NumberField<Int>("sac.hidden", LONGPLAY_COLLECT(Int, sac.learner.hidden), 1, 65536,
                       "units in each hidden layer"),
      NumberField<Int>("sac.critic_layers", LONGPLAY_COLLECT(Int, sac.learner.critic_layers), 1, 16,
                       "hidden layers of each critic"),
      NumberField<double>("sac.learning_rate", LONGPLAY_COLLECT(double, sac.learner.learning_rate),
                          0, 10, "learning rate of Adam, for actor, critics and temperature"),
      NumberField<double>("sac.discount", LONGPLAY_COLLECT(double, sac.learner.discount), 0, 1,
                          "discount of a decision"),
      NumberField<double>("sac.target_rate", LONGPLAY_COLLECT(double, sac.learner.target_rate), 0,
                          1, "share of the target critics that a gradient step replaces"),
      NumberField<double>("sac.first_temperature",
                          LONGPLAY_COLLECT(double, sac.learner.first_temperature), 1e-12, kHuge,
                          "weight of the entropy at the start"),
      SwitchField("sac.learns_temperature", LONGPLAY_COLLECT(bool, sac.learner.learns_temperature),
                  "whether the weight of the entropy is learned"),
      NumberField<double>("q_learning.learning_rate",
                          LONGPLAY_COLLECT(double, q_learning.learning_rate), 0, 1,
                          "learning rate of the table of values"),
      NumberField<double>("q_learning.discount", LONGPLAY_COLLECT(double, q_learning.discount), 0,
                          1, "discount of a decision"),
      NumberField<double>("q_learning.first_exploration",
                          LONGPLAY_COLLECT(double, q_learning.first_exploration), 0, 1,
                          "share of random actions in the first episode of a history"),
      NumberField<double>("q_learning.last_exploration",
                          LONGPLAY_COLLECT(double, q_learning.last_exploration), 0, 1,
                          "share of random actions once exploration has fallen"),
      NumberField<double>("q_learning.exploration_share",
                          LONGPLAY_COLLECT(double, q_learning.exploration_share), 0, 1,
                          "share of a history over which exploration falls from first to last"),
      SwitchField("q_learning.remembers_reward",
                  LONGPLAY_COLLECT(bool, q_learning.remembers_reward),
                  "whether the table also tells apart if a reward was found in this episode")};
  return fields;
}

std::vector<std::string> NamesOfCollectKeys() {
  std::vector<std::string> keys;
  for (const CollectField& field : CollectFields()) keys.push_back(field.key);
  return keys;
}

void ReadCollectSection(const std::string& section, const YAML::Node& node, const std::string& name,
                        CollectOptions& options) {
  const std::vector<std::string> sections = {"collect", "sac", "q_learning"};
  if (std::ranges::find(sections, section) == sections.end()) {
    RejectUnknownSection(ConfigPlace(name, node), section, sections);
  }
  if (!node.IsMap()) {
    RejectConfig(ConfigPlace(name, node), section, "a section with keys", ShownValue(node));
  }
  std::set<std::string> seen;
  for (const auto& item : node) {
    const std::string key = section + "." + item.first.Scalar();
    const std::string place = ConfigPlace(name, item.first);
    if (!seen.insert(key).second) RejectConfig(place, key, "one value", "a second one");
    const auto field = std::ranges::find(CollectFields(), key, &CollectField::key);
    if (field == CollectFields().end()) {
      RejectUnknownKey(place, key, NamesOfCollectKeys());
    }
    if (!field->read(item.second, options)) {
      RejectConfig(place, key, field->accepted, ShownValue(item.second));
    }
  }
}

}  // namespace

std::vector<CollectKey> CollectKeys() {
  const CollectOptions defaults;
  std::vector<CollectKey> keys;
  for (const CollectField& field : CollectFields()) {
    const nlohmann::json value = field.value(defaults);
    keys.push_back({.key = field.key,
                    .accepted = field.accepted,
                    .standard = value.is_string() ? value.get<std::string>() : value.dump(),
                    .comment = field.comment});
  }
  return keys;
}

CollectOptions ParseCollectConfig(const std::string& text, const std::string& name) {
  CollectOptions options;
  for (const auto& item : ParseConfigText(text, name)) {
    ReadCollectSection(item.first.Scalar(), item.second, name, options);
  }
  return options;
}

CollectOptions LoadCollectConfig(const std::string& path) {
  CollectOptions options = ParseCollectConfig(ReadConfigText(path), path);
  options.config = path;
  return options;
}

nlohmann::json LearnerKeys(const CollectOptions& options) {
  nlohmann::json keys;
  for (const CollectField& field : CollectFields()) {
    if (!field.key.starts_with("collect.")) keys[field.key] = field.value(options);
  }
  return keys;
}

std::string ResumeCommand(const CollectOptions& options) {
  // Only what differs from the file, or from the defaults, in the command line's words.
  CollectOptions usual;
  std::vector<std::string> words = {"longplay", "collect"};
  if (!options.config.empty()) {
    usual = LoadCollectConfig(options.config);
    words.insert(words.end(), {"--config", options.config});
  }
  if (options.environment != usual.environment) {
    words.insert(words.end(), {"--env", options.environment});
  }
  const auto add = [&](const char* name, auto value, auto usual_value) {
    if (value != usual_value) words.insert(words.end(), {name, std::to_string(value)});
  };
  add("--steps", options.steps, usual.steps);
  words.insert(words.end(), {"--out", options.out});
  if (options.algorithm != usual.algorithm) {
    words.insert(words.end(), {"--algorithm", AlgorithmName(options.algorithm)});
  }
  add("--learners", options.learners, usual.learners);
  add("--action-repeat", options.action_repeat, usual.action_repeat);
  add("--max-episode-steps", options.max_episode_steps, usual.max_episode_steps);
  add("--episodes-per-history", options.episodes_per_history, usual.episodes_per_history);
  add("--learning-steps", options.learning_steps, usual.learning_steps);
  add("--first-task", options.first_task, usual.first_task);
  add("--seed", options.seed, usual.seed);
  if (options.labels != usual.labels) words.insert(words.end(), {"--labels", options.labels});
  if (options.existing == ExistingData::kReplace) words.emplace_back("--overwrite");
  words.emplace_back("--resume");
  return ShellCommand(words);
}

}  // namespace longplay
