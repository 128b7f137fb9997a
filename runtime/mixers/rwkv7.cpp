// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>

#include "runtime/files/failure.h"
#include "runtime/longplay.h"
#include "runtime/mixers/acting_mixer.h"

namespace longplay::runtime {
namespace {

constexpr float kHeadNormEpsilon = 64e-5F;  // in the source
constexpr float kShortestKey = 1e-12F;      // lengths are at least this, as torch normalises

/// x ─► first [D, rank] ─► activation ─► second [rank, D] (+ offset).
struct ActingLowRank {
  MapWeights first, second;
};

/// Context: the last token [D], then each head's state [keys, values].
class ActingRwkv7 : public StateMixer {
 public:
  ActingRwkv7(const MixerParts& parts, WeightLoader& weights)
      : D_(parts.facts->width),
        K_(parts.facts->rwkv_head_width),
        sets_value_(parts.layer->is_first_of_mixer) {
    const std::string& prefix = parts.prefix;
    const auto share = [&](const char* name) { return weights.Numbers(prefix + name, {1, 1, D_}); };
    const char* const mixes[kMixes] = {"x_r", "x_w", "x_k", "x_v", "x_a", "x_g"};
    for (int i = 0; i < kMixes; ++i) shares_[i] = share(mixes[i]);
    const auto map = [&](const char* name) {
      return weights.Map(prefix + name + ".weight", D_, D_, "");
    };
    receptance_ = map("receptance");
    key_ = map("key");
    value_ = map("value");
    output_ = map("output");
    decay_ = LowRank(weights, prefix + "w", true);
    rate_ = LowRank(weights, prefix + "a", true);
    if (!sets_value_) residual_ = LowRank(weights, prefix + "v", true);
    gate_ = LowRank(weights, prefix + "g", false);
    key_weights_ = share("k_k");
    rate_weights_ = share("k_a");
    bonus_ = weights.Numbers(prefix + "r_k", {D_ / K_, K_});
    norm_weight_ = weights.Numbers(prefix + "ln_x.weight", {D_});
    norm_bias_ = weights.Numbers(prefix + "ln_x.bias", {D_});
    numbers_ = D_ + D_ * K_;
    PlaceRows(parts);
  }

  void Run(const LayerCall& call) const override {
    const Kernels& kernels = *call.kernels;
    // Token shift: six mixes of the token and the one before.
    ForEachShifted(call, D_, [&](int64_t row, const float* before) {
      for (int i = 0; i < kMixes; ++i) {
        kernels.mix(call.x + row * D_, before, shares_[i], D_, At(call, mixed_[i]) + row * D_);
      }
    });
    const auto of = [&](int tensor) { return At(call, tensor); };
    call.Map(receptance_, of(mixed_[kR]), D_, of(r_));
    MapLowRank(call, decay_, of(mixed_[kW]), of(w_), Activation::kTanh);
    call.Map(key_, of(mixed_[kK]), D_, of(k_));
    call.Map(value_, of(mixed_[kV]), D_, of(v_));
    MapLowRank(call, rate_, of(mixed_[kA]), of(a_), Activation::kNone);
    if (!sets_value_) MapLowRank(call, residual_, of(mixed_[kV]), of(share_), Activation::kNone);
    MapLowRank(call, gate_, of(mixed_[kG]), of(g_), Activation::kSigmoid);
    HandValuesOn(call);
    const int64_t count = call.rows * D_;
    // log w = -e^(-1/2) sigmoid(..); the rate a in (0, 1).
    kernels.sigmoid(of(w_), count, of(w_));
    for (int64_t i = 0; i < count; ++i) of(w_)[i] *= -0.606530660F;
    kernels.exponential(of(w_), count, of(w_));
    kernels.sigmoid(of(a_), count, of(a_));
    ForEachRow(call, [&](const TokenRun&, int64_t row, float* context) {
      for (int64_t first = 0; first < D_; first += K_) RunHead(call, row, first, context + D_);
    });
    for (int64_t i = 0; i < count; ++i) of(r_)[i] *= of(g_)[i];
    call.Map(output_, of(r_), D_, call.y);
  }

 private:
  enum { kR, kW, kK, kV, kA, kG, kMixes };
  enum class Activation { kNone, kTanh, kSigmoid };

  ActingLowRank LowRank(WeightLoader& weights, const std::string& letter, bool has_offset) {
    // The rank is the tensor's own.
    const StoredTensor* tensor = weights.Find(letter + "1");
    if (tensor == nullptr || tensor->shape.size() != 2) {
      Fail(LONGPLAY_DAMAGED, "opening a policy: " + letter + "1: expected [width, rank]");
    }
    const int64_t rank = tensor->shape[1];
    largest_rank_ = std::max(largest_rank_, rank);
    return {weights.Turned(letter + "1", {D_, rank}, D_, rank, "", {}),
            weights.Turned(letter + "2", {rank, D_}, rank, D_, has_offset ? letter + "0" : "",
                           {1, 1, D_})};
  }

  void PlaceRows(const MixerParts& parts) {
    const int64_t rows = parts.room.rows * D_;
    // One operation for each map, in the order of Run.
    const int read_at[kMixes] = {2, 3, 4, 7, 6, 8};
    for (int i = 0; i < kMixes; ++i) mixed_[i] = plan_.Add(rows, 1, read_at[i]);
    inner_ = plan_.Add(parts.room.rows * largest_rank_, 3, 8);
    r_ = plan_.Add(rows, 2, 10);
    w_ = plan_.Add(rows, 3, 9);
    k_ = plan_.Add(rows, 4, 9);
    v_ = plan_.Add(rows, 5, 9);
    a_ = plan_.Add(rows, 6, 9);
    share_ = plan_.Add(sets_value_ ? 0 : rows, 7, 9);
    g_ = plan_.Add(rows, 8, 10);
    head_ = plan_.Add(3 * K_, 9, 9);
    PlaceTensors(parts, 1, 10, 10);
  }

  void MapLowRank(const LayerCall& call, const ActingLowRank& map, const float* x, float* y,
                  Activation activation) const {
    float* const inner = At(call, inner_);
    const int64_t rank = map.first.out, count = call.rows * rank;
    call.Map(map.first, x, D_, inner);
    if (activation == Activation::kSigmoid) call.kernels->sigmoid(inner, count, inner);
    if (activation == Activation::kTanh) {
      for (int64_t i = 0; i < count; ++i) inner[i] = std::tanh(inner[i]);
    }
    call.Map(map.second, inner, rank, y);
  }

  /// The first layer's values go to the others, whose own are drawn to them.
  void HandValuesOn(const LayerCall& call) const {
    float* const v = At(call, v_);
    const int64_t count = call.rows * D_;
    if (sets_value_) {
      std::memcpy(call.first_values, v, static_cast<size_t>(count) * sizeof(float));
      return;
    }
    float* const share = At(call, share_);
    call.kernels->sigmoid(share, count, share);
    call.kernels->mix(v, call.first_values, share, count, v);
  }

  /// Channels first .. first + K of one row; what is read goes where r was.
  void RunHead(const LayerCall& call, int64_t row, int64_t first, float* states) const {
    const int64_t at = row * D_ + first;
    float *const r = At(call, r_) + at, *const k = At(call, k_) + at;
    const float *const v = At(call, v_) + at, *const a = At(call, a_) + at;
    float *const kappa = At(call, head_), *const rated = kappa + K_, *const y = rated + K_;
    // The key that is taken out, of length 1; the one that is written follows.
    float square = 0;
    for (int64_t i = 0; i < K_; ++i) {
      kappa[i] = k[i] * key_weights_[first + i];
      square += kappa[i] * kappa[i];
    }
    const float length = std::max(std::sqrt(square), kShortestKey);
    float agreement = 0;
    for (int64_t i = 0; i < K_; ++i) {
      rated[i] = kappa[i] / length * a[i];
      kappa[i] /= -length;
      k[i] *= 1 + (a[i] - 1) * rate_weights_[first + i];
      agreement += r[i] * k[i] * bonus_[first + i];
    }
    call.kernels->delta({.width = K_,
                         .r = r,
                         .w = At(call, w_) + at,
                         .k = k,
                         .v = v,
                         .a = kappa,
                         .b = rated,
                         .state = states + first * K_,
                         .y = y});
    call.kernels->norm(y, K_, norm_weight_ + first, norm_bias_ + first, kHeadNormEpsilon, y);
    // The token's own value once more, by how far r and k agree.
    for (int64_t i = 0; i < K_; ++i) r[i] = y[i] + agreement * v[i];
  }

  int64_t D_, K_;
  bool sets_value_;
  int64_t largest_rank_ = 0;
  MapWeights receptance_, key_, value_, output_;
  ActingLowRank decay_, rate_, residual_, gate_;
  const float* shares_[kMixes];
  const float *key_weights_, *rate_weights_, *bonus_, *norm_weight_, *norm_bias_;
  int mixed_[kMixes];
  int inner_, r_, w_, k_, v_, a_, share_, g_, head_;
};

}  // namespace

std::unique_ptr<ActingMixer> MakeActingRwkv7(const MixerParts& parts, WeightLoader& weights) {
  return std::make_unique<ActingRwkv7>(parts, weights);
}

}  // namespace longplay::runtime
