// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agent/config/context_use.h"
#include "datasets/chains/chain.h"
#include "model/options.h"
#include "model/policy/action_head.h"

namespace longplay {

struct DataOptions {
  std::vector<std::string> files;  // of any readable format, all of the same sizes
  StepPlace place = StepPlace::kAuto;
  int64_t memory_budget = 4096;  // [MiB] of steps in memory, above which they are mapped
  std::string cache;             // folder of packs; empty = beside each file
};

/// A sequence model trained to predict the data's actions, or TD3+BC (Fujimoto and Gu, arXiv
/// 2106.06860), the baseline that is none.
enum class Method { kSequence, kTd3Bc };

/// Defaults are those of CORL's TD3+BC.
struct Td3BcOptions {
  double alpha = 2.5;  // weight of the critic against cloning
  double discount = 0.99;
  double soft_update = 0.005;  // share of the target networks replaced a step
  double policy_noise = 0.2;   // [action units] added to target actions
  double noise_clip = 0.5;     // [action units]
  int64_t policy_every = 2;    // critic steps for one policy step
  int64_t batch = 256;         // [transitions]
  int64_t hidden = 256;        // units of two layers, policy and critics
  double learning_rate = 3e-4;
};

struct TrainOptions {
  Method method = Method::kSequence;
  Td3BcOptions td3_bc = {};
  std::string start_from;          // run or checkpoint whose policy is trained on, with its model,
                                   // tokens and normaliser; empty = a fresh one
  int64_t steps = 1000;            // optimiser steps
  int64_t tokens_per_step = 8192;  // at least one chain a step; more chains fit if shorter
  double learning_rate = 1e-4;     // AdamW, after warm-up
  int64_t warmup_steps = 100;      // linear from 0
  bool decay = true;               // cosine to 10 % of learning_rate at the last step
  double weight_decay = 1e-4;      // matrices only
  double clip_norm = 1.0;          // gradient norm above this is scaled down; 0 = never
  uint64_t seed = 0;               // weights, sampling, dropout
  std::string device = "auto";     // auto, cpu, cuda, cuda:1 ...
  std::string dtype = "float32";   // float32, bfloat16 (weights: float32) or float64
  int64_t log_every = 10;          // [steps] rows of metrics.csv
  int64_t checkpoint_every = 500;  // [steps]; the last step is always kept
  int64_t keep_checkpoints = 3;    // older ones are deleted
  int64_t max_bad_steps = 10;      // non-finite losses or gradients in a row before giving up
};

struct EvaluateOptions {
  std::string environment;       // id; empty = the one that the data file names
  int64_t episodes = 4;          // E in one context
  int64_t seeds = 16;            // S contexts side by side
  uint64_t seed = 1000;          // first of them
  std::optional<double> target;  // return asked for; unset = the best return in the data ("max")
  double target_step = 0;  // added to the target after an episode that reached it; share of the
                           // target's size
  ContextUse context = ContextUse::kAuto;
  LastContext last_context = LastContext::kAsPlayed;
  int64_t window = 0;  // [steps] of context kept; 0 = as trained: chain.window, or all
  WindowUse window_use = WindowUse::kCached;
  ActionChoice act = ActionChoice::kMean;
  int64_t action_repeat = 0;      // 0 = as in the data
  int64_t max_episode_steps = 0;  // [decisions]; 0 = as in the data, else the task's own limit
};

/// One run, whole: what config.yaml says. Sizes in `model` are filled in from the data.
struct RunOptions {
  DataOptions data;
  ChainOptions chain;
  ModelOptions model;
  std::optional<ActionHead>
      head;  // unset ("auto") = categorical for discrete actions, else squared error
  TrainOptions train;
  EvaluateOptions evaluate;
};

}  // namespace longplay
