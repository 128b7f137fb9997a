// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>

#include "agent/acting/policy.h"

namespace longplay {

struct LoadedPolicy;

/// What the training method of a checkpoint acts with, on the CPU. `path` is a run folder (its newest
/// checkpoint is taken) or one checkpoint's. It is new: nothing is in its context.
/// Throws std::runtime_error when something is missing, damaged or of a newer longplay, or when the
/// weights do not repeat the output stored with them; std::invalid_argument for options that do not
/// fit it.
std::unique_ptr<Policy> MakePolicy(const std::string& path, const PolicyOptions& options);

/// The same from a policy in memory, which it shares. For longplay itself: LoadedPolicy is private.
std::unique_ptr<Policy> MakePolicy(const LoadedPolicy& loaded, const PolicyOptions& options);

}  // namespace longplay
