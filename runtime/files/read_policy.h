// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "runtime/files/policy_facts.h"

namespace longplay::runtime {

/// Reads `path`, an exported config.json. Throws Failure: LONGPLAY_NO_FILE, LONGPLAY_DAMAGED, or
/// LONGPLAY_NOT_SUPPORTED for what only a newer longplay knows.
PolicyFacts ReadPolicyFacts(const std::string& path);

}  // namespace longplay::runtime
