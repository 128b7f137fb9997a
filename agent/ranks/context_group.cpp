// SPDX-License-Identifier: MIT
#include "agent/ranks/context_group.h"

#include <torch/types.h>

#include <span>

namespace longplay {

std::function<void()> ContextGroup::DoSend(const torch::Tensor& x, int64_t to, RankLane lane) {
  return group_.StartSend(
      {static_cast<const std::byte*>(x.const_data_ptr()), static_cast<size_t>(x.nbytes())},
      first_ + to, static_cast<int64_t>(lane));
}

std::function<void()> ContextGroup::DoStartReceive(const torch::Tensor& x, int64_t from,
                                                   RankLane lane) {
  return group_.StartReceive(
      {static_cast<std::byte*>(x.mutable_data_ptr()), static_cast<size_t>(x.nbytes())},
      first_ + from, static_cast<int64_t>(lane));
}

}  // namespace longplay
