// SPDX-License-Identifier: MIT
#pragma once

#include <yaml-cpp/yaml.h>

#include <functional>
#include <string>

#include "agent/config/key_role.h"
#include "agent/config/run_options.h"

namespace longplay {

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
