// SPDX-License-Identifier: MIT
#include "runtime/files/read_policy.h"

#include <cmath>

#include "runtime/files/facts_reader.h"
#include "runtime/files/failure.h"
#include "runtime/files/layer_facts.h"
#include "runtime/files/tensor_file.h"
#include "runtime/longplay.h"

namespace longplay::runtime {
namespace {

constexpr size_t kLargestConfig = size_t{8} << 20;  // [bytes]
constexpr int64_t kNewestSchema = 1;
constexpr int64_t kMany = int64_t{1} << 40;
constexpr int64_t kMostColumns = 1 << 20;

UnitFacts ReadUnits(const FactsReader& units, size_t O, size_t A) {
  UnitFacts facts;
  facts.observation_mean = units.Reals("observation_mean", O);
  facts.observation_std = units.Reals("observation_std", O);
  if (units.Has("observation_offset")) {
    facts.observation_offset = units.Reals("observation_offset", O);
  }
  facts.action_center = units.Reals("action_center", A);
  facts.action_scale = units.Reals("action_scale", A);
  for (const double deviation : facts.observation_std) {
    if (!(deviation > 0)) units.Wrong("observation_std", "numbers above 0");
  }
  for (const double scale : facts.action_scale) {
    if (scale == 0) units.Wrong("action_scale", "numbers other than 0");
  }
  facts.reward_scale = units.Real("reward_scale");
  facts.return_scale = units.Real("return_scale");
  return facts;
}

void ReadChain(const FactsReader& chain, PolicyFacts& facts) {
  for (const std::string& kind : chain.Texts("tokens")) {
    if (kind == "return") {
      facts.use_return = true;
    } else if (kind == "observation") {
      facts.use_observation = true;
    } else if (kind == "action") {
      facts.use_action = true;
    } else if (kind == "reward") {
      facts.use_reward = true;
    } else if (kind == "completion") {
      facts.use_completion = true;
    } else {
      chain.NotSupported("tokens", "return, observation, action, reward, completion, got " + kind);
    }
  }
  if (!facts.use_observation) chain.Wrong("tokens", "observation among them");
  facts.interleaved = chain.Choice("packing", {"merged", "interleaved"}) == 1;
  facts.normalises_tokens = chain.Switch("normalise_tokens", false);
  facts.follows_stream = chain.Switch("follow_stream", false);
  if (facts.follows_stream && !facts.interleaved) {
    chain.Wrong("follow_stream", "false for merged tokens");
  }
  facts.carries_boundary = chain.Choice("boundary", {"zeros", "carry"}) == 1;
  facts.chain_episodes = chain.Whole("episodes", 1, kMany);
  facts.chain_window = chain.WholeOr("window", 0, 1 << 24, 0);
}

void ReadRecord(const FactsReader& record, PolicyFacts& facts) {
  const FactsReader sizes = record.Section("sizes");
  facts.observation_size = sizes.Whole("observation_size", 1, kMostColumns);
  facts.action_size = sizes.Whole("action_size", 1, kMostColumns);
  facts.discrete = record.Choice("action_kind", {"continuous", "discrete"}) == 1;
  facts.units = ReadUnits(record.Section("normalizer"), static_cast<size_t>(facts.observation_size),
                          static_cast<size_t>(facts.action_size));
  facts.best_return = record.Real("best_return");
  // Older exports do not say what training showed: then it is at most what the options allow.
  const int64_t steps = sizes.Whole("max_episode_steps", 1, 1 << 30);
  facts.trained_episodes = facts.chain_episodes;
  facts.trained_episode_steps = steps;
  facts.trained_context_steps =
      facts.chain_episodes > kMany / steps ? kMany : facts.chain_episodes * steps;
  if (record.Has("trained")) {
    const FactsReader trained = record.Section("trained");
    facts.trained_episodes = trained.Whole("episodes", 0, kMany);
    facts.trained_episode_steps = trained.Whole("episode_steps", 0, kMany);
    facts.trained_context_steps = trained.Whole("context_steps", 0, kMany);
  }
}

void ReadHead(const FactsReader& model, PolicyFacts& facts) {
  switch (model.Choice("head", {"auto", "squared_error", "gaussian", "categorical"})) {
    case 0:
      facts.head = facts.discrete ? ActingHead::kCategorical : ActingHead::kSquaredError;
      break;
    case 1:
      facts.head = ActingHead::kSquaredError;
      break;
    case 2:
      facts.head = ActingHead::kGaussian;
      break;
    default:
      facts.head = ActingHead::kCategorical;
  }
  facts.discrete = facts.head == ActingHead::kCategorical;
}

}  // namespace

PolicyFacts ReadPolicyFacts(const std::string& path) {
  const JsonValue json = ParseJson(ReadWholeFile(path, kLargestConfig), path);
  const FactsReader top(json, "", path);
  if (top.Text("model_type") != "longplay_policy") top.Wrong("model_type", "longplay_policy");
  if (top.Whole("schema", 0, kMany) > kNewestSchema) {
    top.NotSupported("schema",
                     std::to_string(kNewestSchema) + " or older: a newer longplay wrote it");
  }
  const FactsReader config = top.Section("config"), model = config.Section("model");
  PolicyFacts facts;
  ReadChain(config.Section("chain"), facts);
  ReadRecord(top.Section("policy"), facts);
  const std::string method =
      config.Has("train") ? config.Section("train").Text("method") : "sequence";
  if (method == "td3_bc" || method == "iql") {
    facts.is_actor = true;
    facts.head = ActingHead::kSquaredError;
    facts.discrete = false;
    return facts;
  }
  if (method != "sequence" && method != "ic_iql") {
    config.NotSupported("train.method", "sequence, ic_iql, td3_bc or iql, got " + method);
  }
  ReadHead(model, facts);
  ReadLayers(model, facts);
  facts.has_values = method == "ic_iql";
  if (facts.has_values) {
    const FactsReader learning = config.Section("ic_iql");
    facts.value_scale = learning.Real("reward_scale");
    if (!(facts.value_scale > 0)) learning.Wrong("reward_scale", "a number above 0");
  }
  return facts;
}

}  // namespace longplay::runtime
