// SPDX-License-Identifier: MIT
#include "model/mixers/selective_context.h"

#include <ATen/Functions.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace longplay {

SelectiveContext::SelectiveContext(int64_t batch, int64_t span, int64_t capacity)
    : batch_(batch), span_(span), capacity_(std::max<int64_t>(capacity, 16)) {
  if (span > 0) capacity_ = std::min(capacity_, span);
}

void SelectiveContext::Reserve(const torch::Tensor& like) {
  // Grows only before the ring goes round, so all slots keep their places.
  const int64_t full = capacity_;
  if (keys_.defined()) {
    if (appended_ < full || full == span_) return;  // room, or a ring
    capacity_ = span_ > 0 ? std::min(2 * full, span_) : 2 * full;
  }
  const auto grow = [&](torch::Tensor& storage) {
    const auto old = storage;
    storage = at::zeros({like.size(0), like.size(1), capacity_, like.size(2)}, like.options());
    if (old.defined()) storage.narrow(2, 0, full).copy_(old);
  };
  grow(keys_);
  grow(values_);
  const auto old = seen_;
  seen_ = at::zeros({like.size(0), capacity_}, like.options().dtype(torch::kBool));
  if (old.defined()) seen_.narrow(1, 0, full).copy_(old);
}

void SelectiveContext::Append(const torch::Tensor& keys, const torch::Tensor& values,
                              const torch::Tensor& seen) {
  Reserve(keys);
  const int64_t slot = appended_ % capacity_;
  keys_.select(2, slot).copy_(keys);
  values_.select(2, slot).copy_(values);
  seen_.select(1, slot).copy_(seen);
  ++appended_;
}

torch::Tensor SelectiveContext::Attend(const torch::Tensor& q, const torch::Tensor& rows) const {
  const int64_t used = std::min(appended_, capacity_), G = keys_.size(1), b = q.size(0);
  const auto of = [&](const torch::Tensor& storage, int64_t slots) {
    const auto part = storage.narrow(slots, 0, used);
    return b == storage.size(0) ? part : part.index_select(0, rows);
  };
  // The order of slots does not matter; what a chain may not see is hidden.
  const auto grouped = q.view({b, G, -1, q.size(2)});  // [b, G, H / G, K]
  auto scores = at::matmul(grouped, of(keys_, 2).transpose(2, 3))
                    .mul_(1 / std::sqrt(static_cast<double>(q.size(2))));
  scores.masked_fill_(of(seen_, 1).logical_not().view({b, 1, 1, used}),
                      -std::numeric_limits<double>::infinity());
  return at::matmul(at::softmax(scores, 3), of(values_, 2)).view(q.sizes());
}

void SelectiveContext::Forget(int64_t i) {
  // The slots are shared, so they stay; the chain just sees none of them.
  if (seen_.defined()) seen_.select(0, i).fill_(false);
}

void SelectiveContext::Select(const torch::Tensor& rows) {
  batch_ = rows.size(0);
  if (!keys_.defined()) return;
  for (torch::Tensor* storage : {&keys_, &values_, &seen_}) {
    *storage = storage->index_select(0, rows.to(storage->device()));
  }
}

int64_t SelectiveContext::bytes() const {
  if (!keys_.defined()) return 0;
  return static_cast<int64_t>(keys_.nbytes() + values_.nbytes() + seen_.nbytes());
}

}  // namespace longplay
