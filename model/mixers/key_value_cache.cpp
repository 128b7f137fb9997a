// SPDX-License-Identifier: MIT
#include "model/mixers/key_value_cache.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace longplay {

KeyValueCache::KeyValueCache(int64_t batch, const ContextOptions& options, int64_t sinks)
    : seen_(batch, 0),
      capacity_(std::max<int64_t>(options.capacity, 16)),
      window_(options.window),
      sinks_(options.window > 0 ? sinks : 0) {}

int64_t KeyValueCache::LargestCapacity() const {
  return window_ > 0 ? sinks_ + ring_ : std::numeric_limits<int64_t>::max();
}

int64_t KeyValueCache::SlotOf(int64_t position) const {
  // Sinks keep the first slots; behind them the ring goes round.
  return window_ == 0 || position < sinks_ ? position : sinks_ + (position - sinks_) % ring_;
}

bool KeyValueCache::IsUniform() const {
  return std::ranges::all_of(seen_, [&](int64_t seen) { return seen == seen_.front(); });
}

void KeyValueCache::Reserve(const torch::Tensor& like, int64_t tokens) {
  // Room is left, or the ring has its full size.
  if (keys_.defined() && std::min(tokens, LargestCapacity()) <= capacity_) return;
  if (keys_.defined()) capacity_ *= 2;
  capacity_ = std::min(std::max(tokens, capacity_), LargestCapacity());
  const auto grow = [&](torch::Tensor& storage) {
    // Zeros: what nobody may see is still multiplied by a weight of zero.
    auto larger =
        torch::zeros({like.size(0), like.size(1), capacity_, like.size(3)}, like.options());
    if (storage.defined()) larger.narrow(2, 0, storage.size(2)).copy_(storage);
    storage = larger;
  };
  grow(keys_);
  grow(values_);
}

void KeyValueCache::Append(const torch::Tensor& keys, const torch::Tensor& values) {
  const int64_t n = keys.size(2), longest = *std::ranges::max_element(seen_) + n;
  if (window_ > 0 && ring_ == 0) ring_ = window_ + n - 1;  // what the first of n tokens sees stays
  Reserve(keys, longest);
  // Chains that stand together, slots in a row: one copy. Else every token has a slot of its own.
  if (IsUniform() && SlotOf(longest - 1) == SlotOf(longest - n) + n - 1) {
    keys_.narrow(2, SlotOf(longest - n), n).copy_(keys);
    values_.narrow(2, SlotOf(longest - n), n).copy_(values);
  } else {
    const auto B = static_cast<int64_t>(seen_.size());
    auto slots = torch::empty({B, n}, torch::kInt64);
    for (int64_t i = 0; i < B; ++i) {
      for (int64_t j = 0; j < n; ++j) slots[i].data_ptr<int64_t>()[j] = SlotOf(seen_[i] + j);
    }
    slots = slots.to(keys.device());
    const auto chains = torch::arange(B, slots.options()).unsqueeze(1);  // [B, 1]
    keys_.transpose(1, 2).index_put_({chains, slots}, keys.transpose(1, 2));
    values_.transpose(1, 2).index_put_({chains, slots}, values.transpose(1, 2));
  }
  for (int64_t& seen : seen_) seen += n;
}

/// [B or 1, n, slots] bool, true = hidden from the last n tokens; undefined = nothing is.
torch::Tensor KeyValueCache::Hidden(int64_t n, int64_t slots, torch::Device device) const {
  // One token of chains that stand together: nothing is hidden while all slots are in its window.
  const bool uniform = IsUniform();
  const bool wrapped = window_ > 0 && seen_.front() > window_;
  if (n == 1 && uniform && (!wrapped || (ring_ == window_ && sinks_ == 0))) return {};
  const auto own = uniform ? std::vector<int64_t>{seen_.front()} : seen_;
  const auto seen = torch::tensor(own, torch::kInt64).to(device).unsqueeze(1);  // [B or 1, 1]
  auto position = torch::arange(slots, seen.options()).unsqueeze(0);            // [1, slots]
  if (window_ > 0) {
    // The newest token that lies in a slot of the ring; negative when there is none yet.
    const auto newest = seen - 1 - (seen - 1 - position).remainder(ring_);
    // A slot without a token keeps its own number, which is behind every query and so hidden.
    position = torch::where(position < sinks_, position, newest).where(newest >= sinks_, position);
  }
  const auto query = (seen - n + torch::arange(n, seen.options())).unsqueeze(2);  // [B or 1, n, 1]
  position = position.unsqueeze(1);  // [B or 1, 1, slots]
  // Later tokens of the same call, empty slots, and what the window has left.
  auto hidden = position > query;
  if (window_ > 0) {
    hidden = hidden.logical_or((position <= query - window_).logical_and(position >= sinks_));
  }
  return hidden;
}

torch::Tensor KeyValueCache::Attend(const torch::Tensor& q, const torch::Tensor& keys,
                                    const torch::Tensor& values) {
  // More at a time than a ring was made for (steps without a previous one have fewer tokens): in
  // turns.
  const int64_t most = ring_ == 0 ? q.size(2) : ring_ - window_ + 1;
  if (q.size(2) > most) {
    std::vector<torch::Tensor> heads;
    for (int64_t start = 0; start < q.size(2); start += most) {
      const int64_t n = std::min(most, q.size(2) - start);
      heads.push_back(
          Attend(q.narrow(2, start, n), keys.narrow(2, start, n), values.narrow(2, start, n)));
    }
    return torch::cat(heads, 2);
  }
  Append(keys, values);
  const int64_t B = q.size(0), H = q.size(1), n = q.size(2), K = q.size(3), G = keys.size(1);
  // Slots that any chain has filled.
  const int64_t slots = std::min(*std::ranges::max_element(seen_), capacity_);
  const auto k = keys_.narrow(2, 0, slots).view({B * G, slots, K});
  const auto v = values_.narrow(2, 0, slots).view({B * G, slots, K});
  // Heads of a group share their keys: [B * G, (H / G) * n, K].
  const auto own = q.reshape({B * G, H / G * n, K}) * (1 / std::sqrt(static_cast<double>(K)));
  auto scores = at::bmm(own, k.transpose(1, 2));  // [B * G, (H / G) * n, slots]
  const auto hidden = Hidden(n, slots, q.device());
  if (hidden.defined()) {
    scores.view({B, H, n, slots})
        .masked_fill_(hidden.unsqueeze(1), -std::numeric_limits<float>::infinity());
  }
  return at::bmm(at::softmax(scores, -1), v).view({B, H, n, K});
}

void KeyValueCache::TakeBack(int64_t i, int64_t tokens) {
  TORCH_CHECK(window_ == 0 && tokens <= seen_[i],
              "acting: tokens taken back: expected no window and at most ", seen_[i], ", got ",
              tokens);
  // The slots stay as they are: hidden now, overwritten by the chain's next tokens.
  seen_[i] -= tokens;
}

void KeyValueCache::Select(const torch::Tensor& rows) {
  std::vector<int64_t> seen;
  for (int64_t i = 0; i < rows.size(0); ++i) seen.push_back(seen_[rows[i].item<int64_t>()]);
  seen_ = std::move(seen);
  if (!keys_.defined()) return;
  keys_ = keys_.index_select(0, rows.to(keys_.device()));
  values_ = values_.index_select(0, rows.to(keys_.device()));
}

int64_t KeyValueCache::bytes() const {
  return keys_.defined() ? static_cast<int64_t>(keys_.nbytes() + values_.nbytes()) : 0;
}

}  // namespace longplay
