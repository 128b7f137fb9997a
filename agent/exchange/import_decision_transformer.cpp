// SPDX-License-Identifier: MIT
#include <torch/types.h>
#include <torch/utils.h>

#include <utility>
#include <vector>

#include "agent/exchange/import_architecture.h"

namespace longplay {
namespace {

/// The paper's context, which config.json does not say.
constexpr int64_t kUsualWindow = 20;  // [steps]

FeedForwardKind ReadActivation(const ImportFolder& folder) {
  const std::string name = folder.Text("activation_function", "relu");
  if (name == "relu") return FeedForwardKind::kRelu;
  if (name == "gelu") return FeedForwardKind::kGelu;
  if (name == "gelu_new" || name == "gelu_pytorch_tanh") return FeedForwardKind::kGeluTanh;
  folder.FailConfig("activation_function", "relu, gelu, gelu_new or gelu_pytorch_tanh");
}

double ReadDropout(const ImportFolder& folder, const std::string& key) {
  const double dropout = folder.Number(key, 0.1);
  if (dropout < 0 || dropout >= 1) folder.FailConfig(key, "a number from 0, below 1");
  return dropout;
}

ModelOptions ReadModel(const ImportFolder& folder) {
  // Variants of GPT-2 that we do not compute.
  folder.Require("scale_attn_weights", true);
  folder.Require("scale_attn_by_inverse_layer_idx", false);
  folder.Require("reorder_and_upcast_attn", false);
  folder.Require("add_cross_attention", false);
  ModelOptions model{.observation_size = folder.Size("state_dim"),
                     .action_size = folder.Size("act_dim")};
  // Without tanh the mean is free, as our Gaussian head's is.
  model.head = folder.Flag("action_tanh", true) ? ActionHead::kSquaredError : ActionHead::kGaussian;
  // return, state and action are a token each, every one through embed_ln.
  model.tokens = {.layout = TokenLayout::kInterleaved,
                  .use_reward = false,
                  .use_completion = false,
                  .normalise = true,
                  .follow_stream = true};
  // GPT-2's trunk.
  model.layers = folder.Size("n_layer");
  model.attention.width = folder.Size("hidden_size");
  model.attention.heads = folder.Size("n_head");
  model.attention.dropout = ReadDropout(folder, "attn_pdrop");
  if (model.attention.width % model.attention.heads != 0) {
    folder.FailConfig("n_head", "a divisor of hidden_size");
  }
  model.norm = NormKind::kLayer;
  model.norm_epsilon = folder.Number("layer_norm_epsilon", 1e-5);
  model.feed_forward = ReadActivation(folder);
  model.feed_forward_width = folder.Size("n_inner", 4 * model.attention.width);
  model.dropout = ReadDropout(folder, "resid_pdrop");
  // Steps are counted within an episode; there is only one.
  model.max_episode_steps = folder.Size("max_ep_len");
  model.max_episodes = 1;
  return model;
}

/// `name`.weight and .bias, from maps [out, in], GPT-2's [in, out], or norms [D].
class TensorReader {
 public:
  TensorReader(ImportFolder& folder, TensorMap& weights) : folder_(folder), weights_(weights) {}

  void Map(const std::string& ours, const std::string& theirs, int64_t in, int64_t out) {
    weights_[ours + ".weight"] = folder_.Take(theirs + ".weight", {out, in});
    weights_[ours + ".bias"] = folder_.Take(theirs + ".bias", {out});
  }
  void TransposedMap(const std::string& ours, const std::string& theirs, int64_t in, int64_t out) {
    weights_[ours + ".weight"] = folder_.Take(theirs + ".weight", {in, out}).t().contiguous();
    weights_[ours + ".bias"] = folder_.Take(theirs + ".bias", {out});
  }
  void Norm(const std::string& ours, const std::string& theirs, int64_t width) {
    weights_[ours + ".weight"] = folder_.Take(theirs + ".weight", {width});
    weights_[ours + ".bias"] = folder_.Take(theirs + ".bias", {width});
  }

 private:
  ImportFolder& folder_;
  TensorMap& weights_;
};

void ReadTokens(ImportFolder& folder, const ModelOptions& model, TensorMap& weights) {
  const int64_t width = model.attention.width;
  TensorReader read(folder, weights);
  read.Map("tokens.return", "embed_return", 1, width);
  read.Map("tokens.observation", "embed_state", model.observation_size, width);
  read.Map("tokens.action", "embed_action", model.action_size, width);
  read.Norm("tokens.norm", "embed_ln", width);
  // embed_timestep; we also count episodes, which here add nothing.
  weights["tokens.step.weight"] =
      folder.Take("embed_timestep.weight", {model.max_episode_steps, width});
  weights["tokens.episode.weight"] = torch::zeros({model.max_episodes, width});
  // Its position ids are all 0: row 0 of wpe is added to every token.
  const int64_t positions = folder.Size("n_positions", 1024);
  weights["tokens.offset"] = folder.Take("encoder.wpe.weight", {positions, width})[0].clone();
}

void ReadLayer(ImportFolder& folder, const ModelOptions& model, int64_t i, TensorMap& weights) {
  const int64_t width = model.attention.width, hidden = model.feed_forward_width;
  const std::string ours = "layers." + std::to_string(i) + ".";
  const std::string theirs = "encoder.h." + std::to_string(i) + ".";
  TensorReader read(folder, weights);
  read.Norm(ours + "mixer_norm", theirs + "ln_1", width);
  read.TransposedMap(ours + "mixer.query_key_value", theirs + "attn.c_attn", width, 3 * width);
  read.TransposedMap(ours + "mixer.projection", theirs + "attn.c_proj", width, width);
  read.Norm(ours + "feed_forward_norm", theirs + "ln_2", width);
  read.TransposedMap(ours + "feed_forward.expand", theirs + "mlp.c_fc", width, hidden);
  read.TransposedMap(ours + "feed_forward.contract", theirs + "mlp.c_proj", hidden, width);
}

void ReadHead(ImportFolder& folder, const ModelOptions& model, TensorMap& weights) {
  TensorReader read(folder, weights);
  read.Norm("final_norm", "encoder.ln_f", model.attention.width);
  read.Map("head", "predict_action.0", model.attention.width, model.action_size);
  if (model.head == ActionHead::kSquaredError) return;
  for (const char* name : {"head.weight", "head.bias"}) {
    // Log standard deviations of 0: the likelihood is then the squared error.
    weights[name] = torch::cat({weights[name], torch::zeros_like(weights[name])});
  }
}

}  // namespace

ImportedPolicy ImportDecisionTransformer(ImportFolder& folder) {
  ImportedPolicy policy{.architecture = "DecisionTransformerModel"};
  RunOptions& options = policy.record.options;
  options.model = ReadModel(folder);
  options.head = options.model.head;
  // Acts as the paper does: one episode, its last 20 steps computed anew at each decision.
  options.chain = {.episodes = 1, .window = kUsualWindow, .target = ChainTarget::kOwnReturn};
  options.evaluate.episodes = 1;
  options.evaluate.context = ContextUse::kOneEpisode;
  options.evaluate.window_use = WindowUse::kRecomputed;
  ReadTokens(folder, options.model, policy.weights);
  for (int64_t i = 0; i < options.model.layers; ++i) {
    ReadLayer(folder, options.model, i, policy.weights);
  }
  ReadHead(folder, options.model, policy.weights);
  // Not used to act; GPT-2's masks, which older versions saved.
  for (const char* name :
       {"encoder.wte.weight", "predict_state.weight", "predict_state.bias", "predict_return.weight",
        "predict_return.bias", ".attn.bias", ".attn.masked_bias"}) {
    folder.Drop(name);
  }
  policy.note =
      "config.json does not say how many steps the policy was trained to see; the "
      "paper's 20 are assumed (--window)";
  return policy;
}

}  // namespace longplay
