// SPDX-License-Identifier: MIT
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "agent/evaluation/evaluation_request.h"

namespace longplay {

/// Where a result document is kept unless the user says otherwise: below its first run,
/// evaluations/<kind>_<checkpoint>_<E>x<S>_<hash of what was asked and of whom>.json. The same
/// evaluation again replaces its file; another one never does.
std::string DefaultResultPath(const nlohmann::json& result);

/// Writes a result document whole or not at all. Runs and data files are named by their paths from
/// the file's folder, so that they can be moved together.
/// Throws std::runtime_error when the file cannot be written.
void WriteResult(const std::string& path, const nlohmann::json& result);

/// Reads one back, with paths that hold from where the program runs. Throws std::runtime_error when
/// there is none, it is no result, or a newer longplay wrote it.
nlohmann::json ReadResult(const std::string& path);

/// What has to be asked for to get `result` again: the very checkpoints that it scored, chosen
/// again where it chose. Throws std::invalid_argument like EvaluateFromJson.
EvaluationRequest RequestOf(const nlohmann::json& result);

}  // namespace longplay
