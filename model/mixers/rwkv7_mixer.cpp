// SPDX-License-Identifier: MIT
#include "model/mixers/rwkv7_mixer.h"

#include <torch/nn/functional/normalization.h>
#include <torch/nn/init.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <cmath>

#include "model/tensors/wide_type.h"
#include "model/wkv/rwkv_initialization.h"
#include "model/wkv/token_shift.h"
#include "model/wkv/wkv7.h"

namespace longplay {
namespace {

constexpr double kHeadNormEpsilon = 64e-5;  // in the source

/// Rank of a low-rank map at this width where none is given; `factor` is the source's suggestion.
int64_t RankOr(int64_t given, double factor, int64_t D) {
  if (given > 0) return given;
  const double suggested = factor * std::sqrt(static_cast<double>(D)) / 32;
  return std::max<int64_t>(32, std::lround(suggested) * 32);
}

torch::Tensor Mapped(const torch::nn::Linear& linear, const torch::Tensor& x) {
  return at::linear(x, linear->weight.to(x.scalar_type()));
}

/// [B, n, D]; `activation` stands between the two maps.
template <typename Activation>
torch::Tensor Mapped(const LowRankMap& map, const torch::Tensor& x, const Activation& activation) {
  const auto type = x.scalar_type();
  const auto inner = activation(torch::matmul(x, map.first.to(type)));
  const auto offset = map.offset.defined() ? map.offset.to(type).flatten() : torch::Tensor();
  return at::linear(inner, map.second.to(type).t(), offset);
}

const auto kNone = [](const torch::Tensor& x) { return x; };
const auto kTanh = [](const torch::Tensor& x) { return x.tanh(); };
const auto kSigmoid = [](const torch::Tensor& x) { return x.sigmoid(); };

}  // namespace

Rwkv7Mixer::Rwkv7Mixer(const ModelOptions& options, int64_t layer, FirstValue first_value)
    : width_(options.attention.width),
      head_width_(options.rwkv.head_width),
      first_value_(first_value) {
  TORCH_CHECK(head_width_ > 0 && head_width_ % 8 == 0 && width_ % head_width_ == 0,
              "building RWKV-7: head_width: expected a multiple of 8 that divides the width ",
              width_, ", got ", head_width_);
  AddMixes(options, layer);
  AddLowRankMaps(options.rwkv);
  AddHeads(options, layer);
}

void Rwkv7Mixer::AddMixes(const ModelOptions& options, int64_t layer) {
  const auto share = ChannelShare(width_);
  const double down = LayerPlace(options, layer).down;
  // First mixes, 1 = the token before: later channels and upper layers look more at the token.
  const auto add = [&](const char* name, double power) {
    return register_parameter(name, (1 - share.pow(power * down)).to(torch::kFloat32));
  };
  x_r_ = add("x_r", 0.2);
  x_w_ = add("x_w", 0.9);
  x_k_ = add("x_k", 0.7);
  x_v_ = add("x_v", 0.7);
  x_a_ = add("x_a", 0.9);
  x_g_ = add("x_g", 0.2);
  // Decays from slow to fast along the channels, and within each head.
  const auto ramp = ChannelRamp(width_), linear = ramp - 0.5;
  const double middle = static_cast<double>(head_width_ - 1) / 2;
  auto zigzag = (torch::arange(width_, torch::kFloat64).remainder(head_width_) - middle) / middle;
  zigzag = zigzag * zigzag.abs();
  const auto vector = [&](const char* name, const torch::Tensor& value) {
    return register_parameter(name, value.to(torch::kFloat32).view({1, 1, -1}));
  };
  const double power = 1 + std::pow(LayerPlace(options, layer).up, 0.3);
  decay_.offset = vector("w0", -6 + 6 * ramp.pow(power) + 0.5 + zigzag * 2.5);
  rate_.offset = vector("a0", -0.19 + zigzag * 0.3 + linear * 0.4);
  if (first_value_ == FirstValue::kRead) value_residual_.offset = vector("v0", 0.73 - linear * 0.4);
  k_k_ = vector("k_k", 0.71 - linear * 0.1);
  k_a_ = vector("k_a", torch::full({width_}, 1.02));
}

void Rwkv7Mixer::AddLowRankMaps(const RwkvOptions& options) {
  const auto add = [&](LowRankMap& map, const std::string& letter, int64_t rank) {
    // Zero, so that at first the map gives the same for every token.
    map.first = register_parameter(letter + "1", torch::zeros({width_, rank}));
    map.second = register_parameter(letter + "2", torch::empty({rank, width_}));
    torch::nn::init::orthogonal_(map.second, OrthogonalGain(rank, width_, 0.1));
  };
  add(decay_, "w", RankOr(options.decay_rank, 2.5, width_));
  add(rate_, "a", RankOr(options.rate_rank, 2.5, width_));
  if (first_value_ == FirstValue::kRead)
    add(value_residual_, "v", RankOr(options.value_rank, 1.7, width_));
  add(gate_, "g", RankOr(options.gate_rank, 5, width_));
}

void Rwkv7Mixer::AddHeads(const ModelOptions& options, int64_t layer) {
  r_k_ = register_parameter("r_k", torch::full({width_ / head_width_, head_width_}, -0.04));
  const auto add = [&](const char* name, double gain) {
    auto linear = register_module(
        name, torch::nn::Linear(torch::nn::LinearOptions(width_, width_).bias(/*bias=*/false)));
    torch::nn::init::orthogonal_(linear->weight, gain);
    return linear;
  };
  receptance_ = add("receptance", 1);
  key_ = add("key", 0.1);
  value_ = add("value", 1);
  output_ = add("output", 1);
  // The branch adds nothing at first; its norm is larger in upper layers.
  torch::nn::init::zeros_(output_->weight);
  const double depth = static_cast<double>(layer + 1) / static_cast<double>(options.layers);
  ln_x_ = register_module(
      "ln_x", torch::nn::GroupNorm(torch::nn::GroupNormOptions(width_ / head_width_, width_)));
  torch::nn::init::constant_(ln_x_->weight, std::pow(depth, 0.7));
}

Rwkv7State Rwkv7Mixer::Start(int64_t batch, const torch::TensorOptions& options) const {
  const auto type = WideType(c10::typeMetaToScalarType(options.dtype()));
  return {
      torch::zeros({batch, width_}, options),
      torch::zeros({batch, width_ / head_width_, head_width_, head_width_}, options.dtype(type))};
}

/// Values [B, n, D], drawn to those of the first layer.
torch::Tensor Rwkv7Mixer::Value(const torch::Tensor& x, HandedOn& handed) const {
  auto v = Mapped(value_, x);
  if (first_value_ == FirstValue::kSet) {
    handed.first_value = v;
    return v;
  }
  TORCH_CHECK(handed.first_value.defined(),
              "RWKV-7: first value: expected that of a layer below, got none");
  return at::lerp(v, handed.first_value, Mapped(value_residual_, x, kNone).sigmoid());
}

/// y [B, n, H, K], each head with mean 0 and variance 1, then weight and bias: [B, n, D].
torch::Tensor Rwkv7Mixer::NormaliseHeads(const torch::Tensor& y) const {
  const auto normal = at::layer_norm(y, {head_width_}, {}, {}, kHeadNormEpsilon).flatten(2);
  const auto type = y.scalar_type();
  return at::addcmul(ln_x_->bias.to(type), normal, ln_x_->weight.to(type));
}

torch::Tensor Rwkv7Mixer::Run(const torch::Tensor& x, Rwkv7State& state, const Chunk& chunk,
                              HandedOn& handed) {
  const auto type = WideType(x.scalar_type());
  // Token shift: six mixes of the token and the one before.
  const auto before = TokenBefore(x, state.last, chunk.starts);
  const auto mixed = [&](const torch::Tensor& mix) {
    return at::lerp(x, before, mix.to(x.scalar_type()));
  };
  const auto heads = [&](const torch::Tensor& y) {
    return y.to(type).unflatten(2, {-1, head_width_});  // [B, n, H, K]
  };
  const auto r = heads(Mapped(receptance_, mixed(x_r_)));
  const auto v = heads(Value(mixed(x_v_), handed));
  // log w = -e^(-1/2) sigmoid(..), so w > exp(-e^(-1/2)) = 0.545.
  const auto decay = Mapped(decay_, mixed(x_w_), kTanh).to(type).sigmoid() * -std::exp(-0.5);
  // The rate a in (0, 1): how much of what the state holds for kappa is replaced.
  const auto rate = Mapped(rate_, mixed(x_a_), kNone).to(type).sigmoid();  // [B, n, D]
  const auto key = Mapped(key_, mixed(x_k_)).to(type);
  // The key that is taken out, of length 1 in every head; the one that is written follows.
  const auto kappa = torch::nn::functional::normalize(
      heads(key * k_k_.to(type)), torch::nn::functional::NormalizeFuncOptions().dim(-1));
  const auto k = heads(key * (1 + (rate - 1) * k_a_.to(type)));
  // As a = -kappa, b = kappa * rate: S_t = S_{t-1} (diag(w) - kappa (kappa * rate)^T) + v k^T.
  const auto [y, last] = Wkv7({.r = r,
                               .w = heads(decay.exp()),
                               .k = k,
                               .v = v,
                               .a = -kappa,
                               .b = kappa * heads(rate),
                               .starts = chunk.starts},
                              state.heads);
  state = {LastToken(x), last};
  // The token's own value once more, by how far r and k agree; then the gate and the output map.
  const auto bonus = (r * k * r_k_.to(type)).sum(-1, /*keepdim=*/true) * v;
  const auto read = (NormaliseHeads(y) + bonus.flatten(2)).to(x.scalar_type());
  return Mapped(output_, read * Mapped(gate_, mixed(x_g_), kSigmoid));
}

std::vector<std::string> Rwkv7Mixer::WithoutDecay() const {
  // All but the four square maps, which are modules of their own.
  std::vector<std::string> names = {"ln_x.weight", "ln_x.bias"};
  for (const auto& parameter : named_parameters(/*recurse=*/false))
    names.push_back(parameter.key());
  return names;
}

}  // namespace longplay
