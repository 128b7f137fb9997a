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
  std::function<bool(const YAML::Node&, CollectOptions&)> read;  // false: not accepted
  std::function<nlohmann::json(const CollectOptions&)> value;
};

template <typename T>
using CollectPlace = T& (*)(CollectOptions&);

template <typename T>
CollectField NumberField(std::string key, CollectPlace<T> place, double low, double high) {
  const std::string kind = std::is_integral_v<T> ? "an integer" : "a number";
  return {.key = std::move(key),
          .accepted = kind + config::Range(low, high),
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

CollectField SwitchField(std::string key, CollectPlace<bool> place) {
  return {.key = std::move(key),
          .accepted = "true or false",
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

#define LONGPLAY_COLLECT(type, field) \
  [](CollectOptions& o) -> type& { return o.field; }  // NOLINT(bugprone-macro-parentheses)

const std::vector<CollectField>& CollectFields() {
  using Int = int64_t;
  constexpr auto kMost = static_cast<double>(kMany);
  static const std::vector<CollectField> fields = {
      EnvironmentField(),
      AlgorithmField(),
      NumberField<Int>("collect.steps", LONGPLAY_COLLECT(Int, steps), 1, kMost),
      NumberField<Int>("collect.learners", LONGPLAY_COLLECT(Int, learners), 1, 64),
      NumberField<Int>("collect.action_repeat", LONGPLAY_COLLECT(Int, action_repeat), 1, kMost),
      NumberField<Int>("collect.max_episode_steps", LONGPLAY_COLLECT(Int, max_episode_steps), 0,
                       kMost),
      NumberField<Int>("collect.episodes_per_history", LONGPLAY_COLLECT(Int, episodes_per_history),
                       1, kMost),
      NumberField<Int>("collect.learning_steps", LONGPLAY_COLLECT(Int, learning_steps), 1, kMost),
      NumberField<Int>("collect.first_task", LONGPLAY_COLLECT(Int, first_task), -1, kMost),
      NumberField<uint64_t>("collect.seed", LONGPLAY_COLLECT(uint64_t, seed), 0, kMost),
      NumberField<Int>("sac.simulations", LONGPLAY_COLLECT(Int, sac.simulations), 1, 1024),
      NumberField<Int>("sac.random_decisions", LONGPLAY_COLLECT(Int, sac.random_decisions), 1,
                       kMost),
      NumberField<double>("sac.updates_per_decision",
                          LONGPLAY_COLLECT(double, sac.updates_per_decision), 0, 100),
      NumberField<Int>("sac.batch", LONGPLAY_COLLECT(Int, sac.batch), 1, 1 << 20),
      NumberField<Int>("sac.replay", LONGPLAY_COLLECT(Int, sac.replay), 1, kMost),
      NumberField<Int>("sac.checkpoint_every", LONGPLAY_COLLECT(Int, sac.checkpoint_every), 0,
                       kMost),
      NumberField<Int>("sac.checkpoint_episodes", LONGPLAY_COLLECT(Int, sac.checkpoint_episodes), 1,
                       1024),
      NumberField<Int>("sac.hidden", LONGPLAY_COLLECT(Int, sac.learner.hidden), 1, 65536),
      NumberField<Int>("sac.critic_layers", LONGPLAY_COLLECT(Int, sac.learner.critic_layers), 1,
                       16),
      NumberField<double>("sac.learning_rate", LONGPLAY_COLLECT(double, sac.learner.learning_rate),
                          0, 10),
      NumberField<double>("sac.discount", LONGPLAY_COLLECT(double, sac.learner.discount), 0, 1),
      NumberField<double>("sac.target_rate", LONGPLAY_COLLECT(double, sac.learner.target_rate), 0,
                          1),
      NumberField<double>("sac.first_temperature",
                          LONGPLAY_COLLECT(double, sac.learner.first_temperature), 1e-12, kHuge),
      SwitchField("sac.learns_temperature", LONGPLAY_COLLECT(bool, sac.learner.learns_temperature)),
      NumberField<double>("q_learning.learning_rate",
                          LONGPLAY_COLLECT(double, q_learning.learning_rate), 0, 1),
      NumberField<double>("q_learning.discount", LONGPLAY_COLLECT(double, q_learning.discount), 0,
                          1),
      NumberField<double>("q_learning.first_exploration",
                          LONGPLAY_COLLECT(double, q_learning.first_exploration), 0, 1),
      NumberField<double>("q_learning.last_exploration",
                          LONGPLAY_COLLECT(double, q_learning.last_exploration), 0, 1),
      NumberField<double>("q_learning.exploration_share",
                          LONGPLAY_COLLECT(double, q_learning.exploration_share), 0, 1),
      SwitchField("q_learning.remembers_reward",
                  LONGPLAY_COLLECT(bool, q_learning.remembers_reward))};
  return fields;
}

/// "steps, learners ..." for section "collect".
std::string KeysOfSection(const std::string& section) {
  std::string keys;
  for (const CollectField& field : CollectFields()) {
    if (!field.key.starts_with(section + ".")) continue;
    keys += (keys.empty() ? "" : ", ") + field.key.substr(section.size() + 1);
  }
  return keys;
}

void ReadCollectSection(const std::string& section, const YAML::Node& node, const std::string& name,
                        CollectOptions& options) {
  const std::string known = KeysOfSection(section);
  if (known.empty()) {
    RejectConfig(ConfigPlace(name, node), section, "a section collect, sac or q_learning",
                 "an unknown key");
  }
  if (!node.IsMap()) {
    RejectConfig(ConfigPlace(name, node), section, "a section with keys " + known,
                 ShownValue(node));
  }
  std::set<std::string> seen;
  for (const auto& item : node) {
    const std::string key = section + "." + item.first.Scalar();
    const std::string place = ConfigPlace(name, item.first);
    if (!seen.insert(key).second) RejectConfig(place, key, "one value", "a second one");
    const auto field = std::ranges::find(CollectFields(), key, &CollectField::key);
    if (field == CollectFields().end()) {
      RejectConfig(place, key, "a key " + known, "an unknown key");
    }
    if (!field->read(item.second, options)) {
      RejectConfig(place, key, field->accepted, ShownValue(item.second));
    }
  }
}

}  // namespace

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
  if (options.existing == ExistingData::kReplace) words.emplace_back("--overwrite");
  words.emplace_back("--resume");
  return ShellCommand(words);
}

}  // namespace longplay
