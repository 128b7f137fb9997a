// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include "agent/ranks/process_group.h"
#include "model/ranks/context_ranks.h"

namespace longplay {

/// The ranks of a training that share their sequences with this one: neighbours, `size` together.
/// Rank r of all is rank r % size of context r / size.
class ContextGroup : public ContextRanks {
 public:
  /// `group` must outlive it; `size` divides that of the group.
  ContextGroup(ProcessGroup& group, int64_t size)
      : ContextRanks(group.rank() % size, size),
        group_(group),
        first_(group.rank() / size * size) {}

 protected:
  std::function<void()> DoSend(const torch::Tensor& x, int64_t to, RankLane lane) override;
  std::function<void()> DoStartReceive(const torch::Tensor& x, int64_t from,
                                       RankLane lane) override;

 private:
  ProcessGroup& group_;
  int64_t first_;  // of all ranks, the first of this context
};

}  // namespace longplay
