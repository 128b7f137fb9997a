// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <memory>

#include "model/tensors/keyed_noise.h"

namespace longplay {

struct StepSlice;  // model/ranks/sequence_slice.h

/// A chunk of N time steps of B chains, in the policy's units. Padding is on the right.
struct StepTensors {
  torch::Tensor returns;               // [B, N] float: target return still to come
  torch::Tensor observations;          // [B, N, O] float
  torch::Tensor previous_actions;      // [B, N, A] float
  torch::Tensor previous_rewards;      // [B, N] float
  torch::Tensor previous_completions;  // [B, N] float, 1 = the last step reached the target
  torch::Tensor episode_steps;         // [B, N] int64
  torch::Tensor episodes;              // [B, N] int64, position of the episode in its chain
  torch::Tensor segments = {};         // [B, N] int64: steps of different segments do not see each
                                       // other (chains packed in one row); undefined = one
  NoiseKey noise = {};  // of what is drawn while training: row i is chain first_chain + i, with
                        // segments segment s is chain first_chain + s
  // Where ranks share the chains: these are this rank's steps of longer ones, and segments stay
  // undefined (the slice has those of all). Null = all steps are here.
  std::shared_ptr<const StepSlice> slice = nullptr;
};

}  // namespace longplay
