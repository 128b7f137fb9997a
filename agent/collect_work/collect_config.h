// SPDX-License-Identifier: MIT
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "agent/collect_work/collect_options.h"

namespace longplay {

/// Options of `longplay collect` out of a YAML file: sections collect (its options by their names on
/// the command line), sac and q_learning (of those learners). Strict, as every configuration: what
/// is wrong throws std::invalid_argument "reading config: <file>:<line>: <key>: expected ..., got ...".
CollectOptions LoadCollectConfig(const std::string& path);

/// The same from text; `name` stands for the file in messages.
CollectOptions ParseCollectConfig(const std::string& text, const std::string& name);

/// Values of the sections sac and q_learning by their keys, for the record of unfinished work.
nlohmann::json LearnerKeys(const CollectOptions& options);

/// A key of such a file, for the reference of all keys.
struct CollectKey {
  std::string key, accepted, standard, comment;  // standard: its value where none is given
};
std::vector<CollectKey> CollectKeys();

/// The command that goes on with the work.
std::string ResumeCommand(const CollectOptions& options);

}  // namespace longplay
