// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>

#include "runtime/acting/open_policy.h"
#include "runtime/longplay.h"

/// What a caller of the C interface holds.
struct longplay_policy {
  std::unique_ptr<longplay::runtime::OpenedPolicy> opened;
  longplay_policy_options options;
  int64_t calls = 0, overruns = 0;

  longplay::runtime::ActingPolicy& policy() const { return *opened->policy; }
};
