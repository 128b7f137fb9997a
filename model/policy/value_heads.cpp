// SPDX-License-Identifier: MIT
#include "model/policy/value_heads.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <string>

namespace longplay {
namespace {

/// x [.., in] → [..].
torch::Tensor RunValueLayers(std::array<torch::nn::Linear, 3>& layers, const torch::Tensor& x) {
  const auto first = torch::relu(layers[0]->forward(x));
  const auto second = torch::relu(layers[1]->forward(first));
  return layers[2]->forward(second).squeeze(-1);
}

}  // namespace

ValueHeadsImpl::ValueHeadsImpl(int64_t width, int64_t action_size, int64_t hidden)
    : state_(MakeLayers("state", width, hidden)),
      first_(MakeLayers("first", width + action_size, hidden)),
      second_(MakeLayers("second", width + action_size, hidden)) {}

ValueHeadsImpl::Layers ValueHeadsImpl::MakeLayers(const std::string& name, int64_t inputs,
                                                  int64_t hidden) {
  // One after the other: a seed stands for draws in this order.
  const auto layer = [&](const char* number, int64_t from, int64_t to) {
    return register_module(name + number, torch::nn::Linear(from, to));
  };
  auto first = layer("_0", inputs, hidden);
  auto second = layer("_1", hidden, hidden);
  auto third = layer("_2", hidden, 1);
  return {first, second, third};
}

torch::Tensor ValueHeadsImpl::StateValues(const torch::Tensor& features) {
  return RunValueLayers(state_, features);
}

torch::Tensor ValueHeadsImpl::ActionValues(const torch::Tensor& features,
                                           const torch::Tensor& actions) {
  const auto x = torch::cat({features, actions}, -1);
  return torch::stack({RunValueLayers(first_, x), RunValueLayers(second_, x)});
}

}  // namespace longplay
