// SPDX-License-Identifier: MIT
#include "model/layers/recomputation.h"

#include <torch/csrc/autograd/custom_function.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <utility>

#include "model/layers/layer_finish.h"
#include "model/mixing/layerwise_mixer.h"
#include "model/rows/kept_tensor.h"
#include "model/tensors/token_noise.h"

namespace longplay {
namespace {

/// What one chunk of a layer left for backward; empty fields are computed again.
struct KeptChunk {
  KeptTensor heads = {};          // [B, n, D]
  torch::Tensor statistics = {};  // of the mixer
  KeptTensor projected = {};      // [B, n, ..] by the mixer
  KeptTensor hidden = {};         // [B, n, hidden units] of the feed-forward
};

struct KeptLayer {
  KeptTensor x;                   // [B, T, D] the layer's input
  std::vector<KeptChunk> chunks;  // in the order of forward: from the last to the first
};

/// One forward pass: travels to its backward inside the autograd node.
struct RecomputedPass : torch::CustomClassHolder {
  std::vector<Layer> layers;
  RecomputationOptions options;
  TokenNoise noise;  // of dropout and of stochastic rounding
  std::vector<torch::Tensor> parameters;
  uint64_t versions = 0;   // of the parameters and the input, summed: grows with every change
  torch::Tensor input;     // [B, T, D] where it is kept itself, to see whether it changes
  torch::Tensor segments;  // [B, T] or undefined
  bool keeps = true;       // false: no backward will come
  std::vector<KeptLayer> kept;

  LayerPass Of(size_t layer, CastParameters& parameters) const {
    return {.rows_at_once = options.rows_at_once,
            .keys_at_once = options.keys_at_once,
            .dropout = options.dropout,
            .attention_dropout = options.attention_dropout,
            .noise = noise.OfLayer(options.first_layer + static_cast<int64_t>(layer)),
            .segments = segments,
            .keeps_projections = keeps && options.keep == Keep::kEverything,
            .parameters = parameters};
  }
};

/// What was kept is worth nothing behind an optimiser's step: the sum tells that there was one.
uint64_t Versions(const RecomputedPass& pass) {
  uint64_t sum = pass.input.defined() ? pass.input._version() : 0;
  for (const auto& parameter : pass.parameters) sum += parameter._version();
  return sum;
}

std::vector<Range> Chunks(const RecomputedPass& pass, int64_t T) {
  // What a rank holds of a shared sequence is one chunk.
  const bool whole = pass.options.tokens_at_once == 0 || pass.options.slice.has_value();
  const int64_t step = whole ? T : pass.options.tokens_at_once;
  std::vector<Range> chunks;
  for (int64_t i = 0; i < T; i += step) chunks.push_back({i, std::min(T, i + step)});
  return chunks;
}

Mixed MixChunk(const RecomputedPass& pass, Layer& layer, const MixerInput& input, Range tokens) {
  LayerwiseMixer& mixer = *layer->mixer->layerwise();
  return pass.options.slice ? mixer.MixOverRanks(input, *pass.options.slice)
                            : mixer.Mix(input, tokens);
}

torch::Tensor Part(const torch::Tensor& x, Range tokens) {
  return x.narrow(1, tokens.first, tokens.size());
}

torch::Tensor Rows(const torch::Tensor& x) { return x.reshape({-1, x.size(-1)}); }

/// `noise` of x's tokens in the layer.
KeptTensor KeepFor(const RecomputedPass& pass, const torch::Tensor& x, const TokenNoise& noise,
                   NoiseUse use) {
  const bool rounds = pass.options.kept.type == KeptType::kInt8;
  return {x, pass.options.kept, rounds ? noise.KeysOf(use) : torch::Tensor()};
}

KeptChunk KeepChunk(const RecomputedPass& pass, const Mixed& mixed, const torch::Tensor& hidden,
                    const TokenNoise& noise) {
  if (pass.options.keep == Keep::kLayerInputs) return {};
  // Each tensor rounds by keys of its own; statistics are small and exact.
  const auto keep = [&](const torch::Tensor& x, NoiseUse use) {
    return x.defined() ? KeepFor(pass, x, noise, use) : KeptTensor();
  };
  return {keep(mixed.heads, NoiseUse::kKeptHeads), mixed.statistics,
          keep(mixed.projected, NoiseUse::kKeptProjections), keep(hidden, NoiseUse::kKeptHidden)};
}

/// x [B, T, D] → the layer's output, in x's own memory where `may_overwrite` and x does not wait
/// for backward itself.
torch::Tensor ForwardLayer(RecomputedPass& pass, size_t i, const torch::Tensor& x,
                           bool may_overwrite) {
  Layer& layer = pass.layers[i];
  CastParameters parameters(x.scalar_type());
  const LayerPass layer_pass = pass.Of(i, parameters);
  // Before the chunks: they may overwrite x, and what is kept must be its values now.
  KeptLayer kept;
  if (pass.keeps) kept.x = KeepFor(pass, x, layer_pass.noise, NoiseUse::kKeptInput);
  // x's memory is the output's where the caller allows it and no backward needs x itself.
  const bool overwrites = may_overwrite && !(pass.keeps && kept.x.Holds(x));
  auto out = overwrites ? x : torch::empty_like(x);
  // Forward reads x as it is; backward reads what was kept of it, which may be rounded.
  const KeptTensor exact(x, {});
  const MixerInput input{exact, layer->mixer_norm, layer_pass};
  const std::vector<Range> chunks = Chunks(pass, x.size(1));
  // From the last chunk: it reads tokens before it, which must still be the layer's input.
  for (size_t s = chunks.size(); s-- > 0;) {
    const Range tokens = chunks[s];
    const TokenNoise noise = layer_pass.noise.Of(tokens);
    const Mixed mixed = MixChunk(pass, layer, input, tokens);
    FinishRows rows{Rows(Part(x, tokens)), Rows(mixed.heads), noise};
    // Finish writes the hidden units here, for KeepChunk below.
    if (pass.keeps && pass.options.keep == Keep::kEverything) {
      rows.hidden = torch::empty(
          {rows.x.size(0), layer->feed_forward->expand->options.out_features()}, x.options());
    }
    OnRows(Part(out, tokens), [&](torch::Tensor& part) { Finish(*layer, rows, layer_pass, part); });
    if (!pass.keeps) continue;
    const auto hidden =
        rows.hidden.defined() ? rows.hidden.view({x.size(0), tokens.size(), -1}) : torch::Tensor();
    kept.chunks.push_back(KeepChunk(pass, mixed, hidden, noise));
  }
  if (pass.keeps) pass.kept.push_back(std::move(kept));
  return out;
}

/// `grad` [B, T, D] in: gradient of the layer's output; afterwards: that of its input.
void BackwardLayer(RecomputedPass& pass, size_t i, torch::Tensor& grad,
                   ParameterGradients& gradients) {
  Layer& layer = pass.layers[i];
  // Copies of this layer's parameters in the type of the pass, gone with it.
  CastParameters parameters(grad.scalar_type());
  const LayerPass layer_pass = pass.Of(i, parameters);
  KeptLayer& kept = pass.kept[i];
  const MixerInput input{kept.x, layer->mixer_norm, layer_pass};
  const auto restored = [](const KeptTensor& x) {
    return x.defined() ? x.Restore() : torch::Tensor();
  };
  for (const Range tokens : Chunks(pass, grad.size(1))) {
    // Forward ended with the sequence's first chunk, so it is at the back; freed behind this turn.
    const KeptChunk own = std::exchange(kept.chunks.back(), {});
    kept.chunks.pop_back();
    // Step 1: the mixer's output, kept or again, and the rows as Finish had them.
    const Mixed mixed = own.heads.defined()
                            ? Mixed{own.heads.Restore(), own.statistics, restored(own.projected)}
                            : MixChunk(pass, layer, input, tokens);
    FinishRows rows{Rows(kept.x.Restore(tokens)), Rows(mixed.heads), layer_pass.noise.Of(tokens)};
    if (own.hidden.defined()) rows.hidden = Rows(own.hidden.Restore());
    // Step 2: back through the rows. This chunk's `grad` becomes that of x on the residual way.
    torch::Tensor grad_heads;
    OnRows(Part(grad, tokens), [&](torch::Tensor& part) {
      grad_heads = FinishBackward(*layer, rows, layer_pass, part, gradients);
    });
    // Step 3: back through the mixer, which adds to `grad` of this chunk's tokens and of those
    // before it, whose own turn is over.
    LayerwiseMixer& mixer = *layer->mixer->layerwise();
    const auto by_token = grad_heads.view(mixed.heads.sizes());
    if (pass.options.slice) {
      mixer.MixOverRanksBackward(input, *pass.options.slice, mixed, by_token, grad, gradients);
    } else {
      mixer.MixBackward(input, tokens, mixed, by_token, grad, gradients);
    }
  }
}

class RecomputedLayers : public torch::autograd::Function<RecomputedLayers> {
 public:
  static torch::Tensor forward(torch::autograd::AutogradContext* context, const torch::Tensor& x,
                               at::TensorList /*parameters*/,
                               c10::intrusive_ptr<RecomputedPass> pass) {
    auto y = x;
    for (size_t i = 0; i < pass->layers.size(); ++i) {
      y = ForwardLayer(*pass, i, y, /*may_overwrite=*/i > 0);
    }
    // The caller's x may change in between: the sum of versions would tell.
    if (pass->kept[0].x.Holds(x)) pass->input = x;
    pass->versions = Versions(*pass);
    context->saved_data["pass"] = torch::IValue::make_capsule(std::move(pass));
    return y;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list& grads) {
    TORCH_CHECK(!at::GradMode::is_enabled(),
                "backward through recomputed layers: expected first "
                "derivatives, got create_graph = true (the layers' own forward() has second ones)");
    auto pass =
        c10::static_intrusive_pointer_cast<RecomputedPass>(context->saved_data["pass"].toCapsule());
    TORCH_CHECK(pass->kept.size() == pass->layers.size(),
                "backward through recomputed layers: expected the first backward of this forward, "
                "got another");
    TORCH_CHECK(pass->versions == Versions(*pass),
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
                            const torch::Tensor& segments, const TokenNoise& noise,
                            const RecomputationOptions& options) {
  auto pass = c10::make_intrusive<RecomputedPass>();
  pass->layers = layers;
  pass->options = options;
  pass->segments = segments;
  pass->noise = noise;
  const auto input = x.contiguous();
  if (!at::GradMode::is_enabled()) {
    pass->keeps = false;
    auto y = input;
    for (size_t i = 0; i < layers.size(); ++i) y = ForwardLayer(*pass, i, y, i > 0);
    return y;
  }
  // Arguments only so that the node passes gradients to them.
  for (auto& layer : layers) {
    for (auto& parameter : layer->parameters()) pass->parameters.push_back(parameter);
  }
  return RecomputedLayers::apply(input, at::TensorList(pass->parameters), pass);
}

}  // namespace longplay
