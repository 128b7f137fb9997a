// SPDX-License-Identifier: MIT
#include "agent/policy_record.h"

#include <algorithm>

namespace longplay {

PolicyRecord MakePolicyRecord(const RunOptions& options, const TrajectorySet& set) {
  PolicyRecord record{.options = options, .normalizer = set.ComputeNormalizer()};
  record.action_kind = set.info().action_kind;
  record.best_return = set.episode_return(0);
  for (int64_t e = 0; e < set.episodes(); ++e) {
    record.best_return = std::max(record.best_return, set.episode_return(e));
    record.mean_return += set.episode_return(e) / static_cast<double>(set.episodes());
  }
  record.environment = options.evaluate.environment;
  record.data_hash = set.hash();
  return record;
}

}  // namespace longplay
