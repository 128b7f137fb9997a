// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>

#include "agent/acting/policy.h"

namespace longplay {

struct LoadedPolicy;

/// What the training method of a checkpoint acts with. `path` is a run folder or a checkpoint.
/// Throws std::runtime_error when it cannot be loaded, std::invalid_argument for options that do not
/// fit it.
std::unique_ptr<Policy> MakePolicy(const std::string& path, const PolicyOptions& options);

/// The same from a policy in memory, which it shares.
std::unique_ptr<Policy> MakePolicy(const LoadedPolicy& loaded, const PolicyOptions& options);

}  // namespace longplay
