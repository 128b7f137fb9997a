// SPDX-License-Identifier: MIT
#include "agent/acting/check_view.h"

#include <stdexcept>
#include <string>

namespace longplay {
namespace {

void CheckCount(const char* what, size_t got, int64_t expected) {
  if (got == static_cast<size_t>(expected)) return;
  throw std::invalid_argument(std::string("acting: ") + what + ": expected " +
                              std::to_string(expected) + " values, got " + std::to_string(got));
}

}  // namespace

void CheckView(const RolloutView& view, size_t actions, int64_t chains,
               const PolicyDescription& policy) {
  // The policy's sizes, not the view's own: all spans may be wrong together.
  CheckCount("observations", view.observations.size(), chains * policy.observation_size);
  CheckCount("rewards", view.rewards.size(), chains);
  CheckCount("starts", view.starts.size(), chains);
  CheckCount("active", view.active.size(), chains);
  CheckCount("actions", actions, chains * policy.action_columns);
}

}  // namespace longplay
