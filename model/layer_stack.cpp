// SPDX-License-Identifier: MIT
#include "model/layer_stack.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <cmath>
#include <string>

#include "model/recomputation.h"

namespace longplay {
namespace {

/// Residual branches add up: their last maps start smaller with depth, as in GPT-2.
void ScaleResidualProjections(torch::nn::Module& layer, double factor) {
  const torch::NoGradGuard no_grad;
  for (auto& [name, parameter] : layer.named_parameters().pairs()) {
    if (name == "mixer.projection.weight" || name == "feed_forward.contract.weight") {
      parameter.mul_(factor);
    }
  }
}

}  // namespace

LayerStackImpl::LayerStackImpl(const ModelOptions& options) : options_(options) {
  TORCH_CHECK(options.layers > 0, "building the layers: layers: expected at least 1, got ",
              options.layers);
  TORCH_CHECK(options.layer_spans.empty() ||
                  static_cast<int64_t>(options.layer_spans.size()) == options.layers,
              "building the layers: layer_spans: expected one for each of ", options.layers,
              " layers, got ", options.layer_spans.size());
  for (int64_t i = 0; i < options.layers; ++i) {
    ModelOptions own = options;
    if (!options.layer_spans.empty()) own.attention.span = options.layer_spans[i];
    layers_.push_back(register_module(std::to_string(i), Layer(own)));
    ScaleResidualProjections(*layers_.back(), 1 / std::sqrt(2.0 * options.layers));
  }
}

torch::Tensor LayerStackImpl::forward(const torch::Tensor& x, const torch::Tensor& segments) {
  if (options_.mixer != MixerKind::kReferenceAttention) {
    return RunRecomputed(layers_, x, segments,
                         {.keep = options_.keep,
                          .kept = options_.kept,
                          .tokens_at_once = options_.tokens_at_once,
                          .rows_at_once = options_.attention.query_block,
                          .keys_at_once = options_.attention.key_block,
                          .dropout = is_training() ? options_.dropout : 0,
                          .attention_dropout = is_training() ? options_.attention.dropout : 0});
  }
  auto y = x;
  for (auto& layer : layers_) y = layer->forward(y, nullptr, segments);
  return y;
}

torch::Tensor LayerStackImpl::Continue(const torch::Tensor& x,
                                       const std::vector<std::unique_ptr<MixerState>>& states) {
  const torch::NoGradGuard no_grad;
  TORCH_CHECK(states.size() == layers_.size(), "continuing a context: states: expected ",
              layers_.size(), ", got ", states.size());
  auto y = x;
  for (size_t i = 0; i < layers_.size(); ++i) y = layers_[i]->forward(y, states[i].get());
  return y;
}

std::vector<std::unique_ptr<MixerState>> LayerStackImpl::MakeStates(int64_t batch,
                                                                    int64_t capacity) const {
  std::vector<std::unique_ptr<MixerState>> states;
  for (const auto& layer : layers_) states.push_back(layer->mixer->MakeState(batch, capacity));
  return states;
}

}  // namespace longplay
