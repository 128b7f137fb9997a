// SPDX-License-Identifier: MIT
#include "env/literature/literature_tasks.h"

#include <array>
#include <stdexcept>
#include <string_view>

namespace longplay {
namespace {

struct ListOfTasks {
  std::string_view start, text;  // of ids that begin so
};
constexpr std::array kLists = {
    ListOfTasks{"literature/ant-dir", "published: 50 directions of T2DA, tests 45-49"},
    ListOfTasks{"literature/cheetah-dir", "published: 4 of Meta-DT, tests 2-3 (both directions)"},
    ListOfTasks{"literature/cheetah-vel", "published: 50 velocities of T2DA, tests 45-49"},
    ListOfTasks{"literature/dark-key-to-door", "published: 6561 pairs of DICP, tests the last 328"},
    ListOfTasks{"literature/dark-room",
                "published: 100 goals of DPT, tests 80-99; goals=dicp: 81, tests 73-80"},
    ListOfTasks{"literature/hopper-param",
                "ours: 50 by Meta-DT's recipe and seed, tests 45-49; its own list is not public"},
    ListOfTasks{"literature/point-robot",
                "published: 50 goals of T2DA, tests 45-49; variant=t2mir: its tests"},
    ListOfTasks{"literature/walker-param", "published: 50 of T2MIR's file, tests 45-49"},
};

}  // namespace

std::vector<PlainEntry> PlainLiteratureTasks() {
  std::vector<PlainEntry> all;
  for (const auto& tasks : {DarkKeyToDoorTasks(), DarkRoomTasks(), PointRobotTasks()}) {
    all.insert(all.end(), tasks.begin(), tasks.end());
  }
  return all;
}

std::string LiteratureList(const std::string& id) {
  for (const ListOfTasks& list : kLists) {
    if (id.starts_with(list.start)) return std::string(list.text);
  }
  throw std::logic_error("listing environments: expected a word on the tasks of " + id);
}

}  // namespace longplay
