// SPDX-License-Identifier: MIT
// One row for each key; those of the model stand in agent/config/config_model_fields.cpp.
#include "agent/config/config_fields.h"

#include "agent/config/config_field_kinds.h"
#include "agent/config/config_model_fields.h"

namespace longplay {
namespace {

using namespace config;

ConfigField Files() {
  return {.key = "data.files",
          .accepted = "a list of file names",
          .comment = "HDF5 files or Minari folders, all of the same sizes",
          .read =
              [](const YAML::Node& node, RunOptions& options) {
                options.data.files.clear();
                if (node.IsScalar()) options.data.files.push_back(node.Scalar());
                for (const YAML::Node& file : node) {
                  if (!file.IsScalar()) return false;
                  options.data.files.push_back(file.Scalar());
                }
                return true;
              },
          .print =
              [](const RunOptions& options) {
                YAML::Emitter out;
                out << YAML::Flow << YAML::DoubleQuoted << options.data.files;
                return std::string(out.c_str());
              }};
}

/// The five quantities and where each is switched on.
std::vector<std::pair<std::string, bool*>> TokenKinds(TokenOptions& tokens) {
  return {{"return", &tokens.use_return},
          {"observation", &tokens.use_observation},
          {"action", &tokens.use_action},
          {"reward", &tokens.use_reward},
          {"completion", &tokens.use_completion}};
}

ConfigField Tokens() {
  return {.key = "chain.tokens",
          .accepted = "a list with observation and any of return, action, reward, completion",
          .comment = "what the policy sees of each step",
          .read =
              [](const YAML::Node& node, RunOptions& options) {
                if (!node.IsSequence()) return false;
                auto kinds = TokenKinds(options.model.tokens);
                for (auto& [name, used] : kinds) *used = false;
                for (const YAML::Node& item : node) {
                  bool known = false;
                  for (auto& [name, used] : kinds) {
                    if (item.IsScalar() && name == item.Scalar()) known = *used = true;
                  }
                  if (!known) return false;
                }
                return options.model.tokens.use_observation;
              },
          .print =
              [](const RunOptions& options) {
                TokenOptions tokens = options.model.tokens;
                std::string list;
                for (const auto& [name, used] : TokenKinds(tokens)) {
                  if (*used) list += (list.empty() ? "" : ", ") + name;
                }
                return "[" + list + "]";
              }};
}

ConfigField Target() {
  return {
      .key = "evaluate.target",
      .accepted = "a number or max",
      .comment = "return asked for; max = the best in the data",
      .read =
          [](const YAML::Node& node, RunOptions& options) {
            options.evaluate.target.reset();
            if (node.IsScalar() && node.Scalar() == "max") return true;
            options.evaluate.target = Parse<double>(node);
            return options.evaluate.target.has_value() && std::isfinite(*options.evaluate.target);
          },
      .print =
          [](const RunOptions& options) {
            return options.evaluate.target ? Number(*options.evaluate.target) : std::string("max");
          }};
}

std::vector<ConfigField> DataFields() {
  return {Files(),
          Choice<StepPlace>("data.place", LONGPLAY_AT(StepPlace, data.place),
                            {{"auto", StepPlace::kAuto},
                             {"memory", StepPlace::kMemory},
                             {"mapped", StepPlace::kMapped}},
                            "of the steps; mapped: from a packed copy on disk, made once"),
          Integer<int64_t>("data.memory_budget", LONGPLAY_AT(int64_t, data.memory_budget), 0,
                           1 << 30, "[MiB] of steps, above which auto maps them"),
          Text("data.cache", LONGPLAY_AT(std::string, data.cache),
               "folder of packed copies; empty = beside each file")};
}

std::vector<ConfigField> ChainFields() {
  return {Integer<int64_t>("chain.episodes", LONGPLAY_AT(int64_t, chain.episodes), 1, 1000000,
                           "E: episodes in one context"),
          Integer<int64_t>("chain.window", LONGPLAY_AT(int64_t, chain.window), 0, kMany,
                           "[steps] of a random stretch of each chain; 0 = whole chains"),
          Choice<ChainOrder>("chain.order", LONGPLAY_AT(ChainOrder, chain.order),
                             {{"ascending_return", ChainOrder::kAscendingReturn},
                              {"collected", ChainOrder::kCollected},
                              {"shuffled", ChainOrder::kShuffled}},
                             "of the episodes in a chain"),
          Choice<ChainTarget>(
              "chain.target", LONGPLAY_AT(ChainTarget, chain.target),
              {{"chain_best", ChainTarget::kChainBest}, {"own", ChainTarget::kOwnReturn}},
              "return that each episode is asked for"),
          Choice<ChainLoss>("chain.loss", LONGPLAY_AT(ChainLoss, chain.loss),
                            {{"all", ChainLoss::kAllEpisodes}, {"last", ChainLoss::kLastEpisode}},
                            "episodes whose actions count"),
          Choice<ChainSource>(
              "chain.source", LONGPLAY_AT(ChainSource, chain.source),
              {{"anywhere", ChainSource::kAnywhere}, {"history", ChainSource::kHistory}},
              "history: all of a chain from one learner's run"),
          Choice<EpisodeBoundary>(
              "chain.boundary", LONGPLAY_AT(EpisodeBoundary, chain.boundary),
              {{"zeros", EpisodeBoundary::kZeros}, {"carry", EpisodeBoundary::kCarry}},
              "previous action, reward, completion at an episode's start"),
          Real("chain.best_fraction", LONGPLAY_AT(double, chain.best_fraction), 1e-6, 1,
               "share of the episodes kept, the best ones"),
          Choice<EpisodeWeight>("chain.weight", LONGPLAY_AT(EpisodeWeight, chain.weight),
                                {{"length", EpisodeWeight::kLength},
                                 {"uniform", EpisodeWeight::kUniform},
                                 {"return", EpisodeWeight::kReturn}},
                                "by which episodes are drawn"),
          Real("chain.temperature", LONGPLAY_AT(double, chain.temperature), 1e-3, 1e6,
               "for weight return: exp(share of the range of returns / temperature)"),
          Choice<ChainRows>("chain.rows", LONGPLAY_AT(ChainRows, chain.rows),
                            {{"padded", ChainRows::kPadded}, {"packed", ChainRows::kPacked}},
                            "packed: a step's chains in one row, without padding, kept apart"),
          Tokens(),
          Choice<TokenLayout>(
              "chain.packing", LONGPLAY_AT(TokenLayout, model.tokens.layout),
              {{"merged", TokenLayout::kMerged}, {"interleaved", TokenLayout::kInterleaved}},
              "one token a step, or one per quantity"),
          Switch("chain.normalise_tokens", LONGPLAY_AT(bool, model.tokens.normalise),
                 "LayerNorm over each embedded token, as in Decision Transformer"),
          Switch("chain.follow_stream", LONGPLAY_AT(bool, model.tokens.follow_stream),
                 "interleaved: an action has the place of its own step, and none comes first")};
}

Choices<Method> MethodNames() {
  Choices<Method> names;
  for (const MethodEntry& entry : kMethods) names.emplace_back(entry.name, entry.method);
  return names;
}

std::vector<ConfigField> TrainFields() {
  return {
      Choice<Method>("train.method", LONGPLAY_AT(Method, train.method), MethodNames(),
                     "learner; those without a sequence model use neither chain nor model"),
      Text("train.start_from", LONGPLAY_AT(std::string, train.start_from),
           "run or checkpoint to go on from with these data: its model, tokens, normaliser"),
      Integer<int64_t>("train.steps", LONGPLAY_AT(int64_t, train.steps), 1, kMany,
                       "optimiser steps"),
      Integer<int64_t>("train.tokens_per_step", LONGPLAY_AT(int64_t, train.tokens_per_step), 1,
                       kMany, "decides how many chains a step sees, at least one"),
      Integer<int64_t>("train.tokens_per_pass", LONGPLAY_AT(int64_t, train.tokens_per_pass), 0,
                       kMany, "a step's chains in parts of so many, to save memory; 0 = at once"),
      Real("train.learning_rate", LONGPLAY_AT(double, train.learning_rate), 0, 10,
           "of AdamW, after warm-up"),
      Integer<int64_t>("train.warmup_steps", LONGPLAY_AT(int64_t, train.warmup_steps), 0, kMany,
                       "linear from 0"),
      Choice<bool>("train.decay", LONGPLAY_AT(bool, train.decay),
                   {{"true", true}, {"false", false}}, "cosine to 10 % at the last step"),
      Real("train.weight_decay", LONGPLAY_AT(double, train.weight_decay), 0, 10, "matrices only"),
      Real("train.average", LONGPLAY_AT(double, train.average), 0, 1 - 1e-9,
           "share that the policy, a moving average of the weights, keeps a step; 0 = none"),
      Real("train.clip_norm", LONGPLAY_AT(double, train.clip_norm), 0, kHuge,
           "largest gradient norm; 0 = any"),
      Integer<uint64_t>("train.seed", LONGPLAY_AT(uint64_t, train.seed), 0, UINT64_MAX,
                        "of weights, sampling and dropout"),
      Text("train.device", LONGPLAY_AT(std::string, train.device), "auto, cpu, cuda, cuda:1 ..."),
      Choice<std::string>(
          "train.dtype", LONGPLAY_AT(std::string, train.dtype),
          {{"float32", "float32"}, {"bfloat16", "bfloat16"}, {"float64", "float64"}},
          "of the computation; beside bfloat16 weights stay in float32"),
      Integer<int64_t>("train.log_every", LONGPLAY_AT(int64_t, train.log_every), 1, kMany,
                       "[steps] between rows of metrics.csv"),
      Integer<int64_t>("train.checkpoint_every", LONGPLAY_AT(int64_t, train.checkpoint_every), 1,
                       kMany, "[steps]; the last step is always kept"),
      Integer<int64_t>("train.keep_checkpoints", LONGPLAY_AT(int64_t, train.keep_checkpoints), 1,
                       kMany, "older ones are deleted"),
      Integer<int64_t>("train.max_bad_steps", LONGPLAY_AT(int64_t, train.max_bad_steps), 1, kMany,
                       "non-finite losses in a row before giving up")};
}

std::vector<ConfigField> MethodFields() {
  std::vector<ConfigField> fields;
  for (const MethodEntry& entry : kMethods) {
    if (entry.fields == nullptr) continue;
    const std::vector<ConfigField> own = entry.fields();
    fields.insert(fields.end(), own.begin(), own.end());
  }
  return fields;
}

std::vector<ConfigField> EvaluateFields() {
  return {Text("evaluate.environment", LONGPLAY_AT(std::string, evaluate.environment),
               "id (longplay env list); empty = the data's"),
          Integer<int64_t>("evaluate.episodes", LONGPLAY_AT(int64_t, evaluate.episodes), 1, 1000000,
                           "E: episodes in one context"),
          Integer<int64_t>("evaluate.seeds", LONGPLAY_AT(int64_t, evaluate.seeds), 1, 100000,
                           "S: contexts side by side"),
          Integer<uint64_t>("evaluate.seed", LONGPLAY_AT(uint64_t, evaluate.seed), 0, UINT64_MAX,
                            "first of them"),
          Target(),
          Real("evaluate.target_step", LONGPLAY_AT(double, evaluate.target_step), 0, 1e6,
               "share of the target added after an episode that reached it"),
          Choice<ContextUse>("evaluate.context", LONGPLAY_AT(ContextUse, evaluate.context),
                             {{"auto", ContextUse::kAuto},
                              {"all_episodes", ContextUse::kAllEpisodes},
                              {"one_episode", ContextUse::kOneEpisode}},
                             "what is remembered; auto: as many episodes as in training"),
          Choice<LastContext>(
              "evaluate.last_context", LONGPLAY_AT(LastContext, evaluate.last_context),
              {{"as_played", LastContext::kAsPlayed},
               {"sorted", LastContext::kSorted},
               {"another_task", LastContext::kAnotherTask}},
              "before the last episode: as it was, by return, or of another hidden parameter"),
          Integer<int64_t>("evaluate.window", LONGPLAY_AT(int64_t, evaluate.window), 0, kMany,
                           "[steps] of context kept; 0 = as trained"),
          Choice<WindowUse>(
              "evaluate.window_use", LONGPLAY_AT(WindowUse, evaluate.window_use),
              {{"cached", WindowUse::kCached}, {"recomputed", WindowUse::kRecomputed}},
              "how a full window goes on: constant cost, or as Decision Transformer does"),
          Choice<ActionChoice>("evaluate.act", LONGPLAY_AT(ActionChoice, evaluate.act),
                               {{"mean", ActionChoice::kMean}, {"sample", ActionChoice::kSample}},
                               "how an action comes from the head"),
          Integer<int64_t>("evaluate.action_repeat", LONGPLAY_AT(int64_t, evaluate.action_repeat),
                           0, 10000, "0 = as in the data"),
          Integer<int64_t>("evaluate.max_episode_steps",
                           LONGPLAY_AT(int64_t, evaluate.max_episode_steps), 0, kMany,
                           "[decisions]; 0 = as in the data, else the task's own")};
}

}  // namespace

const std::vector<ConfigField>& ConfigFields() {
  static const std::vector<ConfigField> fields = [] {
    std::vector<ConfigField> all;
    for (auto part : {DataFields(), ChainFields(), ModelFields(), TrainFields(), MethodFields(),
                      EvaluateFields()}) {
      all.insert(all.end(), part.begin(), part.end());
    }
    return all;
  }();
  return fields;
}

}  // namespace longplay
