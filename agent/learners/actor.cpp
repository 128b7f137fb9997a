// SPDX-License-Identifier: MIT
#include "agent/learners/actor.h"

namespace longplay {

StackedMlp MakeActor(int64_t observation_size, int64_t action_size, int64_t hidden,
                     const at::Generator& generator, const torch::TensorOptions& options) {
  return {1, {observation_size, hidden, hidden, action_size}, generator, options};
}

torch::Tensor ActorActions(const StackedMlp& actor, const torch::Tensor& observations,
                           StackedMlp::Weights weights) {
  return actor.Forward(observations, weights)[0].tanh();
}

}  // namespace longplay
