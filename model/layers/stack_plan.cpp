// SPDX-License-Identifier: MIT
#include "model/layers/stack_plan.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>

namespace longplay {
namespace {

/// The mixers of the layers, names of stacks taken apart.
std::vector<MixerKind> LayerMixers(const ModelOptions& options) {
  const auto layers = static_cast<size_t>(options.layers);
  TORCH_CHECK(options.layer_mixers.empty() || options.layer_mixers.size() == layers,
              "building the layers: layer_mixers: expected one for each of ", options.layers,
              " layers, got ", options.layer_mixers.size());
  if (!options.layer_mixers.empty()) return options.layer_mixers;
  switch (options.mixer) {
    case MixerKind::kTaipan: {
      std::vector<MixerKind> kinds(layers, MixerKind::kMamba2);
      TORCH_CHECK(options.taipan.period > 0 && options.layers > options.taipan.period,
                  "building the layers: taipan: expected more layers than its period ",
                  options.taipan.period, ", got ", options.layers);
      // `period` Mamba-2 layers, one of selective attention, and so on.
      for (size_t i = options.taipan.period; i < layers; i += options.taipan.period + 1) {
        kinds[i] = MixerKind::kTaipan;
      }
      return kinds;
    }
    case MixerKind::kMasFormer:
    case MixerKind::kRecurrentMemory:
      return std::vector<MixerKind>(layers, MixerKind::kAttention);
    default:
      return std::vector<MixerKind>(layers, options.mixer);
  }
}

bool IsFull(const MasFormerOptions& options, int64_t layer, int64_t layers) {
  switch (options.placement) {
    case FullLayers::kBottom:
      return layer < options.full_layers;
    case FullLayers::kTop:
      return layer >= layers - options.full_layers;
    case FullLayers::kInterleaved:
      // Full layer i stands at floor(i * layers / full_layers).
      return (layer * options.full_layers + layers - 1) / layers <
             ((layer + 1) * options.full_layers + layers - 1) / layers;
  }
  return false;
}

/// [tokens] that each layer's attention sees; 0 = all.
std::vector<int64_t> LayerSpans(const ModelOptions& options) {
  TORCH_CHECK(options.layer_spans.empty() ||
                  static_cast<int64_t>(options.layer_spans.size()) == options.layers,
              "building the layers: layer_spans: expected one for each of ", options.layers,
              " layers, got ", options.layer_spans.size());
  // Named spans, else MASFormer's own, else attention's for all.
  if (!options.layer_spans.empty()) return options.layer_spans;
  std::vector<int64_t> spans(options.layers, options.attention.span);
  if (options.mixer == MixerKind::kMasFormer) {
    for (int64_t i = 0; i < options.layers; ++i) {
      spans[i] = IsFull(options.masformer, i, options.layers) ? 0 : options.masformer.span;
    }
  }
  return spans;
}

/// The layer's norms and second branch: what is asked for, else what the mixer's source has.
LayerPlan PlanLayer(const ModelOptions& options, MixerKind mixer) {
  const Surroundings own = SurroundingsOf(mixer);
  const bool automatic = options.feed_forward == FeedForwardKind::kAuto;
  return {.mixer = mixer,
          .norm = options.norm == NormKind::kAuto ? own.norm : options.norm,
          .feed_forward = automatic ? own.feed_forward : options.feed_forward,
          .has_channel_mixer = automatic && own.has_channel_mixer};
}

}  // namespace

StackPlan PlanStack(const ModelOptions& options) {
  TORCH_CHECK(options.layers > 0, "building the layers: layers: expected at least 1, got ",
              options.layers);
  const std::vector<MixerKind> mixers = LayerMixers(options);
  const std::vector<int64_t> spans = LayerSpans(options);
  StackPlan plan{
      .layers = {},
      .normalises_tokens = SurroundingsOf(mixers.front()).normalises_tokens,
      .has_memory = options.mixer == MixerKind::kRecurrentMemory && options.layer_mixers.empty(),
      .recomputes = options.mixer != MixerKind::kReferenceAttention,
      .attends_blockwise = std::ranges::all_of(
          mixers, [](MixerKind kind) { return kind == MixerKind::kAttention; })};
  TORCH_CHECK(!plan.has_memory || (options.attention.span == 0 && options.layer_spans.empty()),
              "building the layers: recurrent memory: expected no spans (a segment is seen whole)");
  for (size_t i = 0; i < mixers.size(); ++i) {
    LayerPlan layer = PlanLayer(options, mixers[i]);
    layer.place = {
        .layer = static_cast<int64_t>(i),
        .is_first = std::find(mixers.begin(), mixers.begin() + i, mixers[i]) == mixers.begin() + i};
    layer.span = spans[i];
    plan.layers.push_back(layer);
  }
  return plan;
}

}  // namespace longplay
