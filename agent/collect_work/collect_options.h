// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "agent/learners/q_table.h"
#include "agent/learners/soft_actor_critic.h"
#include "agent/runs/run_folder.h"

namespace longplay {

enum class CollectAlgorithm {
  kAuto,
  kSoftActorCritic,
  kSearch,
  kFilter,  // the Kalman filter of family/fog-v0
  kRandom,
  kQLearning,
  kOracle,  // these four learn nothing: agent/explorers/literature_anchors.h
  kStill,
  kTriangulation,
  kWaypoints  // on a grid, from one random cell to the next
};
enum class ExistingData { kRefuse, kReplace };

/// How a soft actor-critic is run, in the section `sac` of a file of these options.
struct CollectSacOptions {
  int64_t simulations = 4;         // of a learner, stepped together
  int64_t random_decisions = 600;  // of each learner, before it acts and learns
  // Slower to become good than with one update per decision, and twice as quick to collect. Of 60
  // episodes of cartpole swing-up (action repeat 8) 41 to 45 % stay below half of the best return,
  // with one update 32 to 34 %; both end near the best.
  double updates_per_decision = 0.5;
  int64_t batch = 128;       // transitions per update
  int64_t replay = 1000000;  // most transitions that are kept
  // 0: all that a learner does is recorded, in order of time. More: in its place, every so many of its
  // decisions, so many episodes of the policy as it is then.
  int64_t checkpoint_every = 0;
  int64_t checkpoint_episodes = 4;
  SoftActorCriticOptions learner = {};
};

struct CollectOptions {
  std::string environment;
  int64_t steps = 0;  // decisions to record, rounded up to whole episodes
  std::string out;    // Minari folder, or one .hdf5 file
  CollectAlgorithm algorithm = CollectAlgorithm::kAuto;  // search or filter where it can, else SAC
  int64_t learners = 1;  // SAC: independent runs side by side, one after another in the file
  int64_t action_repeat = 1;
  int64_t max_episode_steps = 0;     // [decisions]; 0 = the task's own limit
  int64_t episodes_per_history = 8;  // not SAC: in a row with one hidden parameter
  int64_t learning_steps = 200000;   // search for a velocity: decisions before, to learn running
  int64_t first_task = -1;  // SAC: learner k plays task first_task + k of a list; -1 = drawn ones
  ExistingData existing = ExistingData::kRefuse;  // what if there is a data set at `out`
  // kResume: goes on with what a call with the same options left unfinished, if there is any.
  // kFresh: refuses to lose it, but with ExistingData::kReplace.
  RunStart start = RunStart::kFresh;
  uint64_t seed = 0;
  // Not SAC: "oracle" records beside each step (infos/label) what a player would have done there
  // that is told what is hidden. "none" = nothing.
  std::string labels = "none";
  std::string config;  // the file that options came from; empty = none
  CollectSacOptions sac = {};
  QLearningOptions q_learning = {};
};

/// Names of the algorithms on the command line and in files, in the order of a help text.
const std::vector<std::pair<std::string, CollectAlgorithm>>& AlgorithmNames();
std::string AlgorithmName(CollectAlgorithm algorithm);

}  // namespace longplay
