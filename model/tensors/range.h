// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace longplay {

/// first <= i < last.
struct Range {
  int64_t first, last;
  int64_t size() const { return last - first; }
};

}  // namespace longplay
