// SPDX-License-Identifier: MIT
#pragma once

#include <yaml-cpp/yaml.h>

#include <functional>
#include <string>

#include "agent/config/run_options.h"

namespace longplay {

/// What a key decides. A run that goes on refuses another policy or other data, notes another
/// schedule and takes the rest as it comes; a comparison trains again for the first three only.
enum class KeyRole {
  kPolicy,      // what is learned: the network, its tokens, its method, its first weights
  kData,        // what it is learned from
  kSchedule,    // how it is learned: how long, how fast, in which numbers and chunks
  kEvaluation,  // how a finished policy is played
  kOutput       // where computing is done, what is written when; no weight depends on it
};

/// One key of the configuration: how it is read, checked and printed. The whole mapping between
/// YAML and RunOptions is a list of these (agent/config/config_fields.h).
struct ConfigField {
  std::string key;       // "train.steps"
  std::string accepted;  // for messages: "an integer from 1"
  std::string comment;   // unit and consequence, for the printed config
  KeyRole role = KeyRole::kPolicy;
  /// False when the value is not accepted.
  std::function<bool(const YAML::Node&, RunOptions&)> read;
  std::function<std::string(const RunOptions&)> print;
};

}  // namespace longplay
