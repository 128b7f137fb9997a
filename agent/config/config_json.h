// SPDX-License-Identifier: MIT
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "agent/config/run_options.h"

namespace longplay {

/// Every key with its effective value, by section. Data files are named without their folders and
/// the cache is left out: a configuration reads the same on every machine.
nlohmann::json ConfigToJson(const RunOptions& options);

/// The section `evaluate` alone, and back.
nlohmann::json EvaluateToJson(const EvaluateOptions& options);
/// Throws std::invalid_argument for an unknown key or a value that is not accepted.
EvaluateOptions EvaluateFromJson(const nlohmann::json& json);

}  // namespace longplay
