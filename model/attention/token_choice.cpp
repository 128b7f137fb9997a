// SPDX-License-Identifier: MIT
#include "model/attention/token_choice.h"

#include <ATen/Functions.h>

#include "model/tensors/keyed_noise.h"

namespace longplay {

torch::Tensor ChooseLarger(const torch::Tensor& scores) {
  return scores.select(2, 1) > scores.select(2, 0);
}

TokenChoice ChooseWithNoise(const torch::Tensor& scores, const torch::Tensor& keys,
                            double temperature) {
  // The larger noisy score is a draw from softmax(scores).
  const auto noisy = scores + KeyedGumbel(keys, 2).to(scores.scalar_type());
  const auto chosen = ChooseLarger(noisy);
  // Straight-through: the value of the hard choice, the gradient of the soft one.
  const auto soft = at::softmax(noisy / temperature, 2).select(2, 1);
  return {chosen, chosen.to(scores.scalar_type()) + (soft - soft.detach())};
}

}  // namespace longplay
