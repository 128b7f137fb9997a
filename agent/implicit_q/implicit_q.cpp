// SPDX-License-Identifier: MIT
#include "agent/implicit_q/implicit_q.h"

namespace longplay {

torch::Tensor ExpectileLoss(const torch::Tensor& advantages, double expectile) {
  // In the type of the advantages: a choice between two C++ numbers would be one in float32.
  const torch::Tensor below = (advantages.detach() < 0).to(advantages.scalar_type());
  return (expectile - below).abs() * advantages.square();
}

torch::Tensor AdvantageWeights(const torch::Tensor& advantages, const ImplicitQOptions& options) {
  return (options.beta * advantages.detach()).exp().clamp_max(options.most_weight);
}

torch::Tensor ImplicitQTargets(const torch::Tensor& rewards, const torch::Tensor& ends,
                               const torch::Tensor& next_values, const ImplicitQOptions& options) {
  const torch::Tensor beyond = (1 - ends) * next_values.detach();
  return options.reward_scale * rewards + options.discount * beyond;
}

}  // namespace longplay
