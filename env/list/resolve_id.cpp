// SPDX-License-Identifier: MIT
#include "env/list/resolve_id.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <numeric>
#include <tuple>
#include <utility>

namespace longplay {
namespace {

/// What Gymnasium 1.4.0 says that changed from v4 to v5 in what an agent sees and earns.
struct Change {
  std::string_view name, text;
};
constexpr std::array<Change, 11> kChanges = {{
    {"Ant-v5",
     "the healthy reward is paid only while healthy, contact forces are seen (105 observations, 27 "
     "in v4) and cost"},
    {"HalfCheetah-v5", "nothing that is seen or earned"},
    {"Hopper-v5", "the healthy reward is paid only while healthy"},
    {"Humanoid-v5",
     "the healthy reward is paid only while healthy, contact forces cost again, observations that "
     "were always 0 are gone (348, 376 in v4)"},
    {"HumanoidStandup-v5", "observations that were always 0 are gone (348, 376 in v4)"},
    {"InvertedDoublePendulum-v5",
     "the healthy reward is paid only while healthy, observations that were always 0 are gone (9, "
     "11 in v4)"},
    {"InvertedPendulum-v5", "the reward is paid only while the pole is up"},
    {"Pusher-v5", "the object is heavier than air, rewards follow the state after the step"},
    {"Reacher-v5",
     "rewards follow the state after the step, the observation that was always 0 is gone (10, 11 "
     "in v4)"},
    {"Swimmer-v5", "nothing that is seen or earned"},
    {"Walker2d-v5",
     "the healthy reward is paid only while healthy, both feet have the same friction"},
}};

/// An id without what people write differently.
struct Plain {
  std::string name;  // letters and digits, lower case: "walkerwalk"
  int version = -1;  // -1 = none given
};

bool IsLetterOrDigit(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }

Plain PlainOf(std::string_view id) {
  Plain plain;
  // "-v5" or "_v5" at the end.
  const size_t v = id.find_last_of("vV");
  if (v != std::string_view::npos && v > 0 && !IsLetterOrDigit(id[v - 1]) && v + 1 < id.size()) {
    const char* end = id.data() + id.size();
    const auto parsed = std::from_chars(id.data() + v + 1, end, plain.version);
    if (parsed.ptr == end) {
      id = id.substr(0, v - 1);
    } else {
      plain.version = -1;
    }
  }
  for (const char c : id) {
    if (!IsLetterOrDigit(c)) continue;
    plain.name += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return plain;
}

/// Without the part in front of ':' or the last '/'.
std::string_view WithoutPrefix(std::string_view id) {
  const size_t end = id.find_last_of(":/");
  return end == std::string_view::npos ? id : id.substr(end + 1);
}

/// What to say when another version than ours was asked for; "" when not.
std::string NoteOn(std::string_view given, const std::string& id, int version) {
  const int ours = PlainOf(id).version;
  if (version < 0 || version == ours) return "";
  std::string note = std::string(given) + " is played as " + id;
  for (const Change& change : kChanges) {
    if (change.name != id) continue;
    note += "; changed since v4: " + std::string(change.text);
    if (version < 4) note += "; v" + std::to_string(version) + " also ran on an older MuJoCo";
  }
  return note;
}

/// "walker" of "dm_control/walker-run-v0" and of "walker_jog": the first word.
std::string Robot(std::string_view id) {
  std::string robot;
  for (const char c : WithoutPrefix(id)) {
    if (!IsLetterOrDigit(c)) break;
    robot += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return robot;
}

}  // namespace

size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 0; i < a.size(); ++i) {
    // One row of the table at a time; `diagonal` is what the row before held at j.
    size_t diagonal = std::exchange(row[0], i + 1);
    for (size_t j = 0; j < b.size(); ++j) {
      const size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

ResolvedId ResolveId(std::string_view given, const std::vector<std::string>& ids) {
  // As it stands in the list.
  if (std::ranges::find(ids, given) != ids.end()) return {.id = std::string(given), .note = ""};
  // Otherwise by letters and digits: "DMC:Walker_Walk" is dm_control/walker-walk-v0.
  const bool has_prefix = WithoutPrefix(given) != given;
  const Plain whole = PlainOf(given), bare = PlainOf(WithoutPrefix(given));
  if (bare.name.empty()) return {};
  std::vector<std::string> found;
  for (const std::string& id : ids) {
    const Plain own = PlainOf(id);
    // A newer version than ours is another task.
    if (bare.version > own.version) continue;
    // With the list's own prefix, or by the name alone.
    if (own.name == whole.name) {
      found = {id};
      break;
    }
    if (PlainOf(WithoutPrefix(id)).name == bare.name) found.push_back(id);
  }
  if (found.size() != 1) return {};
  // Somebody else's prefix may name somebody else's task: only those of libraries are dropped.
  if (has_prefix && PlainOf(found[0]).name != whole.name) {
    const std::string prefix = PlainOf(given.substr(0, given.find_last_of(":/"))).name;
    constexpr std::array<std::string_view, 10> kLibraries = {
        "dmc",       "dmcontrol", "dmcontrolsuite",  "suite",  "gym",
        "gymnasium", "mujoco",    "gymnasiummujoco", "shimmy", "exorl"};
    if (std::ranges::find(kLibraries, prefix) == kLibraries.end()) return {};
  }
  return {.id = found[0], .note = NoteOn(given, found[0], bare.version)};
}

std::vector<std::string> ClosestIds(std::string_view given, const std::vector<std::string>& ids) {
  const std::string robot = Robot(given), name = PlainOf(WithoutPrefix(given)).name;
  // Tasks of the same robot first, then by edits, then by alphabet.
  std::vector<std::tuple<bool, size_t, std::string>> ranked;
  for (const std::string& id : ids) {
    const bool another = robot.empty() || Robot(id) != robot;
    const size_t distance = EditDistance(name, PlainOf(WithoutPrefix(id)).name);
    ranked.emplace_back(another, distance, id);
  }
  std::ranges::sort(ranked);
  std::vector<std::string> closest;
  for (const auto& [another, distance, id] : ranked) {
    if (closest.size() < 3) closest.push_back(id);
  }
  return closest;
}

}  // namespace longplay
