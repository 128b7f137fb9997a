// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <string>

#include "agent/config/run_options.h"
#include "agent/runs/checkpoint.h"

namespace longplay {

/// Settings that family/fog-v0 takes.
inline RunOptions FogRun(const std::string& environment) {
  RunOptions options;
  options.chain.episodes = 1;
  options.evaluate.environment = environment;
  options.evaluate.action_repeat = 1;
  ModelOptions& model = options.model;
  model.tokens.use_return = model.tokens.use_action = false;
  model.tokens.use_reward = model.tokens.use_completion = false;
  model.step_embedding = model.episode_embedding = false;
  model.observation_size = model.action_size = 2;
  model.layers = 2;
  model.attention.width = 16;
  model.attention.heads = 2;
  model.feed_forward_width = 32;
  return options;
}

/// A policy that nobody trained, whose actions are not all about 0.
inline LoadedPolicy UntrainedFogPolicy(const RunOptions& options) {
  torch::manual_seed(3);
  LoadedPolicy policy;
  policy.network = PolicyNetwork(options.model);
  policy.network->eval();
  const torch::NoGradGuard no_grad;
  policy.network->named_parameters()["head.weight"].mul_(30);
  policy.record.options = options;
  policy.record.normalizer = {.observation_mean = {0.5, -0.5},
                              .observation_std = {30, 29},
                              .action_center = {0, 0},
                              .action_scale = {5, 5}};
  policy.record.environment = options.evaluate.environment;
  policy.folder = "untrained";
  return policy;
}

}  // namespace longplay
