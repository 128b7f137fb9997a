// SPDX-License-Identifier: MIT
#include "agent/training/start_from.h"

#include <torch/types.h>

#include <stdexcept>
#include <string>

#include "agent/runs/checkpoint.h"

namespace longplay {
namespace {

[[noreturn]] void Fail(const RunOptions& options, const std::string& expected,
                       const std::string& got) {
  throw std::invalid_argument("starting training: train.start_from: " + options.train.start_from +
                              ": expected " + expected + ", got " + got);
}

std::string Sizes(int64_t observation_size, int64_t action_size, ActionKind kind) {
  return std::to_string(observation_size) + " observations and " + std::to_string(action_size) +
         (kind == ActionKind::kDiscrete ? " discrete" : " continuous") + " actions";
}

}  // namespace

RunOptions WithModelToStartFrom(RunOptions options, const DatasetInfo& data) {
  const LoadedPolicy start = LoadPolicy(options.train.start_from, torch::kCPU);
  const MethodEntry& method = EntryOf(options.train.method);
  if (!start.network || method.acts_with != ActsWith::kSequenceModel) {
    const MethodEntry& other = start.network ? method : EntryOf(start.record.options.train.method);
    Fail(options, "a sequence model to train as one", other.name);
  }
  ModelOptions model = start.record.options.model;
  const std::string wanted = Sizes(data.observation_size, data.action_size, data.action_kind);
  const std::string got =
      Sizes(model.observation_size, model.action_size, start.record.action_kind);
  if (wanted != got) Fail(options, "a policy for the " + wanted + " of " + data.path, got);
  // Value heads are part of what is trained on.
  const int64_t heads = ValueHidden(method.method, options.methods);
  const RunOptions& other = start.record.options;
  if (heads > 0 && ValueHidden(other.train.method, other.methods) != heads) {
    Fail(options,
         std::string("a policy of train.method ") + method.name + " with value heads of " +
             std::to_string(heads) + " units",
         std::string("one of ") + EntryOf(other.train.method).name);
  }
  // Tokens of rewards cannot be made of data without any.
  const TokenOptions& tokens = model.tokens;
  if (!data.has_rewards && (tokens.use_return || tokens.use_reward || tokens.use_completion)) {
    Fail(options, "a policy without tokens of rewards for " + data.path + ", which has none",
         "one with");
  }
  // What only says how to compute is this run's own: no weight's shape depends on it.
  model.attention.query_block = options.model.attention.query_block;
  model.attention.key_block = options.model.attention.key_block;
  model.attention.dropout = options.model.attention.dropout;
  model.dropout = options.model.dropout;
  model.keep = options.model.keep;
  model.kept = options.model.kept;
  model.tokens_at_once = options.model.tokens_at_once;
  model.bfloat16 = options.model.bfloat16;
  options.model = model;
  options.head = model.head;
  return options;
}

}  // namespace longplay
