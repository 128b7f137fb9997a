// SPDX-License-Identifier: MIT
#include <cmath>

#include "runtime/mixers/acting_mixer.h"

namespace longplay::runtime {
namespace {

///   x ─► in_proj ─┬─► short convolution ─► x_proj ─► dt_proj, b, c ─► scan ─► × silu(z) ─► out_proj
///                 └─► z
/// Context: the convolution's window [W - 1, E], the scan's state [S, E].
class ActingMamba : public StateMixer {
 public:
  ActingMamba(const MixerParts& parts, WeightLoader& weights)
      : D_(parts.facts->width),
        E_(parts.facts->mamba_channels),
        S_(parts.facts->mamba_state),
        W_(parts.facts->mamba_window),
        rank_(parts.facts->mamba_rank) {
    const std::string& prefix = parts.prefix;
    in_ = weights.Map(prefix + "in_proj.weight", D_, 2 * E_, "");
    convolution_ = weights.Turned(prefix + "conv1d.weight", {E_, 1, W_}, E_, W_,
                                  [](double weight) { return weight; });
    convolution_bias_ = weights.Numbers(prefix + "conv1d.bias", {E_});
    chosen_map_ = weights.Map(prefix + "x_proj.weight", E_, rank_ + 2 * S_, "");
    delta_map_ = weights.Linear(prefix + "dt_proj", rank_, E_);
    rates_ = weights.Turned(prefix + "A_log", {E_, S_}, E_, S_,
                            [](double log_rate) { return -std::exp(log_rate); });
    d_ = weights.Numbers(prefix + "D", {E_});
    out_ = weights.Map(prefix + "out_proj.weight", E_, D_, "");
    numbers_ = (W_ - 1 + S_) * E_;
    const int64_t R = parts.room.rows;
    both_ = plan_.Add(R * 2 * E_, 1, 5);
    convolved_ = plan_.Add(R * E_, 2, 4);
    chosen_ = plan_.Add(R * chosen_map_.out, 3, 4);
    deltas_ = plan_.Add(R * E_, 3, 4);
    scanned_ = plan_.Add(R * E_, 4, 6);
    PlaceTensors(parts, 1, 6, 6);
  }

  void Run(const LayerCall& call) const override {
    const Kernels& kernels = *call.kernels;
    float* const both = At(call, both_);
    float* const convolved = At(call, convolved_);
    float* const chosen = At(call, chosen_);
    float* const deltas = At(call, deltas_);
    float* const scanned = At(call, scanned_);
    call.Map(in_, call.x, D_, both);
    ForEachRow(call, [&](const TokenRun&, int64_t row, float* window) {
      kernels.convolve({.channels = E_,
                        .width = W_,
                        .x = both + row * 2 * E_,
                        .weights = convolution_,
                        .bias = convolution_bias_,
                        .window = window,
                        .y = convolved + row * E_});
    });
    // Selection: time steps (of low rank), b and c depend on the token.
    const int64_t C = chosen_map_.out;
    call.Map(chosen_map_, convolved, E_, chosen);
    call.Map(delta_map_, chosen, C, deltas);
    kernels.softplus(deltas, call.rows * E_, deltas);
    ForEachRow(call, [&](const TokenRun&, int64_t row, float* context) {
      kernels.scan({.channels = E_,
                    .size = S_,
                    .x = convolved + row * E_,
                    .delta = deltas + row * E_,
                    .rates = rates_,
                    .b = chosen + row * C + rank_,
                    .c = chosen + row * C + rank_ + S_,
                    .d = d_,
                    .state = context + (W_ - 1) * E_,
                    .y = scanned + row * E_});
      kernels.silu_times(both + row * 2 * E_ + E_, scanned + row * E_, E_, scanned + row * E_);
    });
    call.Map(out_, scanned, E_, call.y);
  }

 private:
  int64_t D_, E_, S_, W_, rank_;
  MapWeights in_, chosen_map_, delta_map_, out_;
  const float *convolution_, *convolution_bias_, *rates_, *d_;
  int both_, convolved_, chosen_, deltas_, scanned_;
};

/// x, b and c pass the convolution together; one decay for each head; a gated norm in front of the
/// last map. Context: the window [W - 1, C], each head's state [S, K].
class ActingMamba2 : public StateMixer {
 public:
  ActingMamba2(const MixerParts& parts, WeightLoader& weights)
      : D_(parts.facts->width),
        E_(parts.facts->mamba2_channels),
        S_(parts.facts->mamba2_state),
        W_(parts.facts->mamba2_window),
        K_(parts.facts->mamba2_head_width),
        G_(parts.facts->mamba2_groups),
        H_(E_ / K_),
        C_(E_ + 2 * G_ * S_) {
    const std::string& prefix = parts.prefix;
    in_ = weights.Map(prefix + "in_proj.weight", D_, E_ + C_ + H_, "");
    convolution_ = weights.Turned(prefix + "conv1d.weight", {C_, 1, W_}, C_, W_,
                                  [](double weight) { return weight; });
    convolution_bias_ = weights.Numbers(prefix + "conv1d.bias", {C_});
    delta_bias_ = weights.Numbers(prefix + "dt_bias", {H_});
    rates_ = weights.Turned(prefix + "A_log", {H_}, H_, 1,
                            [](double log_rate) { return -std::exp(log_rate); });
    d_ = weights.Numbers(prefix + "D", {H_});
    norm_ = weights.Numbers(prefix + "norm.weight", {E_});
    out_ = weights.Map(prefix + "out_proj.weight", E_, D_, "");
    numbers_ = (W_ - 1) * C_ + S_ * E_;
    const int64_t R = parts.room.rows;
    packed_ = plan_.Add(R * in_.out, 1, 3);
    convolved_ = plan_.Add(R * C_, 2, 3);
    y_rows_ = plan_.Add(R * E_, 3, 4);
    PlaceTensors(parts, 1, 4, 4);
  }

  void Run(const LayerCall& call) const override {
    float* const packed = At(call, packed_);
    float* const convolved = At(call, convolved_);
    call.Map(in_, call.x, D_, packed);
    ForEachRow(call, [&](const TokenRun&, int64_t row, float* window) {
      call.kernels->convolve({.channels = C_,
                              .width = W_,
                              .x = packed + row * in_.out + E_,
                              .weights = convolution_,
                              .bias = convolution_bias_,
                              .window = window,
                              .y = convolved + row * C_});
    });
    ForEachRow(call, [&](const TokenRun&, int64_t row, float* context) {
      RunHeads(*call.kernels, packed + row * in_.out, convolved + row * C_, context + (W_ - 1) * C_,
               At(call, y_rows_) + row * E_);
    });
    call.Map(out_, At(call, y_rows_), E_, call.y);
  }

 private:
  void RunHeads(const Kernels& kernels, const float* packed, const float* convolved, float* state,
                float* y) const {
    for (int64_t h = 0; h < H_; ++h) {
      // A time step and a decay for each head.
      float delta = packed[E_ + C_ + h] + delta_bias_[h];
      kernels.softplus(&delta, 1, &delta);
      float decay = delta * rates_[h];
      kernels.exponential(&decay, 1, &decay);
      const int64_t group = h / (H_ / G_);
      kernels.dual({.width = K_,
                    .size = S_,
                    .decay = decay,
                    .delta = delta,
                    .d = d_[h],
                    .x = convolved + h * K_,
                    .b = convolved + E_ + group * S_,
                    .c = convolved + E_ + (G_ + group) * S_,
                    .state = state + h * S_ * K_,
                    .y = y + h * K_});
    }
    // z gates in front of the norm; one root mean square for each group.
    kernels.silu_times(packed, y, E_, y);
    const int64_t width = E_ / G_;
    for (int64_t g = 0; g < G_; ++g) {
      kernels.norm(y + g * width, width, norm_ + g * width, nullptr, kGatedNormEpsilon,
                   y + g * width);
    }
  }

  static constexpr float kGatedNormEpsilon = 1e-5F;  // of the source, whatever the layers' is

  int64_t D_, E_, S_, W_, K_, G_, H_, C_;
  MapWeights in_, out_;
  const float *convolution_, *convolution_bias_, *delta_bias_, *rates_, *d_, *norm_;
  int packed_, convolved_, y_rows_;
};

}  // namespace

std::unique_ptr<ActingMixer> MakeActingMamba(const MixerParts& parts, WeightLoader& weights) {
  return std::make_unique<ActingMamba>(parts, weights);
}
std::unique_ptr<ActingMixer> MakeActingMamba2(const MixerParts& parts, WeightLoader& weights) {
  return std::make_unique<ActingMamba2>(parts, weights);
}

}  // namespace longplay::runtime
