// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>

namespace longplay {

/// Counts episodes without a step, whose first one diverged. A few are chance; of very many in a row
/// more would follow for ever, and none of them is recorded.
class EmptyEpisodes {
 public:
  static constexpr int64_t kMost = 1000;  // in a row

  /// Of the environment `id`.
  explicit EmptyEpisodes(std::string id) : id_(std::move(id)) {}

  /// An episode of `length` is over. Throws std::runtime_error when it was one too many.
  void Count(int64_t length) {
    in_a_row_ = length > 0 ? 0 : in_a_row_ + 1;
    if (in_a_row_ < kMost) return;
    throw std::runtime_error("collecting data: " + id_ + ": expected episodes with steps, got " +
                             std::to_string(in_a_row_) + " in a row whose first step diverged");
  }

 private:
  std::string id_;
  int64_t in_a_row_ = 0;
};

}  // namespace longplay
