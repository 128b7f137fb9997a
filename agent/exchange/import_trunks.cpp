// SPDX-License-Identifier: MIT
#include <cmath>
#include <initializer_list>
#include <utility>
#include <vector>

#include "agent/exchange/import_architecture.h"

namespace longplay {
namespace {

constexpr double kInfinite = 1e300;  // ImportFolder's for infinity is above

/// A name, the same on both sides, and its shape.
using Named = std::pair<const char*, std::vector<int64_t>>;

/// Moves tensors from below `theirs` to below `ours`.
void Move(ImportFolder& folder, const std::string& theirs, const std::string& ours,
          std::initializer_list<Named> tensors, TensorMap& weights) {
  for (const auto& [name, sizes] : tensors) {
    weights[ours + name] = folder.Take(theirs + name, sizes);
  }
}

/// Word tables and heads of the ...ForCausalLM classes, whose trunks stand below `prefix`.
void DropWords(ImportFolder& folder, const std::string& prefix) {
  folder.StripPrefix(prefix);
  for (const char* name : {"embeddings.weight", "lm_head.weight"}) folder.Drop(name);
}

ImportedPolicy StartTrunk(ImportFolder& folder, const std::string& architecture, MixerKind mixer) {
  // Keys that the three configurations share.
  ImportedPolicy policy{.architecture = architecture, .is_trunk = true};
  ModelOptions& model = policy.record.options.model;
  model.mixer = mixer;
  model.layers = folder.Size("num_hidden_layers");
  model.attention.width = folder.Size("hidden_size");
  model.attention.heads = 1;  // there is no attention; this one divides every width
  model.norm_epsilon = folder.Number("layer_norm_epsilon", 1e-5);
  return policy;
}

/// What both Mambas must have.
void CheckMamba(const ImportFolder& folder) {
  folder.Require("use_bias", false);
  folder.Require("use_conv_bias", true);
  folder.Require("hidden_act", "silu");
}

/// 1e308 stands for a bare Infinity; newer transformers write {"__float__": "Infinity"}.
bool IsInfinite(const nlohmann::json& limit) {
  if (limit.is_number()) return limit.get<double>() > kInfinite;
  return limit.is_object() && limit.value("__float__", "") == "Infinity";
}

void CheckTimeStepLimit(const ImportFolder& folder) {
  const auto found = folder.config().find("time_step_limit");
  if (found == folder.config().end() || found->is_null()) return;
  const bool none = found->is_array() && found->size() == 2 && (*found)[0].is_number() &&
                    (*found)[0].get<double>() == 0 && IsInfinite((*found)[1]);
  if (!none) folder.FailConfig("time_step_limit", "[0, Infinity]");
}

}  // namespace

ImportedPolicy ImportMamba(ImportFolder& folder) {
  CheckMamba(folder);
  ImportedPolicy policy = StartTrunk(folder, "MambaModel", MixerKind::kMamba);
  ModelOptions& model = policy.record.options.model;
  MambaOptions& mamba = model.mamba;
  const int64_t width = model.attention.width;
  mamba.state = folder.Size("state_size");
  mamba.convolution = folder.Size("conv_kernel", 4);
  mamba.expand = folder.Size("expand", 2);
  // "auto" is ceil(hidden_size / 16).
  const auto rank = folder.config().find("time_step_rank");
  const bool automatic = rank == folder.config().end() || *rank == "auto";
  mamba.step_rank = automatic ? (width + 15) / 16 : folder.Size("time_step_rank");
  const int64_t channels = mamba.expand * width, R = mamba.step_rank, N = mamba.state;
  if (folder.Size("intermediate_size", channels) != channels) {
    folder.FailConfig("intermediate_size", "expand * hidden_size = " + std::to_string(channels));
  }
  DropWords(folder, "backbone.");
  for (int64_t i = 0; i < model.layers; ++i) {
    const std::string layer = "layers." + std::to_string(i) + ".";
    Move(folder, layer + "norm.", layer + "mixer_norm.", {{"weight", {width}}}, policy.weights);
    Move(folder, layer + "mixer.", layer + "mixer.",
         {{"A_log", {channels, N}},
          {"D", {channels}},
          {"conv1d.weight", {channels, 1, mamba.convolution}},
          {"conv1d.bias", {channels}},
          {"in_proj.weight", {2 * channels, width}},
          {"x_proj.weight", {R + 2 * N, channels}},
          {"dt_proj.weight", {channels, R}},
          {"dt_proj.bias", {channels}},
          {"out_proj.weight", {width, channels}}},
         policy.weights);
  }
  Move(folder, "norm_f.", "final_norm.", {{"weight", {width}}}, policy.weights);
  return policy;
}

ImportedPolicy ImportMamba2(ImportFolder& folder) {
  CheckMamba(folder);
  CheckTimeStepLimit(folder);
  ImportedPolicy policy = StartTrunk(folder, "Mamba2Model", MixerKind::kMamba2);
  ModelOptions& model = policy.record.options.model;
  Mamba2Options& mamba = model.mamba2;
  const int64_t width = model.attention.width, heads = folder.Size("num_heads");
  mamba.state = folder.Size("state_size");
  mamba.head_width = folder.Size("head_dim");
  mamba.groups = folder.Size("n_groups", 8);
  mamba.convolution = folder.Size("conv_kernel", 4);
  mamba.expand = folder.Size("expand", 2);
  const int64_t channels = mamba.expand * width;
  // The three sizes must agree, and groups share heads evenly.
  if (heads * mamba.head_width != channels) {
    folder.FailConfig("num_heads", "expand * hidden_size / head_dim");
  }
  if (heads % mamba.groups != 0) folder.FailConfig("n_groups", "a divisor of num_heads");
  // x, B and C go through the convolution together; z and dt do not.
  const int64_t convolved = channels + 2 * mamba.groups * mamba.state;
  DropWords(folder, "backbone.");
  for (int64_t i = 0; i < model.layers; ++i) {
    const std::string layer = "layers." + std::to_string(i) + ".";
    Move(folder, layer + "norm.", layer + "mixer_norm.", {{"weight", {width}}}, policy.weights);
    Move(folder, layer + "mixer.", layer + "mixer.",
         {{"A_log", {heads}},
          {"D", {heads}},
          {"dt_bias", {heads}},
          {"conv1d.weight", {convolved, 1, mamba.convolution}},
          {"conv1d.bias", {convolved}},
          {"in_proj.weight", {channels + convolved + heads, width}},
          {"norm.weight", {channels}},
          {"out_proj.weight", {width, channels}}},
         policy.weights);
  }
  Move(folder, "norm_f.", "final_norm.", {{"weight", {width}}}, policy.weights);
  return policy;
}

ImportedPolicy ImportRwkv(ImportFolder& folder) {
  ImportedPolicy policy = StartTrunk(folder, "RwkvModel", MixerKind::kRwkv);
  ModelOptions& model = policy.record.options.model;
  const int64_t width = model.attention.width;
  model.rwkv.version = 4;
  model.feed_forward_width = folder.Size("intermediate_size", 4 * width);
  const int64_t hidden = model.feed_forward_width;
  // Our RWKV has one width.
  if (folder.Size("attention_hidden_size", width) != width) {
    folder.FailConfig("attention_hidden_size", "hidden_size");
  }
  // The last norm has this one, whatever the others have.
  if (model.norm_epsilon != 1e-5) folder.FailConfig("layer_norm_epsilon", "1e-05");
  DropWords(folder, "rwkv.");
  folder.Drop("head.weight");
  const std::initializer_list<Named> norm = {{"weight", {width}}, {"bias", {width}}};
  // The first block alone norms its input before everything else.
  Move(folder, "blocks.0.pre_ln.", "layers.first_norm.", norm, policy.weights);
  for (int64_t i = 0; i < model.layers; ++i) {
    const std::string ours = "layers." + std::to_string(i) + ".";
    const std::string theirs = "blocks." + std::to_string(i) + ".";
    Move(folder, theirs + "ln1.", ours + "mixer_norm.", norm, policy.weights);
    Move(folder, theirs + "attention.", ours + "mixer.",
         {{"time_decay", {width}},
          {"time_first", {width}},
          {"time_mix_key", {1, 1, width}},
          {"time_mix_value", {1, 1, width}},
          {"time_mix_receptance", {1, 1, width}},
          {"key.weight", {width, width}},
          {"value.weight", {width, width}},
          {"receptance.weight", {width, width}},
          {"output.weight", {width, width}}},
         policy.weights);
    Move(folder, theirs + "ln2.", ours + "feed_forward_norm.", norm, policy.weights);
    Move(folder, theirs + "feed_forward.", ours + "channel_mixer.",
         {{"time_mix_key", {1, 1, width}},
          {"time_mix_receptance", {1, 1, width}},
          {"key.weight", {hidden, width}},
          {"receptance.weight", {width, width}},
          {"value.weight", {width, hidden}}},
         policy.weights);
  }
  Move(folder, "ln_out.", "final_norm.", norm, policy.weights);
  return policy;
}

}  // namespace longplay
