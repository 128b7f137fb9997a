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
          .comment =
              "data files or folders of any readable format, or minari:NAME; all of one "
              "observation and action size",
          .read =
              [](const YAML::Node& node, RunOptions& options) {
                // One name, or a list of them; a file's list is replaced, not added to.
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
                // A list says all: what it does not name is off.
                for (auto& [name, used] : kinds) *used = false;
                for (const YAML::Node& item : node) {
                  bool known = false;
                  for (auto& [name, used] : kinds) {
                    if (item.IsScalar() && name == item.Scalar()) known = *used = true;
                  }
                  if (!known) return false;
                }
                // A policy that sees no observation is none.
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
      .comment =
          "return-to-go asked for at the start of an episode; max = the best return in the data",
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
  return Together(
      {As(KeyRole::kData,
          {Files(),
           Text("data.labels", LONGPLAY_AT(std::string, data.labels),
                "array beside the steps (infos) with the action to predict at each step, in place "
                "of the one taken (DPT): label is what longplay collect --labels writes; empty = "
                "the actions taken"),
           Real("data.validation", LONGPLAY_AT(double, data.validation), 0, 0.9,
                "share of the episodes kept out of training; the loss on them is measured "
                "every evaluate.every steps")}),
       As(KeyRole::kOutput,
          {Choice<StepPlace>("data.place", LONGPLAY_AT(StepPlace, data.place),
                             {{"auto", StepPlace::kAuto},
                              {"memory", StepPlace::kMemory},
                              {"mapped", StepPlace::kMapped}},
                             "where steps are held: in memory, or mapped from a packed copy on "
                             "disk that is made once"),
           Integer<int64_t>("data.memory_budget", LONGPLAY_AT(int64_t, data.memory_budget), 0,
                            1 << 30,
                            "[MiB] with data.place auto, larger data are mapped from disk"),
           Text("data.cache", LONGPLAY_AT(std::string, data.cache),
                "folder for the packed copies; empty = beside each data file")})});
}

std::vector<ConfigField> ChainFields() {
  return Together(
      {As(KeyRole::kPolicy,
          {Integer<int64_t>("chain.episodes", LONGPLAY_AT(int64_t, chain.episodes), 1, 1000000,
                            "E, number of episodes in one chain"),
           Integer<int64_t>("chain.skip", LONGPLAY_AT(int64_t, chain.skip), 1, 1000000,
                            "with source history and order collected: take every k-th episode of a "
                            "history, so that a chain shows more of the learning"),
           Integer<int64_t>("chain.window", LONGPLAY_AT(int64_t, chain.window), 0, kMany,
                            "[steps] train on windows of so many consecutive steps of a chain; 0 = "
                            "on whole chains"),
           Choice<ChainOrder>("chain.order", LONGPLAY_AT(ChainOrder, chain.order),
                              {{"ascending_return", ChainOrder::kAscendingReturn},
                               {"collected", ChainOrder::kCollected},
                               {"shuffled", ChainOrder::kShuffled}},
                              "order of the episodes in a chain"),
           Choice<ChainTarget>(
               "chain.target", LONGPLAY_AT(ChainTarget, chain.target),
               {{"chain_best", ChainTarget::kChainBest}, {"own", ChainTarget::kOwnReturn}},
               "return-to-go at the start of an episode: the chain's best return, or the episode's "
               "own"),
           Choice<ChainLoss>("chain.loss", LONGPLAY_AT(ChainLoss, chain.loss),
                             {{"all", ChainLoss::kAllEpisodes}, {"last", ChainLoss::kLastEpisode}},
                             "which episodes of a chain have their actions in the loss"),
           Choice<ChainSource>(
               "chain.source", LONGPLAY_AT(ChainSource, chain.source),
               {{"anywhere", ChainSource::kAnywhere}, {"history", ChainSource::kHistory}},
               "where a chain's episodes come from: anywhere in the data, or one learner's "
               "history"),
           Choice<EpisodeBoundary>(
               "chain.boundary", LONGPLAY_AT(EpisodeBoundary, chain.boundary),
               {{"zeros", EpisodeBoundary::kZeros}, {"carry", EpisodeBoundary::kCarry}},
               "previous action, reward and completion at an episode's first step: zeros, or those "
               "of the episode before"),
           Real("chain.best_fraction", LONGPLAY_AT(double, chain.best_fraction), 1e-6, 1,
                "train only on this share of the episodes: those with the highest returns"),
           Choice<EpisodeWeight>("chain.weight", LONGPLAY_AT(EpisodeWeight, chain.weight),
                                 {{"length", EpisodeWeight::kLength},
                                  {"uniform", EpisodeWeight::kUniform},
                                  {"return", EpisodeWeight::kReturn}},
                                 "probability of drawing an episode: by its length, the same for "
                                 "all, or by its return"),
           Real("chain.temperature", LONGPLAY_AT(double, chain.temperature), 1e-3, 1e6,
                "with weight return: probability ~ exp((return - worst) / (best - worst) / "
                "temperature)"),
           Real("chain.query_fraction", LONGPLAY_AT(double, chain.query_fraction), 1e-6, 1,
                "with source history and order shuffled (DPT): a chain's last episode is drawn "
                "from this share of its history, the highest returns; the others from all of it"),
           Real("chain.random_maps", LONGPLAY_AT(double, chain.random_maps), 0, 1,
                "share of the chains whose observations and actions go through random linear maps, "
                "so that a policy must learn in context what they mean"),
           Choice<ChainSymmetry>(
               "chain.symmetry", LONGPLAY_AT(ChainSymmetry, chain.symmetry),
               {{"none", ChainSymmetry::kNone},
                {"square", ChainSymmetry::kSquare},
                {"plane", ChainSymmetry::kPlane}},
               "for tasks that are the same in every direction, whose observations and actions are "
               "pairs (x, y): each chain is seen turned, by quarter turns or any angle, and half "
               "of them mirrored"),
           Tokens(),
           Choice<TokenLayout>(
               "chain.packing", LONGPLAY_AT(TokenLayout, model.tokens.layout),
               {{"merged", TokenLayout::kMerged}, {"interleaved", TokenLayout::kInterleaved}},
               "merged: one token a step; interleaved: one token for each quantity"),
           Switch("chain.normalise_tokens", LONGPLAY_AT(bool, model.tokens.normalise),
                  "apply LayerNorm to each embedded token, as Decision Transformer does"),
           Switch(
               "chain.follow_stream", LONGPLAY_AT(bool, model.tokens.follow_stream),
               "with interleaved: an action stands in its own step, and no action comes first")}),
       As(KeyRole::kSchedule,
          {Choice<ChainRows>("chain.rows", LONGPLAY_AT(ChainRows, chain.rows),
                             {{"padded", ChainRows::kPadded}, {"packed", ChainRows::kPacked}},
                             "padded: one chain a row; packed: all chains of a step in one row, "
                             "without padding, kept apart")})});
}

Choices<Method> MethodNames() {
  Choices<Method> names;
  for (const MethodEntry& entry : kMethods) names.emplace_back(entry.name, entry.method);
  return names;
}

std::vector<ConfigField> TrainFields() {
  return Together(
      {As(KeyRole::kPolicy,
          {Choice<Method>(
               "train.method", LONGPLAY_AT(Method, train.method), MethodNames(),
               "the learning method; td3_bc and iql train without chains and without the model "
               "section"),
           Text("train.start_from", LONGPLAY_AT(std::string, train.start_from),
                "run or checkpoint whose weights, model, tokens and normaliser training starts "
                "from; empty = none"),
           Integer<uint64_t>("train.seed", LONGPLAY_AT(uint64_t, train.seed), 0, UINT64_MAX,
                             "seed of initial weights, drawn chains and dropout"),
           Choice<std::string>(
               "train.dtype", LONGPLAY_AT(std::string, train.dtype),
               {{"float32", "float32"}, {"bfloat16", "bfloat16"}, {"float64", "float64"}},
               "number type of the computation; with bfloat16 weights stay in float32"),
           Real("train.average", LONGPLAY_AT(double, train.average), 0, 1 - 1e-9,
                "act with a moving average of the weights that keeps this share each step; 0 = the "
                "weights themselves")}),
       As(KeyRole::kSchedule,
          {Integer<int64_t>("train.steps", LONGPLAY_AT(int64_t, train.steps), 1, kMany,
                            "number of optimiser steps"),
           Integer<int64_t>(
               "train.tokens_per_step", LONGPLAY_AT(int64_t, train.tokens_per_step), 1, kMany,
               "[tokens] in an optimiser step; decides how many chains it sees, at least one"),
           Integer<int64_t>("train.tokens_per_pass", LONGPLAY_AT(int64_t, train.tokens_per_pass), 0,
                            kMany,
                            "[tokens] gradient accumulation: compute a step in passes of so many "
                            "tokens, to save memory; 0 = one pass"),
           Real("train.learning_rate", LONGPLAY_AT(double, train.learning_rate), 0, 10,
                "learning rate of AdamW after warm-up"),
           Integer<int64_t>("train.warmup_steps", LONGPLAY_AT(int64_t, train.warmup_steps), 0,
                            kMany, "[steps] over which the learning rate rises from 0"),
           Choice<bool>("train.decay", LONGPLAY_AT(bool, train.decay),
                        {{"true", true}, {"false", false}},
                        "let the learning rate fall along a cosine, to 10 % at the last step"),
           Real("train.weight_decay", LONGPLAY_AT(double, train.weight_decay), 0, 10,
                "weight decay of AdamW, on matrices only"),
           Real("train.clip_norm", LONGPLAY_AT(double, train.clip_norm), 0, kHuge,
                "gradient clipping: scale gradients down to this norm; 0 = never"),
           Integer<int64_t>(
               "train.max_bad_steps", LONGPLAY_AT(int64_t, train.max_bad_steps), 1, kMany,
               "stop after so many steps in a row with a loss or gradient that is not finite")}),
       As(KeyRole::kOutput,
          {Text("train.device", LONGPLAY_AT(std::string, train.device),
                "auto, cpu, cuda, cuda:1 ..."),
           Integer<int64_t>("train.threads", LONGPLAY_AT(int64_t, train.threads), 0, 4096,
                            "CPU threads that share the chains of a step, of all ranks together; "
                            "0 = one per core; another number gives other rounding"),
           Integer<int64_t>(
               "train.memory", LONGPLAY_AT(int64_t, train.memory), 0, 1 << 30,
               "[MiB] that the process may take: model.keep auto chooses by it; 0 = half of the "
               "machine's memory"),
           Integer<int64_t>("train.log_every", LONGPLAY_AT(int64_t, train.log_every), 1, kMany,
                            "[steps] between rows of metrics.csv"),
           Integer<int64_t>("train.checkpoint_every", LONGPLAY_AT(int64_t, train.checkpoint_every),
                            1, kMany,
                            "[steps] between checkpoints; the last step always makes one"),
           Real("train.checkpoint_minutes", LONGPLAY_AT(double, train.checkpoint_minutes), 0, 1e9,
                "[minutes] also write a checkpoint after so long without one; 0 = by steps alone"),
           Integer<int64_t>("train.keep_checkpoints", LONGPLAY_AT(int64_t, train.keep_checkpoints),
                            1, kMany, "number of checkpoints kept; older ones are deleted")})});
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

std::vector<ConfigField> ParallelFields() {
  return As(KeyRole::kOutput,
            {Integer<int64_t>("parallel.context", LONGPLAY_AT(int64_t, parallel.context), 1, 4096,
                              "ranks that share each chain, every one with some of its steps: a "
                              "divisor of all ranks; groups of so many share the chains of a step"),
             Real("parallel.start_timeout", LONGPLAY_AT(double, parallel.start_timeout), 1, 1e6,
                  "[seconds] within which every rank of a training must have come"),
             Real("parallel.timeout", LONGPLAY_AT(double, parallel.timeout), 3, 1e6,
                  "[seconds] without a sign of life after which a rank counts as lost, and the "
                  "others end")});
}

std::vector<ConfigField> EvaluateFields() {
  return As(
      KeyRole::kEvaluation,
      {Text("evaluate.environment", LONGPLAY_AT(std::string, evaluate.environment),
            "id of the environment (longplay env list); empty = the one that the data name"),
       Integer<int64_t>("evaluate.episodes", LONGPLAY_AT(int64_t, evaluate.episodes), 1, 1000000,
                        "E, episodes in one context, one after another"),
       Integer<int64_t>("evaluate.seeds", LONGPLAY_AT(int64_t, evaluate.seeds), 1, 100000,
                        "S, independent contexts that are played side by side"),
       Integer<uint64_t>("evaluate.seed", LONGPLAY_AT(uint64_t, evaluate.seed), 0, UINT64_MAX,
                         "seed of the first context; the others count on from it"),
       Target(),
       Real("evaluate.target_step", LONGPLAY_AT(double, evaluate.target_step), 0, 1e6,
            "after an episode that reached the target, raise the target by this share of its size"),
       Choice<ContextUse>("evaluate.context", LONGPLAY_AT(ContextUse, evaluate.context),
                          {{"auto", ContextUse::kAuto},
                           {"all_episodes", ContextUse::kAllEpisodes},
                           {"one_episode", ContextUse::kOneEpisode}},
                          "which episodes stay in context; auto = as in training"),
       Choice<LastContext>("evaluate.last_context", LONGPLAY_AT(LastContext, evaluate.last_context),
                           {{"as_played", LastContext::kAsPlayed},
                            {"sorted", LastContext::kSorted},
                            {"another_task", LastContext::kAnotherTask}},
                           "context before the last episode: as played, sorted by return, or from "
                           "another hidden parameter"),
       Integer<int64_t>("evaluate.window", LONGPLAY_AT(int64_t, evaluate.window), 0, kMany,
                        "[steps] keep only so many last steps in context; 0 = as in training"),
       Integer<int64_t>(
           "evaluate.window_episodes", LONGPLAY_AT(int64_t, evaluate.window_episodes), 0, 1000000,
           "keep only so many last episodes in context, the running one included; 0 = all"),
       Choice<WindowUse>("evaluate.window_use", LONGPLAY_AT(WindowUse, evaluate.window_use),
                         {{"cached", WindowUse::kCached}, {"recomputed", WindowUse::kRecomputed}},
                         "a full window drops its oldest step from the KV cache, or computes all "
                         "again as Decision Transformer does"),
       Choice<ActionChoice>("evaluate.act", LONGPLAY_AT(ActionChoice, evaluate.act),
                            {{"mean", ActionChoice::kMean},
                             {"sample", ActionChoice::kSample},
                             {"best_of", ActionChoice::kBestOf}},
                            "act with the mean of the predicted distribution, sample from it, or "
                            "take the best of several samples under the policy's own values "
                            "(train.method ic_iql)"),
       Integer<int64_t>("evaluate.best_of", LONGPLAY_AT(int64_t, evaluate.best_of), 1, 100000,
                        "samples from which evaluate.act: best_of takes the best"),
       Real("evaluate.temperature", LONGPLAY_AT(double, evaluate.temperature), 0, kHuge,
            "with act best_of, in units of return: one of the samples is drawn, with probability ~ "
            "exp(value / temperature), so that actions of like value are all tried; 0 = the best"),
       Integer<int64_t>(
           "evaluate.draw_every", LONGPLAY_AT(int64_t, evaluate.draw_every), 1, 1000000,
           "[decisions] with act sample or best_of: random numbers are drawn anew every so many "
           "decisions of a chain, so that a policy that knows too little goes on in one direction"),
       Integer<int64_t>("evaluate.action_repeat", LONGPLAY_AT(int64_t, evaluate.action_repeat), 0,
                        10000, "simulator steps that one action lasts; 0 = as in the data"),
       Integer<int64_t>("evaluate.max_episode_steps",
                        LONGPLAY_AT(int64_t, evaluate.max_episode_steps), 0, kMany,
                        "[decisions] limit of an episode; 0 = as in the data, else the task's own"),
       Integer<int64_t>("evaluate.every", LONGPLAY_AT(int64_t, evaluate.every), 0, kMany,
                        "[steps] of training between short evaluations; 0 = none"),
       Integer<int64_t>("evaluate.every_seeds", LONGPLAY_AT(int64_t, evaluate.every_seeds), 1,
                        100000, "contexts in each of these short evaluations")});
}

}  // namespace

const std::vector<ConfigField>& ConfigFields() {
  // In the order in which they are printed.
  static const std::vector<ConfigField> fields =
      Together({DataFields(), ChainFields(), ModelFields(), TrainFields(), MethodFields(),
                ParallelFields(), EvaluateFields()});
  return fields;
}

}  // namespace longplay
