// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <vector>

#include "datasets/chains/step_rows.h"

namespace longplay {

/// What a batch holds beside a sequence model's inputs and the actions it is to predict.
struct BatchParts {
  bool taken_actions = false;  // what was done at each step
  bool outcomes = false;       // rewards, ends, next observations
};

/// Windows of chains in B rows of N steps: one each, padded on the right, or all in one row.
struct Batch {
  int64_t chains = 0;                 // B, the number of rows
  int64_t steps = 0;                  // N, of the longest row
  int64_t first_chain = 0;            // number of its first chain among those of the optimiser step
  StepRows rows;                      // inputs
  std::vector<float> target_actions;  // [B, N, A] what to predict, in the policy's units:
                                      // the set's labels, or what was done
  std::vector<uint8_t> valid;         // [B, N] 1 = a real step, 0 = padding
  std::vector<uint8_t> in_loss;       // [B, N] 1 = counts in the loss (implies valid)
  // [B, N] which chain a step is of: steps see none but their own. Empty when rows hold one chain.
  std::vector<int64_t> segments;

  // Empty where BatchParts does not ask for them; zeros in padding.
  std::vector<float> taken_actions;  // [B, N, A] in the policy's units
  std::vector<float> rewards;        // [B, N] in the data's units
  std::vector<float> ends;           // [B, N] 1 = the task ended the episode with this step
  // [B, N] 1 = the episode's last step, which the task did not end: a time limit, or the recording.
  std::vector<float> cuts;
  std::vector<float> next_observations;  // [B, N, O] normalised
  // [B, N] 0 = what followed was not recorded: the last step of an episode that a time limit cut
  // off. Where the task ended it, the observation itself stands there, which nothing depends on.
  std::vector<uint8_t> next_known;
};

}  // namespace longplay
