// SPDX-License-Identifier: MIT
#include "model/tensors/keyed_noise.h"

#include <torch/csrc/autograd/custom_function.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <cmath>
#include <numbers>
#include <string>

#include "model/tensors/counter_seed.h"
#include "model/tensors/keyed_noise_loops.h"
#include "model/tensors/reference_keyed_noise.h"

namespace longplay {
namespace {

void CheckRows(const torch::Tensor& x, const torch::Tensor& keys) {
  TORCH_CHECK(keys.defined() && keys.scalar_type() == torch::kInt64 && x.dim() > 0 &&
                  keys.sizes() == x.sizes().slice(0, x.dim() - 1),
              "drawing noise: keys: expected one int64 for each row of ", x.sizes(), ", got ",
              keys.defined() ? c10::str(keys.sizes()) : std::string("none"));
}

class DropFunction : public torch::autograd::Function<DropFunction> {
 public:
  static torch::Tensor forward(torch::autograd::AutogradContext* context, const torch::Tensor& x,
                               const torch::Tensor& keys, double probability) {
    // The keys alone: backward draws the same mask again.
    context->saved_data["keys"] = keys;
    context->saved_data["probability"] = probability;
    return Drop(x, keys, probability);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& grads) {
    // y = mask x / (1 - p), so the gradient is dropped and scaled as x was.
    return {Drop(grads[0], context->saved_data["keys"].toTensor(),
                 context->saved_data["probability"].toDouble()),
            {},
            {}};
  }
};

}  // namespace

torch::Tensor KeysOfTokens(const NoiseKey& key, const torch::Tensor& chains,
                           const torch::Tensor& numbers) {
  // Nested: the run's seed, the step, the chain, the token.
  const uint64_t step = CounterSeed(key.seed, static_cast<uint64_t>(key.step));
  const auto of_step = at::full({}, static_cast<int64_t>(step), chains.options());
  return ReferenceCounterSeed(ReferenceCounterSeed(of_step, chains + key.first_chain), numbers);
}

torch::Tensor KeysAt(const torch::Tensor& keys, uint64_t place) {
  if (keys.device().is_cpu()) return KeysAtInLoops(keys.contiguous(), place);
  return ReferenceCounterSeed(keys, at::full({}, static_cast<int64_t>(place), keys.options()));
}

torch::Tensor Drop(const torch::Tensor& x, const torch::Tensor& keys, double probability) {
  CheckRows(x, keys);
  // Through the function above, which calls this one again with gradients off.
  if (at::GradMode::is_enabled() && x.requires_grad()) {
    return DropFunction::apply(x, keys, probability);
  }
  if (!x.device().is_cpu()) return ReferenceDrop(x, keys, probability);
  auto y = at::empty(x.sizes(), x.options());
  DropInLoops(x.contiguous(), keys.contiguous(), probability, y);
  return y;
}

void DropInPlace(torch::Tensor& x, const torch::Tensor& keys, double probability) {
  CheckRows(x, keys);
  const torch::NoGradGuard no_grad;
  if (x.device().is_cpu() && x.is_contiguous()) {
    DropInLoops(x, keys.contiguous(), probability, x);
  } else {
    x.copy_(Drop(x, keys, probability));
  }
}

torch::Tensor KeyedUniform(const torch::Tensor& keys, int64_t columns, torch::ScalarType type) {
  return keys.device().is_cpu() ? UniformInLoops(keys.contiguous(), columns, type)
                                : ReferenceUniform(keys, columns, type);
}

// Logarithms and cosines are taken one by one on the CPU: those of ATen's vectors may differ in the
// last bit with a number's place among the others.

torch::Tensor KeyedNormal(const torch::Tensor& keys, int64_t columns) {
  const auto uniform = KeyedUniform(keys.cpu(), 2 * columns, torch::kFloat64);
  auto sizes = keys.sizes().vec();
  sizes.push_back(columns);
  auto normal = at::empty(sizes, uniform.options());
  const auto* from = uniform.const_data_ptr<double>();
  auto* to = normal.data_ptr<double>();
  for (int64_t i = 0; i < normal.numel(); ++i, from += 2) {
    // Box-Muller: two uniform numbers make one normal number (that of the sine is not used).
    to[i] = std::sqrt(-2 * std::log(from[0])) * std::cos(2 * std::numbers::pi * from[1]);
  }
  return normal.to(keys.device());
}

torch::Tensor KeyedNormal(const NoiseKey& key, int64_t rows, int64_t columns) {
  return KeyedNormal(
      KeysOfTokens(key, at::arange(rows, torch::kInt64), at::zeros({}, torch::kInt64)), columns);
}

torch::Tensor KeyedGumbel(const torch::Tensor& keys, int64_t columns) {
  auto gumbel = KeyedUniform(keys.cpu(), columns, torch::kFloat64);
  auto* number = gumbel.data_ptr<double>();
  // The inverse of the distribution function exp(-exp(-x)).
  for (int64_t i = 0; i < gumbel.numel(); ++i) number[i] = -std::log(-std::log(number[i]));
  return gumbel.to(keys.device());
}

}  // namespace longplay
