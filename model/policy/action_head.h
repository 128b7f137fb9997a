// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include "model/options.h"

namespace longplay {

/// kBestOf: the one of several samples that the policy's own value heads prefer
/// (agent/acting/sequence_policy.h); each of them is drawn as kSample draws.
enum class ActionChoice { kMean, kSample, kBestOf };

/// A loss that adds up over batches: divide once, at the end.
struct LossSums {
  torch::Tensor sum;    // scalar float, differentiable
  torch::Tensor count;  // scalar float: time steps in the loss (not elements, not padding)
  torch::Tensor mean() const { return sum / count.clamp_min(1); }
};

/// Loss of the head's output against the actions taken, summed over the time steps in the loss.
///   output  [B, N, P] as PolicyNetwork gives it
///   actions [B, N, A] float in the policy's units (categorical: one-hot)
///   in_loss [B, N] bool, true = counts
///   weights [B, N] of each time step, without gradient; undefined = 1
/// Squared error: mean over A of (tanh(output) - action)^2. Gaussian: negative log-likelihood
/// divided by A, log std clamped to [-5, 2]. Categorical: cross-entropy.
LossSums ActionLoss(ActionHead head, const torch::Tensor& output, const torch::Tensor& actions,
                    const torch::Tensor& in_loss, const torch::Tensor& weights = {});

/// [B, A] actions in the policy's units (in [-1, 1], or one-hot) from the head's output [B, P].
/// kSample draws from the Gaussian or the categories; squared error has nothing to draw.
///   keys  [B] int64, of each row's noise (model/tensors/keyed_noise.h); read where it is drawn
torch::Tensor ChooseAction(ActionHead head, const torch::Tensor& output, ActionChoice choice,
                           const torch::Tensor& keys = {});

}  // namespace longplay
