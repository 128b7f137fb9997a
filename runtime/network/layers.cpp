// SPDX-License-Identifier: MIT
#include "runtime/network/layers.h"

#include <algorithm>

namespace longplay::runtime {
namespace {

int64_t WholeLines(int64_t bytes) { return (bytes + 63) / 64 * 64; }

}  // namespace

NormWeights TakeNorm(WeightLoader& weights, const PolicyFacts& facts, const std::string& prefix,
                     bool layer_norm) {
  const float* const weight = weights.Numbers(prefix + ".weight", {facts.width});
  return {.weight = weight,
          .bias = layer_norm ? weights.Numbers(prefix + ".bias", {facts.width}) : nullptr,
          .epsilon = static_cast<float>(facts.norm_epsilon)};
}

ActingLayers::ActingLayers(const PolicyFacts& facts, WeightLoader& weights, const ContextRoom& room)
    : D_(facts.width), R_(room.rows), norms_first_(facts.norms_first) {
  if (norms_first_) {
    first_norm_ = TakeNorm(weights, facts, "layers.first_norm", facts.layers.front().layer_norm);
  }
  // A branch's context stands behind those before it.
  const auto add = [&](const std::string& norm, const LayerFacts& layer,
                       std::unique_ptr<ActingMixer> mixer) {
    planned_ = std::max(planned_, mixer->plan().total());
    live_ = std::max(live_, mixer->plan().live());
    apart_ = std::max(apart_, mixer->plan().apart());
    const int64_t bytes = WholeLines(mixer->context_bytes());
    branches_.push_back({.norm = TakeNorm(weights, facts, norm, layer.layer_norm),
                         .mixer = std::move(mixer),
                         .context = context_bytes_});
    context_bytes_ += bytes;
  };
  for (size_t i = 0; i < facts.layers.size(); ++i) {
    const LayerFacts& layer = facts.layers[i];
    const std::string prefix = "layers." + std::to_string(i) + ".";
    MixerParts parts{.facts = &facts, .layer = &layer, .room = room, .prefix = prefix + "mixer."};
    add(prefix + "mixer_norm", layer, MakeActingMixer(parts, weights));
    parts.prefix =
        prefix + (layer.branch == ActingBranch::kChannelMix ? "channel_mixer." : "feed_forward.");
    auto branch = MakeActingBranch(parts, weights);
    if (branch) add(prefix + "feed_forward_norm", layer, std::move(branch));
  }
  Arena& arena = weights.arena();
  const uint64_t before = arena.used();
  scratch_ = arena.Take<float>(planned_);
  const bool hands_values_on =
      std::any_of(facts.layers.begin(), facts.layers.end(),
                  [](const LayerFacts& layer) { return layer.mixer == ActingMixerKind::kRwkv7; });
  first_values_ = arena.Take<float>(hands_values_on ? R_ * D_ : 0);
  runs_ = arena.Take<TokenRun>(R_);
  scratch_bytes_ = static_cast<int64_t>(arena.used() - before);
}

void ActingLayers::RunBranch(const Branch& branch, LayerCall& call, float* x) const {
  for (int64_t i = 0; i < call.run_count; ++i) runs_[i].context += branch.context;
  float* const normed = scratch_ + branch.mixer->x_place();
  branch.norm.Run(*call.kernels, x, call.rows, D_, normed);
  call.x = normed;
  call.y = scratch_ + branch.mixer->y_place();
  branch.mixer->Run(call);
  for (int64_t i = 0; i < call.rows * D_; ++i) x[i] += call.y[i];
  for (int64_t i = 0; i < call.run_count; ++i) runs_[i].context -= branch.context;
}

void ActingLayers::Run(const Kernels& kernels, const TokenRun* runs, int64_t count, int64_t rows,
                       float* x) const {
  std::copy_n(runs, count, runs_);
  if (norms_first_) first_norm_.Run(kernels, x, rows, D_, x);
  LayerCall call{.kernels = &kernels,
                 .runs = runs_,
                 .run_count = count,
                 .rows = rows,
                 .residual = x,
                 .x = nullptr,
                 .y = nullptr,
                 .first_values = first_values_,
                 .scratch = scratch_};
  for (const Branch& branch : branches_) RunBranch(branch, call, x);
}

void ActingLayers::Start(std::byte* context) const {
  for (const Branch& branch : branches_) branch.mixer->Start(context + branch.context);
}

int64_t ActingLayers::saved_bytes(int64_t seen) const {
  int64_t sum = 0;
  for (const Branch& branch : branches_) sum += branch.mixer->saved_bytes(seen);
  return sum;
}

void ActingLayers::Save(const std::byte* context, int64_t seen, std::byte* to) const {
  for (const Branch& branch : branches_) {
    branch.mixer->Save(context + branch.context, seen, to);
    to += branch.mixer->saved_bytes(seen);
  }
}

void ActingLayers::Load(const std::byte* from, int64_t seen, std::byte* context) const {
  for (const Branch& branch : branches_) {
    branch.mixer->Load(from, seen, context + branch.context);
    from += branch.mixer->saved_bytes(seen);
  }
}

bool ActingLayers::grows() const {
  return std::any_of(branches_.begin(), branches_.end(),
                     [](const Branch& branch) { return branch.mixer->grows(); });
}

}  // namespace longplay::runtime
