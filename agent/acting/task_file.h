// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "env/user/user_task.h"

namespace longplay {

/// Reads a task in YAML: model, observation, reward and so on. configs/tasks/crawler.yaml is a
/// complete, commented one. `model` is relative to the file's folder.
/// Strict: an unknown key, a wrong type or a value out of range throws std::invalid_argument:
/// "reading task: <file>:<line>: <key>: expected <accepted>, got <value>".
UserTaskOptions ReadTaskFile(const std::string& path);

/// The same from text; `name` stands for the file in messages and in `model`'s path.
UserTaskOptions ParseTask(const std::string& text, const std::string& name);

}  // namespace longplay
