// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>

#include "agent/runs/checkpoint.h"

namespace longplay {

/// config.json's model_type.
inline constexpr char kExportedModelType[] = "longplay_policy";

/// Writes the weights of policy.folder, a checkpoint that was loaded, for other programs
/// (scripts/read_policy.py is one) and for ImportPolicy:
///
///   model.safetensors  every parameter by name
///   probe.safetensors  some decisions (agent/exchange/export_probe.h), by which runtime/ tests
///                      itself
///   config.json        model_type; schema; config: every key of config.yaml by section; policy:
///                      what policy.json of a checkpoint holds (sizes, normaliser, returns);
///                      parameters: name → shape
///
/// Returns the number of parameters. Throws std::runtime_error when `folder` cannot be written or
/// holds an exported policy or a model already.
int64_t ExportPolicy(const LoadedPolicy& policy, const std::string& folder);

}  // namespace longplay
