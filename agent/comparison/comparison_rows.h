// SPDX-License-Identifier: MIT
#pragma once

#include <yaml-cpp/yaml.h>

#include <string>
#include <vector>

#include "agent/comparison/row_config.h"

namespace longplay {

/// Rows of `compare.grid`: all combinations, the last key varying fastest. `name` is the file.
std::vector<RowConfig> ReadGrid(const YAML::Node& grid, const std::string& name);

/// Rows of `compare.variants`.
std::vector<RowConfig> ReadVariants(const YAML::Node& variants, const std::string& name);

/// Tasks of `compare.tasks`.
std::vector<TaskConfig> ReadTasks(const YAML::Node& tasks, const std::string& name);

/// A list of file names, or one.
std::vector<std::string> ReadFiles(const YAML::Node& files, const std::string& key,
                                   const std::string& name);

}  // namespace longplay
