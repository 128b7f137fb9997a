// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "agent/config/run_options.h"

namespace longplay {

/// Reads a YAML file over the defaults, then applies overrides ("train.steps=20").
/// Strict: an unknown key, a wrong type or a value out of range throws std::invalid_argument:
/// "reading config: <file>:<line>: <key>: expected <accepted>, got <value>".
RunOptions LoadConfig(const std::string& path, const std::vector<std::string>& overrides);

/// The same from YAML text, which need not name data; `name` stands for the file in messages.
RunOptions ParseConfig(const std::string& text, const std::string& name,
                       const std::vector<std::string>& overrides);

/// `options` with overrides.
RunOptions WithOverrides(const RunOptions& options, const std::vector<std::string>& overrides);

/// The defaults with overrides, for what needs no data.
RunOptions DefaultsWith(const std::vector<std::string>& overrides);

/// Every key with its effective value; ParseConfig reads it back to the same options.
std::string ConfigToYaml(const RunOptions& options);

}  // namespace longplay
