// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace longplay {

/// Where things are now, if not where the result file says.
struct VerificationOptions {
  std::vector<std::string> runs;  // as many as in the file, in its order; empty = the file's
  std::vector<std::string> data;  // empty = the file's
  std::string device;             // empty = the file's
};

/// Does again what a result file says was done and compares:
///   same         bool
///   compared     what had to agree, in words
///   differences  [{where, expected, got}], the first hundred
///   made_with    [{where, expected, got}]: versions and machine that are others now
/// With the same versions, processor, threads and device every number must come back exactly.
/// Otherwise the policy and data must be the same, and each mean must lie in the file's 95 %
/// interval, widened by 0.1 % of itself: a rounding error grows without bound in a simulation.
/// Throws like ReadResult and RunEvaluation.
nlohmann::json Verify(const std::string& path, const VerificationOptions& options,
                      const std::function<void(int64_t done, int64_t of)>& on_progress = {});

/// The same for two documents: what was expected and what came out.
nlohmann::json CompareResults(const nlohmann::json& expected, const nlohmann::json& got);

}  // namespace longplay
