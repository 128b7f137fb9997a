// SPDX-License-Identifier: MIT
#include "model/layers/channel_mixer.h"

#include <torch/nn/init.h>
#include <torch/nn/modules/linear.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <string>
#include <tuple>
#include <vector>

#include "model/mixing/mixer_with_state.h"
#include "model/wkv/rwkv_initialization.h"
#include "model/wkv/token_shift.h"

namespace longplay {
namespace {

struct ChannelMixState {
  torch::Tensor last;  // [B, D] token
  auto fields() { return std::tie(last); }
};

/// What both versions have.
class ChannelMixer : public MixerWithState<ChannelMixState> {
 public:
  ChannelMixer(const ModelOptions& options, double key_gain) : width_(options.attention.width) {
    TORCH_CHECK(options.feed_forward_width > 0,
                "building a channel mix: hidden units: expected at least 1, got ",
                options.feed_forward_width);
    key_ = AddMap("key", width_, options.feed_forward_width);
    value_ = AddMap("value", options.feed_forward_width, width_);
    // Alone of the maps not zero at first: the branch starts with nothing to add.
    torch::nn::init::orthogonal_(key_->weight, key_gain);
  }

  ChannelMixState Start(int64_t batch, const torch::TensorOptions& options) const override {
    return {torch::zeros({batch, width_}, options)};
  }

 protected:
  /// Without a bias; zeros.
  torch::nn::Linear AddMap(const char* name, int64_t in, int64_t out) {
    auto linear = register_module(
        name, torch::nn::Linear(torch::nn::LinearOptions(in, out).bias(/*bias=*/false)));
    torch::nn::init::zeros_(linear->weight);
    return linear;
  }
  torch::Tensor AddMix(const char* name, const torch::Tensor& value) {
    return register_parameter(name, value.to(torch::kFloat32));
  }

  static torch::Tensor Mapped(const torch::nn::Linear& linear, const torch::Tensor& x) {
    return at::linear(x, linear->weight.to(x.scalar_type()));
  }
  torch::Tensor Hidden(const torch::Tensor& mixed) const {
    return Mapped(value_, Mapped(key_, mixed).relu().square());
  }

  int64_t width_;

 private:
  torch::nn::Linear key_{nullptr}, value_{nullptr};
};

class Rwkv4ChannelMixer : public ChannelMixer {
 public:
  Rwkv4ChannelMixer(const ModelOptions& options, int64_t layer)
      : ChannelMixer(options,
                     OrthogonalGain(options.feed_forward_width, options.attention.width, 1)) {
    // First values: later channels and upper layers look more at the token itself.
    const auto share = ChannelShare(width_).pow(LayerPlace(options, layer).down);
    time_mix_key_ = AddMix("time_mix_key", share);
    time_mix_receptance_ = AddMix("time_mix_receptance", share);
    receptance_ = AddMap("receptance", width_, width_);
  }

  torch::Tensor Run(const torch::Tensor& x, ChannelMixState& state, const Chunk& chunk,
                    HandedOn& /*handed*/) override {
    const auto before = TokenBefore(x, state.last, chunk.starts);
    const auto mixed = [&](const torch::Tensor& mix) {
      return at::lerp(before, x, mix.to(x.scalar_type()));
    };
    state = {LastToken(x)};
    // sigmoid(r) gates value(relu(key)^2).
    return Mapped(receptance_, mixed(time_mix_receptance_)).sigmoid() *
           Hidden(mixed(time_mix_key_));
  }

  std::vector<std::string> WithoutDecay() const override { return named_parameters().keys(); }

 private:
  torch::Tensor time_mix_key_, time_mix_receptance_;  // [1, 1, D]: 1 = the token itself
  torch::nn::Linear receptance_{nullptr};
};

class Rwkv7ChannelMixer : public ChannelMixer {
 public:
  Rwkv7ChannelMixer(const ModelOptions& options, int64_t layer)
      : ChannelMixer(options, /*key_gain=*/1) {
    // Here 1 = the token before: the ramp is turned around, and its power falls faster with depth.
    const double down = LayerPlace(options, layer).down;
    x_k_ = AddMix("x_k", 1 - ChannelShare(width_).pow(down * down * down * down));
  }

  torch::Tensor Run(const torch::Tensor& x, ChannelMixState& state, const Chunk& chunk,
                    HandedOn& /*handed*/) override {
    const auto before = TokenBefore(x, state.last, chunk.starts);
    state = {LastToken(x)};
    return Hidden(at::lerp(x, before, x_k_.to(x.scalar_type())));
  }

  std::vector<std::string> WithoutDecay() const override { return {"x_k"}; }

 private:
  torch::Tensor x_k_;  // [1, 1, D]: 1 = the token before
};

}  // namespace

std::shared_ptr<SequenceMixer> MakeChannelMixer(const ModelOptions& options, int64_t layer) {
  switch (options.rwkv.version) {
    case 4:
      return std::make_shared<Rwkv4ChannelMixer>(options, layer);
    case 7:
      return std::make_shared<Rwkv7ChannelMixer>(options, layer);
    default:
      break;
  }
  TORCH_CHECK(false, "building a channel mix: rwkv version: expected 4 or 7, got ",
              options.rwkv.version);
}

}  // namespace longplay
