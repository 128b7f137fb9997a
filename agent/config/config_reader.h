// SPDX-License-Identifier: MIT
#pragma once

#include <yaml-cpp/yaml.h>

#include <string>
#include <utility>
#include <vector>

#include "agent/config/run_options.h"

namespace longplay {

// Configuration files as YAML nodes, for those that hold more than a run (comparison/comparison.h).
// What is wrong throws std::invalid_argument:
// "reading config: <file>:<line>: <key>: expected <accepted>, got <value>".

[[noreturn]] void RejectConfig(const std::string& where, const std::string& key,
                               const std::string& expected, const std::string& got);

/// Refuses a key that is none of `known`: the closest of them, and the page that has them all.
[[noreturn]] void RejectUnknownKey(const std::string& where, const std::string& key,
                                   const std::vector<std::string>& known);

/// The same for a section of a file.
[[noreturn]] void RejectUnknownSection(const std::string& where, const std::string& section,
                                       const std::vector<std::string>& known);

/// "<name>:<line>" of a node in the file `name`.
std::string ConfigPlace(const std::string& name, const YAML::Node& node);

/// A value on one line, for messages.
std::string ShownValue(const YAML::Node& node);

/// Throws std::invalid_argument when `path` cannot be read.
std::string ReadConfigText(const std::string& path);

/// The root of a file: a map, or nothing.
YAML::Node ParseConfigText(const std::string& text, const std::string& name);

/// "key=value" of a command line.
std::pair<std::string, YAML::Node> ParseOverride(const std::string& text);

/// What an empty config file means, before CheckConfig.
RunOptions StartConfig();

/// The name that a key has now; a note says so, once, where it is an old one. `where` is its place.
std::string CurrentName(const std::string& key, const std::string& where);

/// Sets one key, e.g. "train.steps"; `where` is its place for messages.
void ReadConfigKey(const std::string& key, const YAML::Node& value, const std::string& where,
                   RunOptions& options);

/// Sets every key of the section `section`.
void ReadConfigSection(const std::string& section, const YAML::Node& node, const std::string& name,
                       RunOptions& options);

/// What no key alone can say.
void CheckConfig(const RunOptions& options, const std::string& name);

}  // namespace longplay
