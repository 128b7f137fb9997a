// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include "agent/config/implicit_q_options.h"

namespace longplay {

// What implicit Q-learning computes from values, element by element, whatever network they are of.
// Source: arXiv 2110.06169, equations 5 to 7. An advantage is min_k target_k(s, a) - V(s).

/// |expectile - 1(u < 0)| u^2 of the advantages u.
torch::Tensor ExpectileLoss(const torch::Tensor& advantages, double expectile);

/// min(exp(beta * advantage), most_weight), without gradient.
torch::Tensor AdvantageWeights(const torch::Tensor& advantages, const ImplicitQOptions& options);

/// r * reward_scale + discount * (1 - end) * V(s'), without gradient; V(s') may be anything where
/// `ends` is 1.
torch::Tensor ImplicitQTargets(const torch::Tensor& rewards, const torch::Tensor& ends,
                               const torch::Tensor& next_values, const ImplicitQOptions& options);

}  // namespace longplay
