// SPDX-License-Identifier: MIT
#include "runtime/files/layer_facts.h"

#include <algorithm>

namespace longplay::runtime {
namespace {

constexpr int64_t kManyTokens = int64_t{1} << 40;

/// The mixers of the layers, names of stacks taken apart.
std::vector<std::string> MixerNames(const FactsReader& model, size_t layers) {
  std::vector<std::string> names = model.Texts("mixer");
  if (names.size() != 1) {
    if (names.size() != layers) model.Wrong("mixer", "one, or one for each layer");
    return names;
  }
  const std::string name = names.front();
  if (name == "masformer" || name == "recurrent_memory") {
    return std::vector<std::string>(layers, "attention");
  }
  names.assign(layers, name == "taipan" ? "mamba2" : name);
  if (name == "taipan") {
    // `period` Mamba-2 layers, one of selective attention, and so on.
    const auto period = static_cast<size_t>(model.Whole("taipan_period", 1, 1000));
    for (size_t i = period; i < layers; i += period + 1) names[i] = "taipan";
  }
  return names;
}

ActingMixerKind MixerOf(const FactsReader& model, const std::string& name) {
  if (name == "attention" || name == "reference_attention") return ActingMixerKind::kAttention;
  if (name == "mamba") return ActingMixerKind::kMamba;
  if (name == "mamba2") return ActingMixerKind::kMamba2;
  if (name == "taipan") return ActingMixerKind::kSelective;
  if (name == "memsizer") return ActingMixerKind::kMemSizer;
  if (name == "rwkv") {
    const int64_t version = model.Whole("rwkv_version", 4, 7);
    if (version == 4) return ActingMixerKind::kRwkv4;
    if (version == 7) return ActingMixerKind::kRwkv7;
    model.NotSupported("rwkv_version", "4 or 7");
  }
  model.NotSupported("mixer",
                     "attention, mamba, mamba2, taipan, masformer, rwkv, "
                     "recurrent_memory or memsizer, got " +
                         name);
}

bool IsMamba(ActingMixerKind mixer) {
  return mixer == ActingMixerKind::kMamba || mixer == ActingMixerKind::kMamba2;
}
bool IsRwkv(ActingMixerKind mixer) {
  return mixer == ActingMixerKind::kRwkv4 || mixer == ActingMixerKind::kRwkv7;
}

/// The norms and the second branch: what is asked for, else what the mixer's source has.
void ReadSurroundings(const FactsReader& model, LayerFacts& layer) {
  const bool taipan = layer.mixer == ActingMixerKind::kSelective;
  const size_t norm = model.Choice("norm", {"auto", "layer", "root_mean_square"});
  layer.layer_norm = norm == 0 ? !taipan && !IsMamba(layer.mixer) : norm == 1;
  constexpr ActingBranch kBranches[] = {ActingBranch::kNone, ActingBranch::kGelu,
                                        ActingBranch::kGeluTanh, ActingBranch::kRelu,
                                        ActingBranch::kSwiGlu};
  const size_t branch =
      model.Choice("feed_forward", {"none", "gelu", "gelu_tanh", "relu", "swiglu", "auto"});
  if (branch < 5) {
    layer.branch = kBranches[branch];
  } else if (IsMamba(layer.mixer)) {
    layer.branch = ActingBranch::kNone;
  } else if (IsRwkv(layer.mixer)) {
    layer.branch = ActingBranch::kChannelMix;
  } else {
    layer.branch = taipan ? ActingBranch::kSwiGlu : ActingBranch::kGelu;
  }
}

/// Whether MASFormer's layer sees all tokens.
bool IsFullLayer(const FactsReader& model, int64_t layer, int64_t layers) {
  const int64_t full = model.Whole("masformer_full_layers", 0, 1000);
  switch (model.Choice("masformer_placement", {"bottom", "top", "interleaved"})) {
    case 0:
      return layer < full;
    case 1:
      return layer >= layers - full;
    default:
      // Full layer i stands at floor(i * layers / full).
      return (layer * full + layers - 1) / layers < ((layer + 1) * full + layers - 1) / layers;
  }
}

void ReadSpans(const FactsReader& model, const std::string& name, PolicyFacts& facts) {
  const auto layers = static_cast<int64_t>(facts.layers.size());
  const auto named = model.Has("layer_spans") ? model.Wholes("layer_spans", 0, kManyTokens)
                                              : std::vector<int64_t>();
  if (!named.empty() && named.size() != facts.layers.size()) {
    model.Wrong("layer_spans", "none, or one for each layer");
  }
  const int64_t span = model.WholeOr("span", 0, kManyTokens, 0);
  for (int64_t i = 0; i < layers; ++i) {
    LayerFacts& layer = facts.layers[static_cast<size_t>(i)];
    // Named spans, else MASFormer's own, else attention's for all; Taipan has one of its own.
    layer.span = span;
    if (name == "masformer") {
      layer.span =
          IsFullLayer(model, i, layers) ? 0 : model.Whole("masformer_span", 1, kManyTokens);
    }
    if (!named.empty()) layer.span = named[static_cast<size_t>(i)];
    if (layer.mixer == ActingMixerKind::kSelective) {
      layer.span = model.Whole("taipan_span", 0, kManyTokens);
    }
  }
}

void ReadMixerSizes(const FactsReader& model, PolicyFacts& facts) {
  facts.mamba_state = model.WholeOr("mamba_state", 1, 4096, 16);
  facts.mamba_window = model.WholeOr("mamba_convolution", 1, 64, 4);
  facts.mamba_channels = facts.width * model.WholeOr("mamba_expand", 1, 64, 2);
  facts.mamba_rank = model.WholeOr("mamba_step_rank", 0, 65536, 0);
  if (facts.mamba_rank == 0) facts.mamba_rank = (facts.width + 15) / 16;
  facts.mamba2_state = model.WholeOr("mamba2_state", 1, 4096, 64);
  facts.mamba2_window = model.WholeOr("mamba2_convolution", 1, 64, 4);
  facts.mamba2_channels = facts.width * model.WholeOr("mamba2_expand", 1, 64, 2);
  facts.mamba2_head_width = model.WholeOr("mamba2_head_width", 1, 4096, 64);
  facts.mamba2_groups = model.WholeOr("mamba2_groups", 1, 1024, 1);
  facts.rwkv_head_width = model.WholeOr("rwkv_head_width", 1, 4096, 64);
  facts.slots = model.WholeOr("memsizer_slots", 1, 65536, 32);
  facts.sees_selected =
      model.Has("taipan_keys") && model.Choice("taipan_keys", {"all", "selected"}) == 1;
}

/// Sizes that divide each other, where a layer needs it.
void CheckSizes(const FactsReader& model, const PolicyFacts& facts) {
  for (const LayerFacts& layer : facts.layers) {
    switch (layer.mixer) {
      case ActingMixerKind::kAttention:
      case ActingMixerKind::kSelective:
        if (facts.width % facts.heads != 0) model.Wrong("heads", "a divisor of the width");
        if (facts.heads % facts.shared_heads != 0)
          model.Wrong("key_value_heads", "a divisor of the heads");
        break;
      case ActingMixerKind::kMamba2: {
        const int64_t channels = facts.mamba2_channels, per_head = facts.mamba2_head_width;
        if (channels % per_head != 0) model.Wrong("mamba2_head_width", "a divisor of the channels");
        if (channels / per_head % facts.mamba2_groups != 0)
          model.Wrong("mamba2_groups", "a divisor of the heads");
        break;
      }
      case ActingMixerKind::kRwkv7:
        if (facts.width % facts.rwkv_head_width != 0)
          model.Wrong("rwkv_head_width", "a divisor of the width");
        break;
      default:
        break;
    }
  }
}

}  // namespace

void ReadLayers(const FactsReader& model, PolicyFacts& facts) {
  facts.width = model.Whole("width", 1, 65536);
  facts.heads = model.Whole("heads", 1, 1024);
  facts.shared_heads = model.WholeOr("key_value_heads", 0, 1024, 0);
  if (facts.shared_heads == 0) facts.shared_heads = facts.heads;
  facts.sinks = model.WholeOr("sinks", 0, 1 << 24, 0);
  facts.hidden = model.Whole("feed_forward_width", 0, 1 << 20);
  if (facts.hidden == 0) facts.hidden = 4 * facts.width;
  facts.norm_epsilon = model.Real("norm_epsilon");
  if (!(facts.norm_epsilon > 0)) model.Wrong("norm_epsilon", "a number above 0");
  facts.forgets_episodes =
      model.Choice(model.Has("episode_context") ? "episode_context" : "episode_memory",
                   {"carry", "reset"}) == 1;

  const auto layers = static_cast<size_t>(model.Whole("layers", 1, 1000));
  for (const std::string& name : MixerNames(model, layers)) {
    LayerFacts layer{.mixer = MixerOf(model, name)};
    layer.is_first_of_mixer =
        std::none_of(facts.layers.begin(), facts.layers.end(),
                     [&](const LayerFacts& below) { return below.mixer == layer.mixer; });
    ReadSurroundings(model, layer);
    facts.layers.push_back(layer);
  }
  const std::vector<std::string> names = model.Texts("mixer");
  const std::string name = names.size() == 1 ? names.front() : "";
  ReadSpans(model, name, facts);
  facts.norms_first = IsRwkv(facts.layers.front().mixer);
  if (name == "recurrent_memory") {
    facts.memory_tokens = model.Whole("memory_tokens", 1, 65536);
    facts.memory_segment = model.Whole("memory_segment", 1, int64_t{1} << 24);
  }
  ReadMixerSizes(model, facts);
  CheckSizes(model, facts);
}

}  // namespace longplay::runtime
