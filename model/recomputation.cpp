// SPDX-License-Identifier: MIT
#include "model/recomputation.h"

#include <torch/csrc/autograd/custom_function.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <utility>

#include "model/layer_finish.h"

namespace longplay {
namespace {

/// What one layer left for backward.
struct KeptLayer {
  torch::Tensor x;   // [B, T, D] the layer's input
  Mixed mixed = {};  // empty when only inputs are kept
};

/// One forward pass: travels to its backward inside the autograd node.
struct Pass : torch::CustomClassHolder {
  std::vector<Layer> layers;
  RecomputationOptions options;
  uint64_t seed = 0;  // of the dropout masks
  std::vector<torch::Tensor> parameters;
  uint64_t versions = 0;  // of the parameters and the input, summed: grows with every change
  std::vector<KeptLayer> kept;

  ChunkDropout Dropout(size_t layer) const {
    // Seeds of layers lie 2^40 apart: chunks and branches count upwards within.
    return {options.dropout, seed + (static_cast<uint64_t>(layer) << 40)};
  }

  MixerInput Input(size_t layer, const torch::Tensor& x) {
    return {x, layers[layer]->mixer_norm, options.rows_at_once};
  }
};

uint64_t Versions(const Pass& pass, const torch::Tensor& x) {
  uint64_t sum = x._version();
  for (const auto& parameter : pass.parameters) sum += parameter._version();
  return sum;
}

torch::Tensor Rows(const torch::Tensor& x) { return x.reshape({-1, x.size(-1)}); }

torch::Tensor ForwardLayer(Pass& pass, size_t i, const torch::Tensor& x, bool keeps) {
  Layer& layer = pass.layers[i];
  Mixed mixed = layer->mixer->Mix(pass.Input(i, x));
  auto out = Finish(*layer, Rows(x), Rows(mixed.heads), pass.options.rows_at_once, pass.Dropout(i));
  if (keeps) {
    const bool keeps_mixed = pass.options.keep == Keep::kLayerInputsAndAttention;
    pass.kept.push_back({x, keeps_mixed ? std::move(mixed) : Mixed{}});
  }
  return out.view(x.sizes());
}

/// `grad` [B, T, D] in: gradient of the layer's output; afterwards: that of its input.
void BackwardLayer(Pass& pass, size_t i, torch::Tensor& grad, ParameterGradients& gradients) {
  Layer& layer = pass.layers[i];
  const KeptLayer kept = std::exchange(pass.kept[i], {});
  const MixerInput input = pass.Input(i, kept.x);
  const Mixed mixed = kept.mixed.heads.defined() ? kept.mixed : layer->mixer->Mix(input);
  auto grad_rows = Rows(grad);
  const auto grad_heads =
      FinishBackward(*layer, Rows(kept.x), Rows(mixed.heads), pass.options.rows_at_once,
                     pass.Dropout(i), grad_rows, gradients);
  layer->mixer->MixBackward(input, mixed, grad_heads.view(grad.sizes()), grad, gradients);
}

class RecomputedLayers : public torch::autograd::Function<RecomputedLayers> {
 public:
  static torch::Tensor forward(torch::autograd::AutogradContext* context, const torch::Tensor& x,
                               at::TensorList /*parameters*/, c10::intrusive_ptr<Pass> pass) {
    pass->versions = Versions(*pass, x);
    auto y = x;
    for (size_t i = 0; i < pass->layers.size(); ++i) y = ForwardLayer(*pass, i, y, /*keeps=*/true);
    context->saved_data["pass"] = torch::IValue::make_capsule(std::move(pass));
    return y;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list& grads) {
    TORCH_CHECK(!at::GradMode::is_enabled(),
                "backward through recomputed layers: expected first "
                "derivatives, got create_graph = true (use keep = everything)");
    auto pass = c10::static_intrusive_pointer_cast<Pass>(context->saved_data["pass"].toCapsule());
    TORCH_CHECK(pass->kept.size() == pass->layers.size(),
                "backward through recomputed layers: expected the first backward of this forward, "
                "got another (use keep = everything)");
    TORCH_CHECK(pass->versions == Versions(*pass, pass->kept[0].x),
                "backward through recomputed layers: expected parameters and input as they were in "
                "forward, got changed ones");
    ParameterGradients gradients(pass->parameters);
    auto grad = grads[0].contiguous();
    // The engine's own tensor is overwritten only if nobody else can see it.
    grads[0].reset();
    if (grad.use_count() > 1 || grad.storage().use_count() > 1) grad = grad.clone();
    for (size_t i = pass->layers.size(); i-- > 0;) {
      BackwardLayer(*pass, i, grad, gradients);
      pass->kept.pop_back();
    }
    torch::autograd::variable_list result{grad};
    for (auto& sum : gradients.take()) result.push_back(std::move(sum));
    result.emplace_back();  // the pass
    return result;
  }
};

}  // namespace

torch::Tensor RunRecomputed(std::vector<Layer>& layers, const torch::Tensor& x,
                            const RecomputationOptions& options) {
  auto pass = c10::make_intrusive<Pass>();
  pass->layers = layers;
  pass->options = options;
  if (options.dropout > 0) {
    pass->seed = torch::randint(int64_t{1} << 60, {}, torch::kInt64).item<int64_t>();
  }
  const auto input = x.contiguous();
  if (!at::GradMode::is_enabled()) {
    auto y = input;
    for (size_t i = 0; i < layers.size(); ++i) y = ForwardLayer(*pass, i, y, /*keeps=*/false);
    return y;
  }
  for (auto& layer : layers) {
    for (auto& parameter : layer->parameters()) pass->parameters.push_back(parameter);
  }
  return RecomputedLayers::apply(input, at::TensorList(pass->parameters), pass);
}

}  // namespace longplay
