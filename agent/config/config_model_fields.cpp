// SPDX-License-Identifier: MIT
// Long, but read as a table: one row for each key of the section "model".
#include "agent/config/config_model_fields.h"

#include "agent/config/config_field_kinds.h"

namespace longplay {
namespace {

using namespace config;

/// Null for what names no mixer.
const MixerName* MixerNamed(const YAML::Node& node) {
  if (!node.IsScalar()) return nullptr;
  for (const MixerName& mixer : kMixerNames) {
    if (mixer.name == node.Scalar()) return &mixer;
  }
  return nullptr;
}

std::string NameOf(MixerKind kind) {
  for (const MixerName& mixer : kMixerNames) {
    if (mixer.kind == kind) return mixer.name;
  }
  return "";
}

std::string AllMixers() {
  std::string names;
  for (const MixerName& mixer : kMixerNames) {
    names += (names.empty() ? "" : ", ") + std::string(mixer.name);
  }
  return names;
}

/// One for the whole stack, or a list with one for each layer.
ConfigField Mixer() {
  return {.key = "model.mixer",
          .accepted = "one of " + AllMixers() + ", or a list of them, one per layer",
          .comment =
              "layer that moves information along the sequence; or a list with one for each layer",
          .read =
              [](const YAML::Node& node, RunOptions& options) {
                ModelOptions& model = options.model;
                model.layer_mixers.clear();
                // One name is for all layers, and leaves no list.
                if (const MixerName* mixer = MixerNamed(node)) {
                  model.mixer = mixer->kind;
                  return true;
                }
                for (const YAML::Node& item : node) {
                  const MixerName* mixer = MixerNamed(item);
                  if (mixer == nullptr || !mixer->in_one_layer) return false;
                  model.layer_mixers.push_back(mixer->kind);
                }
                if (model.layer_mixers.empty()) return false;
                // What asks for one mixer of the model gets the first layer's.
                model.mixer = model.layer_mixers.front();
                return true;
              },
          .print =
              [](const RunOptions& options) {
                const ModelOptions& model = options.model;
                if (model.layer_mixers.empty()) return NameOf(model.mixer);
                std::string list;
                for (const MixerKind kind : model.layer_mixers) {
                  list += (list.empty() ? "" : ", ") + NameOf(kind);
                }
                return "[" + list + "]";
              }};
}

ConfigField LayerSpanList() {
  return {.key = "model.layer_spans",
          .accepted = "a list of whole numbers from 0, one per layer",
          .comment = "[tokens] a span for each layer, in place of model.span; [] = none",
          .read =
              [](const YAML::Node& node, RunOptions& options) {
                if (!node.IsSequence()) return false;
                options.model.layer_spans.clear();
                for (const YAML::Node& item : node) {
                  const auto span = Parse<int64_t>(item);
                  if (!span || *span < 0) return false;
                  options.model.layer_spans.push_back(*span);
                }
                return true;
              },
          .print =
              [](const RunOptions& options) {
                YAML::Emitter out;
                out << YAML::Flow << options.model.layer_spans;
                return std::string(out.c_str());
              }};
}

ConfigField Head() {
  const Choices<std::optional<ActionHead>> heads = {{"auto", std::nullopt},
                                                    {"squared_error", ActionHead::kSquaredError},
                                                    {"gaussian", ActionHead::kGaussian},
                                                    {"categorical", ActionHead::kCategorical}};
  return Choice<std::optional<ActionHead>>(
      "model.head", [](RunOptions& o) -> std::optional<ActionHead>& { return o.head; }, heads,
      "what predicts actions; auto = categorical for discrete actions, else squared_error");
}

std::vector<ConfigField> TrunkFields() {
  return Together(
      {As(KeyRole::kPolicy,
          {Integer<int64_t>("model.layers", LONGPLAY_AT(int64_t, model.layers), 1, 1000,
                            "L, number of layers"),
           Integer<int64_t>("model.width", LONGPLAY_AT(int64_t, model.attention.width), 1, 65536,
                            "D, width of a token; a multiple of heads"),
           Integer<int64_t>("model.heads", LONGPLAY_AT(int64_t, model.attention.heads), 1, 1024,
                            "H, attention heads"),
           Integer<int64_t>("model.key_value_heads",
                            LONGPLAY_AT(int64_t, model.attention.key_value_heads), 0, 1024,
                            "grouped-query attention: heads of keys and values, each shared by a "
                            "group of heads; 0 = heads"),
           Integer<int64_t>("model.span", LONGPLAY_AT(int64_t, model.attention.span), 0, kMany,
                            "[tokens] sliding-window attention: a token sees the last so many, "
                            "itself included; 0 = all"),
           LayerSpanList(),
           Integer<int64_t>(
               "model.sinks", LONGPLAY_AT(int64_t, model.attention.sinks), 0, kMany,
               "[tokens] the first tokens of a chain, seen beside the span (attention sinks)"),
           Choice<EpisodeContext>(
               "model.episode_context", LONGPLAY_AT(EpisodeContext, model.episode_context),
               {{"carry", EpisodeContext::kCarry}, {"reset", EpisodeContext::kReset}},
               "carry the context over into the next episode, or reset it where an episode begins"),
           Switch("model.step_embedding", LONGPLAY_AT(bool, model.step_embedding),
                  "add a learned embedding of the step's number in its episode"),
           Switch("model.episode_embedding", LONGPLAY_AT(bool, model.episode_embedding),
                  "add a learned embedding of the episode's number in its chain"),
           Choice<NormKind>("model.norm", LONGPLAY_AT(NormKind, model.norm),
                            {{"auto", NormKind::kAuto},
                             {"layer", NormKind::kLayer},
                             {"root_mean_square", NormKind::kRootMeanSquare}},
                            "kind of norm; auto = as in the mixer's paper"),
           Real("model.norm_epsilon", LONGPLAY_AT(double, model.norm_epsilon), 1e-12, 1,
                "added to variances in norms"),
           Choice<FeedForwardKind>("model.feed_forward",
                                   LONGPLAY_AT(FeedForwardKind, model.feed_forward),
                                   {{"auto", FeedForwardKind::kAuto},
                                    {"none", FeedForwardKind::kNone},
                                    {"gelu", FeedForwardKind::kGelu},
                                    {"gelu_tanh", FeedForwardKind::kGeluTanh},
                                    {"relu", FeedForwardKind::kRelu},
                                    {"swiglu", FeedForwardKind::kSwiGlu}},
                                   "kind of feed-forward layer; auto = as in the mixer's paper"),
           Integer<int64_t>("model.feed_forward_width",
                            LONGPLAY_AT(int64_t, model.feed_forward_width), 0, 1 << 20,
                            "hidden units of the feed-forward layers; 0 = 4 * width"),
           Mixer(),
           Real("model.dropout", LONGPLAY_AT(double, model.dropout), 0, 0.99,
                "dropout on the residual branches"),
           Real("model.attention_dropout", LONGPLAY_AT(double, model.attention.dropout), 0, 0.99,
                "dropout of attention weights; slower, because no fused kernel has it"),
           Head()}),
       As(KeyRole::kSchedule,
          {Integer<int64_t>("model.query_block", LONGPLAY_AT(int64_t, model.attention.query_block),
                            1, kMany,
                            "[tokens] of queries in one block of attention; decides memory and "
                            "speed, not results"),
           Integer<int64_t>(
               "model.key_block", LONGPLAY_AT(int64_t, model.attention.key_block), 1, kMany,
               "[tokens] of keys in one block of attention; decides memory and speed, not results"),
           Integer<int64_t>("model.tokens_at_once", LONGPLAY_AT(int64_t, model.tokens_at_once), 0,
                            kMany,
                            "[tokens] blockwise layers: attention and feed-forward work on chunks "
                            "of so many tokens: less memory, somewhat slower; 0 = all at once"),
           Choice<Keep>("model.keep", LONGPLAY_AT(Keep, model.keep),
                        {{"everything", Keep::kEverything},
                         {"layer_inputs", Keep::kLayerInputs},
                         {"layer_inputs_and_attention", Keep::kLayerInputsAndAttention},
                         {"auto", Keep::kAuto}},
                        "activation checkpointing: what is kept for backward; the rest is "
                        "recomputed; auto = as much as fits into train.memory"),
           Choice<KeptType>("model.kept_type", LONGPLAY_AT(KeptType, model.kept.type),
                            {{"as_computed", KeptType::kAsComputed},
                             {"bfloat16", KeptType::kBFloat16},
                             {"int8", KeptType::kInt8}},
                            "number type of what is kept for backward"),
           Choice<KeptPlace>("model.kept_place", LONGPLAY_AT(KeptPlace, model.kept.place),
                             {{"device", KeptPlace::kDevice},
                              {"host", KeptPlace::kHost},
                              {"file", KeptPlace::kFile}},
                             "where what is kept for backward waits: device, the host's memory, or "
                             "a temporary file")})});
}

std::vector<ConfigField> StateSpaceFields() {
  return Together(
      {As(KeyRole::kPolicy,
          {Integer<int64_t>("model.mamba_state", LONGPLAY_AT(int64_t, model.mamba.state), 1, 4096,
                            "mamba: size of the state of a channel"),
           Integer<int64_t>("model.mamba_convolution",
                            LONGPLAY_AT(int64_t, model.mamba.convolution), 1, 64,
                            "mamba: [tokens] width of the short convolution"),
           Integer<int64_t>("model.mamba_expand", LONGPLAY_AT(int64_t, model.mamba.expand), 1, 64,
                            "mamba: channels = expand * width"),
           Integer<int64_t>("model.mamba_step_rank", LONGPLAY_AT(int64_t, model.mamba.step_rank), 0,
                            65536, "mamba: rank of the map that makes step sizes; 0 = width / 16"),
           Integer<int64_t>("model.mamba2_state", LONGPLAY_AT(int64_t, model.mamba2.state), 1, 4096,
                            "mamba2: size of the state of a channel"),
           Integer<int64_t>("model.mamba2_head_width",
                            LONGPLAY_AT(int64_t, model.mamba2.head_width), 1, 4096,
                            "mamba2: channels that share one decay; divides expand * width"),
           Integer<int64_t>("model.mamba2_groups", LONGPLAY_AT(int64_t, model.mamba2.groups), 1,
                            1024, "mamba2: groups of heads that share B and C"),
           Integer<int64_t>("model.mamba2_convolution",
                            LONGPLAY_AT(int64_t, model.mamba2.convolution), 1, 64,
                            "mamba2: [tokens] width of the short convolution"),
           Integer<int64_t>("model.mamba2_expand", LONGPLAY_AT(int64_t, model.mamba2.expand), 1, 64,
                            "mamba2: channels = expand * width"),
           Integer<int64_t>("model.taipan_period", LONGPLAY_AT(int64_t, model.taipan.period), 1,
                            1000, "taipan: mamba2 layers before each layer of selective attention"),
           Real("model.taipan_capacity", LONGPLAY_AT(double, model.taipan.capacity), 0, 1,
                "taipan: share of the tokens that attend"),
           Real("model.taipan_penalty", LONGPLAY_AT(double, model.taipan.penalty), 0, kHuge,
                "taipan: weight of (capacity - share)^2 in the loss"),
           Real("model.taipan_temperature", LONGPLAY_AT(double, model.taipan.temperature), 1e-6,
                kHuge, "taipan: temperature of the Gumbel softmax that selects tokens"),
           Integer<int64_t>("model.taipan_span", LONGPLAY_AT(int64_t, model.taipan.span), 0, kMany,
                            "taipan: [tokens] that a selected token sees; 0 = all"),
           Choice<SelectedKeys>(
               "model.taipan_keys", LONGPLAY_AT(SelectedKeys, model.taipan.keys),
               {{"all", SelectedKeys::kAll}, {"selected", SelectedKeys::kSelected}},
               "taipan: a selected token sees all tokens of its span, or the selected ones")}),
       As(KeyRole::kSchedule,
          {Integer<int64_t>(
              "model.mamba2_chunk", LONGPLAY_AT(int64_t, model.mamba2.chunk), 1, 65536,
              "mamba2: [tokens] in one matrix product; decides speed, not results")})});
}

std::vector<ConfigField> OtherMixerFields() {
  return As(
      KeyRole::kPolicy,
      {Choice<int64_t>("model.rwkv_version", LONGPLAY_AT(int64_t, model.rwkv.version),
                       {{"4", 4}, {"7", 7}}, "rwkv: version of RWKV"),
       Integer<int64_t>("model.rwkv_head_width", LONGPLAY_AT(int64_t, model.rwkv.head_width), 1,
                        4096, "rwkv 7: width of a head; divides model.width"),
       Integer<int64_t>("model.rwkv_decay_rank", LONGPLAY_AT(int64_t, model.rwkv.decay_rank), 0,
                        65536,
                        "rwkv 7: rank of the map that makes decays; 0 = as in its source code"),
       Integer<int64_t>("model.rwkv_rate_rank", LONGPLAY_AT(int64_t, model.rwkv.rate_rank), 0,
                        65536,
                        "rwkv 7: rank of the map that makes in-context learning rates; 0 = as in "
                        "its source code"),
       Integer<int64_t>("model.rwkv_value_rank", LONGPLAY_AT(int64_t, model.rwkv.value_rank), 0,
                        65536,
                        "rwkv 7: rank of the map that mixes values; 0 = as in its source code"),
       Integer<int64_t>("model.rwkv_gate_rank", LONGPLAY_AT(int64_t, model.rwkv.gate_rank), 0,
                        65536,
                        "rwkv 7: rank of the map that makes gates; 0 = as in its source code"),
       Integer<int64_t>("model.masformer_full_layers",
                        LONGPLAY_AT(int64_t, model.masformer.full_layers), 0, 1000,
                        "masformer: number of layers with full attention"),
       Choice<FullLayers>("model.masformer_placement",
                          LONGPLAY_AT(FullLayers, model.masformer.placement),
                          {{"bottom", FullLayers::kBottom},
                           {"top", FullLayers::kTop},
                           {"interleaved", FullLayers::kInterleaved}},
                          "masformer: where the layers with full attention stand"),
       Integer<int64_t>("model.masformer_span", LONGPLAY_AT(int64_t, model.masformer.span), 1,
                        kMany, "masformer: [tokens] span of the other layers"),
       Integer<int64_t>("model.memory_tokens", LONGPLAY_AT(int64_t, model.memory.tokens), 1, 65536,
                        "recurrent_memory: memory tokens before and after each segment"),
       Integer<int64_t>("model.memory_segment", LONGPLAY_AT(int64_t, model.memory.segment), 1,
                        kMany, "recurrent_memory: [tokens] in a segment"),
       Integer<int64_t>("model.memory_unrolled", LONGPLAY_AT(int64_t, model.memory.unrolled), 0,
                        kMany,
                        "recurrent_memory: segments that gradients pass back through; 0 = all"),
       Integer<int64_t>("model.memsizer_slots", LONGPLAY_AT(int64_t, model.memsizer.slots), 1,
                        65536, "memsizer: number of memory slots")});
}

}  // namespace

std::vector<ConfigField> ModelFields() {
  return Together({TrunkFields(), StateSpaceFields(), OtherMixerFields()});
}

}  // namespace longplay
