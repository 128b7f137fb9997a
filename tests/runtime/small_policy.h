// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>
#include <torch/utils.h>

#include <filesystem>
#include <string>

#include "agent/acting/policy.h"
#include "agent/exchange/export_policy.h"
#include "agent/learners/acting_weights.h"
#include "agent/learners/actor.h"
#include "agent/runs/checkpoint.h"
#include "tests/temporary_folder.h"

namespace longplay {

/// A policy with random weights, none of them zero, as a checkpoint and as exported.
struct SmallPolicy {
  LoadedPolicy loaded;  // for LibTorch
  std::string folder;   // for the runtime
};

/// Three numbers are seen, an action has two (or is one of two).
inline RunOptions SmallOptions() {
  RunOptions options;
  options.chain.episodes = 4;
  options.model.observation_size = 3;
  options.model.action_size = 2;
  options.model.attention.width = 16;
  options.model.attention.heads = 2;
  options.model.layers = 3;
  options.model.feed_forward_width = 32;
  options.model.max_episode_steps = 6;  // later steps share the last row
  options.model.max_episodes = 2;
  options.model.mamba.state = 4;
  options.model.mamba2 = {.state = 4, .head_width = 8, .groups = 2};
  options.model.rwkv.head_width = 8;
  options.model.memory = {.tokens = 2, .segment = 5};
  options.model.memsizer.slots = 5;
  options.model.taipan.period = 2;
  return options;
}

inline SmallPolicy MakeSmallPolicy(RunOptions options, uint64_t seed = 1) {
  // Weights first, then what a checkpoint needs beside them.
  torch::manual_seed(seed);
  options.head = options.model.head;
  PolicyRecord record{.options = options};
  record.normalizer = {.observation_mean = {0.5, -1, 2},
                       .observation_offset = {0, -0.75, 0},
                       .observation_std = {1, 2, 0.5},
                       .action_center = {0.25, -0.5},
                       .action_scale = {2, 0.5},
                       .reward_scale = 0.7,
                       .return_scale = 0.1};
  if (options.model.head == ActionHead::kCategorical) record.action_kind = ActionKind::kDiscrete;
  record.best_return = 3;
  record.trained = {.episodes = 4, .episode_steps = 30, .context_steps = 120};
  ActingWeights weights;
  if (EntryOf(options.train.method).acts_with == ActsWith::kActor) {
    const StackedMlp actor = MakeActor(options.model.observation_size, options.model.action_size,
                                       24, at::detail::createCPUGenerator(seed), torch::kFloat32);
    record.options.methods.td3_bc.hidden = 24;
    weights = {NamedWeights(actor), ProbeOutput(actor)};
  } else {
    PolicyNetwork network(options.model, ValueHidden(options.train.method, options.methods));
    const torch::NoGradGuard no_grad;
    for (torch::Tensor& parameter : network->parameters()) {
      parameter.add_(torch::randn_like(parameter), 0.1);
    }
    weights = {NamedWeights(network), ProbeOutput(network)};
  }
  const std::string checkpoint = TemporaryPath("checkpoint"), folder = TemporaryPath("exported");
  std::filesystem::remove_all(folder);
  SaveCheckpoint(checkpoint, weights, record, {});
  SmallPolicy policy{.loaded = LoadPolicy(checkpoint, torch::kCPU), .folder = folder};
  ExportPolicy(policy.loaded, folder);
  return policy;
}

}  // namespace longplay
