// SPDX-License-Identifier: MIT
#include "model/attention/token_choice.h"

#include <ATen/Functions.h>

#include <cmath>

#include "model/tensors/counter_seed.h"

namespace longplay {

torch::Tensor GumbelNoise(int64_t batch, int64_t n, const ChoiceNoise& noise) {
  auto gumbel = at::empty({batch, n, 2}, torch::kFloat64);
  auto* to = gumbel.data_ptr<double>();
  for (int64_t b = 0; b < batch; ++b) {
    const uint64_t sequence = CounterSeed(noise.seed, static_cast<uint64_t>(b));
    for (int64_t t = 0; t < n; ++t) {
      const auto position = static_cast<uint64_t>(noise.first + t);
      for (uint64_t i = 0; i < 2; ++i) {
        // 52 bits and a half: never 0, never 1.
        const auto bits = static_cast<double>(CounterSeed(sequence, 2 * position + i) >> 12);
        *to++ = -std::log(-std::log((bits + 0.5) * 0x1p-52));
      }
    }
  }
  return gumbel;
}

torch::Tensor ChooseLarger(const torch::Tensor& scores) {
  return scores.select(2, 1) > scores.select(2, 0);
}

TokenChoice ChooseWithNoise(const torch::Tensor& scores, const ChoiceNoise& noise) {
  const auto noisy =
      scores + GumbelNoise(scores.size(0), scores.size(1), noise).to(scores.options());
  const auto chosen = ChooseLarger(noisy);
  const auto soft = at::softmax(noisy / noise.temperature, 2).select(2, 1);
  return {chosen, chosen.to(scores.scalar_type()) + (soft - soft.detach())};
}

}  // namespace longplay
