// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agent/config/context_use.h"
#include "agent/config/methods.h"
#include "datasets/chains/chain.h"
#include "model/options.h"
#include "model/policy/action_head.h"

namespace longplay {

struct DataOptions {
  std::vector<std::string> files;  // of any readable format, all of the same sizes
  StepPlace place = StepPlace::kAuto;
  int64_t memory_budget = 4096;  // [MiB] of steps in memory, above which they are mapped
  std::string cache;             // folder of packs; empty = beside each file
  std::string labels;            // array beside the steps: what to predict; empty = what was done
  double validation = 0;  // share of the episodes (with chain.source history: of the histories)
                          // that is kept out of training, to be measured on
};

struct TrainOptions {
  Method method = Method::kSequence;
  std::string start_from;          // run or checkpoint whose policy is trained on, with its model,
                                   // tokens and normaliser; empty = a fresh one
  int64_t steps = 1000;            // optimiser steps
  int64_t tokens_per_step = 8192;  // at least one chain a step; more chains fit if shorter
  int64_t tokens_per_pass = 0;     // a step's chains go through the network in passes of so many,
                                   // at least one chain each: less memory; 0 = all in one pass
  double learning_rate = 1e-4;     // AdamW, after warm-up
  int64_t warmup_steps = 100;      // linear from 0
  bool decay = true;               // cosine to 10 % of learning_rate at the last step
  double weight_decay = 1e-4;      // matrices only
  double average = 0;              // the policy is a moving average of the weights that keeps this
                                   // share a step (0.999, say); 0 = the weights themselves
  double clip_norm = 1.0;          // gradient norm above this is scaled down; 0 = never
  uint64_t seed = 0;               // weights, chains drawn, noise
  int64_t threads = 0;            // that share a step's chains, of all ranks together; 0 = all that
                                  // ATen may use
  int64_t memory = 0;             // [MiB] that the process may take, which model.keep: auto keeps
                                  // to; 0 = half of the machine's
  std::string device = "auto";    // auto, cpu, cuda, cuda:1 ...
  std::string dtype = "float32";  // float32, bfloat16 (weights: float32) or float64
  int64_t log_every = 10;         // [steps] rows of metrics.csv
  int64_t checkpoint_every = 500;  // [steps]; the last step is always kept
  double checkpoint_minutes = 10;  // [min] of training without a checkpoint before one is made; 0 =
                                   // by steps alone
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
  int64_t window = 0;           // [steps] of context kept; 0 = as trained: chain.window, or all
  int64_t window_episodes = 0;  // episodes kept in context, the running one included; 0 = all
  WindowUse window_use = WindowUse::kCached;
  ActionChoice act = ActionChoice::kMean;
  int64_t best_of = 16;           // samples from which ActionChoice::kBestOf takes the best
  double temperature = 0;         // [return] ... or draws one, likelier the higher its value
  int64_t draw_every = 1;         // [decisions] that the random numbers behind an action last
  int64_t action_repeat = 0;      // 0 = as in the data
  int64_t max_episode_steps = 0;  // [decisions]; 0 = as in the data, else the task's own limit
  int64_t every = 0;        // [optimiser steps] between short evaluations while training; 0 = none
  int64_t every_seeds = 4;  // contexts of these
};

/// Training as one rank of several (agent/ranks). Who the others are is the launcher's to say.
struct ParallelOptions {
  int64_t context = 1;         // ranks that share one sequence, neighbours; a divisor of all ranks,
                               // and the groups share the chains of a step
  double start_timeout = 120;  // [s] within which every rank must have come
  double timeout = 20;         // [s] without a sign of life after which a rank counts as lost
};

/// One run, whole: what config.yaml says. Sizes in `model` are filled in from the data.
struct RunOptions {
  DataOptions data;
  ChainOptions chain;
  ModelOptions model;
  std::optional<ActionHead>
      head;  // unset ("auto") = categorical for discrete actions, else squared error
  TrainOptions train;
  MethodOptions methods;
  ParallelOptions parallel;
  EvaluateOptions evaluate;
};

}  // namespace longplay
