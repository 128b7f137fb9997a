// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <vector>

#include "datasets/chains/step_encoder.h"
#include "model/policy/policy_network.h"

namespace longplay {

/// Contexts of the last W episodes, the running one included, for every mixer: when another one
/// begins, the oldest is forgotten and the rest is read in again, as the beginning of a chain. So a
/// policy that was trained on chains of W episodes sees what it was trained on, however many it
/// plays. Costs one pass over W - 1 episodes for each episode; chains act one after the other.
class EpisodeWindow {
 public:
  EpisodeWindow(PolicyNetwork network, int64_t chains, int64_t episodes);

  /// Chain i begins an episode. True when an episode was forgotten for it, so that it is number
  /// W - 1 of its chain again.
  bool StartEpisode(int64_t i, const torch::TensorOptions& options);

  /// Row k of `rows` is the next step of chain chains[k] → outputs [b, P], features
  /// [b, D].
  Prediction Step(const StepRows& rows, const std::vector<int64_t>& chains,
                  const torch::TensorOptions& options);

  int64_t bytes() const;  // of the contexts

 private:
  struct Chain {
    StepRows rows;                 // of the episodes in context
    std::vector<int64_t> lengths;  // [steps] of each, the last one runs
    ContextState context;
  };

  PolicyNetwork network_;
  int64_t episodes_;  // W
  std::vector<Chain> chains_;
};

}  // namespace longplay
