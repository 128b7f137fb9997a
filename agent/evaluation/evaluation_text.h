// SPDX-License-Identifier: MIT
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace longplay {

/// A result document of agent/evaluation/evaluation_request.h for people: lines of text.
std::string EvaluationText(const nlohmann::json& result);

/// What Verify found, the same way.
std::string VerificationText(const nlohmann::json& verification);

}  // namespace longplay
