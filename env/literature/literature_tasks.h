// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "env/plain/plain_task.h"

namespace longplay {

// Tasks exactly as published, with the lists that published scores come from: one function per file.
// To add a file: declare it here, name it in a list below, and say in literature_tasks.cpp where its
// tasks come from.
std::vector<PlainEntry> DarkKeyToDoorTasks();
std::vector<PlainEntry> DarkRoomTasks();
std::vector<PlainEntry> PointRobotTasks();

/// All of them that need no simulator.
std::vector<PlainEntry> PlainLiteratureTasks();

/// Whose the tasks of a literature/ id are: "published: ...", or "ours: ..." where the list is
/// not public.
std::string LiteratureList(const std::string& id);

}  // namespace longplay
