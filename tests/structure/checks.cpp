// SPDX-License-Identifier: MIT
#include "tests/structure/checks.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>
#include <regex>
#include <set>
#include <sstream>
#include <stdexcept>

namespace longplay::structure {
namespace {

namespace fs = std::filesystem;

/// Where a file stands.
struct Place {
  std::string folder;  // "" = none of those in rooms.json
  std::string room;
  int floor = -1;  // -1 = the room is not declared
  std::string name() const { return room == "." ? folder : folder + "/" + room; }
};

Place PlaceOf(const std::string& path, const Rooms& rooms) {
  const std::string folder = path.substr(0, path.find('/'));
  const auto known = rooms.folders.find(folder);
  if (known == rooms.folders.end()) return {};
  const std::string inside = FolderOf(path);
  Place place{.folder = folder, .room = inside == folder ? "." : inside.substr(folder.size() + 1)};
  const auto floor = known->second.floors.find(place.room);
  if (floor != known->second.floors.end()) place.floor = floor->second;
  return place;
}

std::string Join(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

bool BeginsWithLicence(const fs::path& path) {
  std::string head(200, '\0');
  std::ifstream(path).read(head.data(), static_cast<std::streamsize>(head.size()));
  return head.find("SPDX-License-Identifier: MIT") != std::string::npos;
}

/// Why the file at `from` must not include the file at `to`, of the same folder or another.
std::optional<std::string> Forbidden(const Place& from, const Place& to, const Rooms& rooms) {
  if (to.folder.empty()) return "only tests and bench may";
  if (from.folder != to.folder) {
    if (rooms.folders.at(from.folder).uses.contains(to.folder)) return {};
    return from.folder + " does not use " + to.folder;
  }
  if (from.room == to.room || to.floor < from.floor) return {};
  return to.name() + (to.floor == from.floor ? " stands beside " : " stands above ") + from.name();
}

/// The external that a header from outside belongs to; none for the standard library's.
std::optional<std::string> ExternalOf(const std::string& header, const Rooms& rooms) {
  for (const auto& [name, external] : rooms.externals) {
    const auto is_one = [&](const std::string& start) { return header.starts_with(start); };
    if (std::any_of(external.headers.begin(), external.headers.end(), is_one)) return name;
  }
  return {};
}

bool IsStandard(const std::string& header) {
  return header.find_first_of("./") == std::string::npos;
}

bool MaySee(const std::string& path, const External& external) {
  return std::any_of(external.places.begin(), external.places.end(), [&](const auto& place) {
    return IsInside(path, place.first) || FolderOf(path) + "/." == place.first;
  });
}

/// What `path` sees and may not.
void CheckExternals(const std::string& path, const IncludeGraph& graph, const Rooms& rooms,
                    Problems& problems) {
  std::set<std::string> reported;
  for (const auto& [header, by] : graph.Externals(path)) {
    const auto name = ExternalOf(header, rooms);
    if (!name) {
      if (IsStandard(header) || by != path) continue;
      problems.push_back(path + ": " + header + " is neither ours nor an external of rooms.json");
      continue;
    }
    const External& external = rooms.externals.at(*name);
    if (MaySee(path, external) || !reported.insert(*name).second) continue;
    problems.push_back(path + ": must not see " + *name + ", which " + by + " includes (" + header +
                       ")");
  }
}

}  // namespace

Problems RoomProblems(const fs::path& root, const IncludeGraph& graph, const Rooms& rooms) {
  Problems problems;
  std::map<std::string, size_t> sizes;
  for (const auto& [path, file] : graph.files()) {
    const Place place = PlaceOf(path, rooms);
    if (place.folder.empty()) continue;
    if (place.floor < 0) problems.push_back(path + ": " + place.name() + " is no declared room");
    ++sizes[place.name()];
  }
  for (const auto& [folder, declared] : rooms.folders) {
    for (const auto& [room, floor] : declared.floors) {
      if (!sizes.contains(Place{.folder = folder, .room = room}.name())) {
        problems.push_back(folder + ": room " + room + " is declared and empty");
      }
    }
    if (declared.floors.size() == 1) continue;
    const auto top = std::count_if(fs::directory_iterator(root / folder), fs::directory_iterator(),
                                   [](const auto& entry) { return entry.is_regular_file(); });
    if (static_cast<size_t>(top) > rooms.top_limit) {
      problems.push_back(folder + ": at most " + std::to_string(rooms.top_limit) +
                         " files at its top, got " + std::to_string(top));
    }
  }
  for (const auto& [room, size] : sizes) {
    if ((size > rooms.room_limit) == rooms.larger.contains(room)) continue;
    problems.push_back(room + ": " + std::to_string(size) + " files, at most " +
                       std::to_string(rooms.room_limit) +
                       (rooms.larger.contains(room) ? ": no exception is needed" : " fit a room"));
  }
  return problems;
}

Problems ArrowProblems(const IncludeGraph& graph, const Rooms& rooms) {
  Problems problems;
  for (const auto& [path, file] : graph.files()) {
    const Place from = PlaceOf(path, rooms);
    for (const std::string& include : file.includes) {
      const std::string folder = include.substr(0, include.find('/'));
      if (!graph.Holds(include)) {
        if (rooms.folders.contains(folder) || folder == "tests") {
          problems.push_back(path + ": " + include + " is not there");
        }
      } else if (!from.folder.empty()) {
        const auto why = Forbidden(from, PlaceOf(include, rooms), rooms);
        if (why) problems.push_back(path + ": must not include " + include + ": " + *why);
      }
    }
  }
  return problems;
}

Problems ExternalProblems(const IncludeGraph& graph, const Rooms& rooms) {
  Problems problems;
  for (const auto& [path, file] : graph.files()) {
    if (PlaceOf(path, rooms).folder.empty()) continue;
    CheckExternals(path, graph, rooms, problems);
  }
  return problems;
}

Problems CircleProblems(const IncludeGraph& graph, const Rooms& rooms) {
  auto known = rooms.circles;
  for (auto& circle : known) std::sort(circle.begin(), circle.end());
  std::sort(known.begin(), known.end());
  const auto found = graph.Circles();
  std::vector<std::vector<std::string>> fresh, gone;
  std::set_difference(found.begin(), found.end(), known.begin(), known.end(),
                      std::back_inserter(fresh));
  std::set_difference(known.begin(), known.end(), found.begin(), found.end(),
                      std::back_inserter(gone));
  Problems problems;
  for (const auto& circle : fresh) problems.push_back("a new circle: " + Join(circle));
  for (const auto& circle : gone) {
    problems.push_back("gone, strike it from rooms.json: " + Join(circle));
  }
  return problems;
}

Problems MirrorProblems(const IncludeGraph& graph, const Rooms& rooms) {
  constexpr std::string_view kTests = "tests/", kEnd = "_test.cpp";
  Problems problems;
  for (const auto& [path, file] : graph.files()) {
    if (!path.starts_with(kTests) || !path.ends_with(kEnd)) continue;
    const std::string mirrored = path.substr(kTests.size());
    const Place place = PlaceOf(mirrored, rooms);
    if (place.folder.empty()) continue;
    const std::string unit = mirrored.substr(0, mirrored.size() - kEnd.size());
    const bool has_unit = graph.Holds(unit + ".h") || graph.Holds(unit + ".cpp");
    if (place.floor < 0) problems.push_back(path + ": " + place.name() + " is no declared room");
    if (has_unit == rooms.other_tests.contains(path)) {
      problems.push_back(path + ": " +
                         (has_unit ? "has a unit: no exception is needed" : unit + " is no unit"));
    }
  }
  for (const auto& [path, why] : rooms.other_tests) {
    if (!graph.Holds(path)) problems.push_back(path + ": an exception in rooms.json, not there");
  }
  return problems;
}

std::vector<std::string> ReadPublicHeaders(const fs::path& cmake_file) {
  std::ifstream file(cmake_file);
  std::string word;
  while (file >> word && word != "set(LONGPLAY_PUBLIC_HEADERS") {
  }
  std::vector<std::string> headers;
  while (file >> word && word != ")") headers.push_back(word);
  if (headers.empty() || word != ")") {
    throw std::runtime_error("reading public headers: " + cmake_file.string() +
                             ": expected set(LONGPLAY_PUBLIC_HEADERS ... ), got none");
  }
  return headers;
}

Problems PublicHeaderProblems(const IncludeGraph& graph, const std::vector<std::string>& headers,
                              const std::string& page) {
  constexpr size_t kMost = 26;  // as many as one can keep stable: take one away before you add one
  Problems problems;
  if (headers.size() > kMost) {
    problems.push_back("public headers: at most " + std::to_string(kMost) + ", got " +
                       std::to_string(headers.size()));
  }
  if (!std::is_sorted(headers.begin(), headers.end())) {
    problems.emplace_back("public headers: expected a sorted list");
  }
  for (const std::string& header : headers) {
    if (!graph.Holds(header)) {
      problems.push_back(header + ": public and not there");
      continue;
    }
    if (page.find("`" + header + "`") == std::string::npos) {
      problems.push_back(header + ": public and not in docs/reference/cpp.md");
    }
    for (const std::string& include : graph.files().at(header).includes) {
      const bool is_public = std::find(headers.begin(), headers.end(), include) != headers.end();
      if (graph.Holds(include) && !is_public) {
        problems.push_back(header + ": public, must not include " + include + ", which is private");
      }
    }
  }
  return problems;
}

Problems RoomTableProblems(const Rooms& rooms, const std::string& page) {
  std::set<std::string> declared;
  for (const auto& [name, folder] : rooms.folders) {
    for (const auto& [room, floor] : folder.floors) {
      if (room != ".") declared.insert(name + "/" + room);
    }
  }

  // The first cells of the table's rows; a cell may name several rooms.
  std::set<std::string> described;
  std::istringstream lines(page.substr(std::min(page.find("| room |"), page.size())));
  const std::regex room(R"(`(\w+/\w+)`)");
  for (std::string line; std::getline(lines, line) && line.starts_with("|");) {
    const std::string cell = line.substr(0, line.find('|', 1));
    for (std::sregex_iterator found(cell.begin(), cell.end(), room);
         found != std::sregex_iterator(); ++found) {
      described.insert((*found)[1]);
    }
  }

  Problems problems;
  for (const std::string& name : declared) {
    if (!described.contains(name)) problems.push_back(name + ": a room, not in docs/design.md");
  }
  for (const std::string& name : described) {
    if (!declared.contains(name)) problems.push_back(name + ": in docs/design.md, no room");
  }
  return problems;
}

Problems LicenceProblems(const fs::path& root, const std::vector<std::string>& folders) {
  static const std::set<std::string> kEndings = {".h", ".cpp", ".py", ".cmake"};
  Problems problems;
  for (const std::string& folder : folders) {
    for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
      const bool checked = kEndings.contains(entry.path().extension().string()) ||
                           entry.path().filename() == "CMakeLists.txt";
      if (checked && !BeginsWithLicence(entry.path())) {
        problems.push_back(fs::relative(entry.path(), root).generic_string() + ": no SPDX line");
      }
    }
  }
  return problems;
}

Problems WordProblems(const fs::path& root, const fs::path& words,
                      const std::vector<std::string>& folders) {
  static const std::set<std::string> kEndings = {".h", ".cpp", ".py", ".md", ".yaml", ".in"};
  struct GoneWord {
    std::regex pattern;
    std::string say;
    std::set<std::string> but;  // files that may have it
  };
  std::ifstream list(words);
  std::vector<GoneWord> gone;
  for (const auto& entry : nlohmann::json::parse(list)) {
    gone.push_back(
        {std::regex(entry["gone"].get<std::string>(), std::regex::icase | std::regex::optimize),
         entry["say"], entry.value("but", std::set<std::string>())});
  }
  Problems problems;
  const auto check = [&](const fs::path& path) {
    const std::string name = fs::relative(path, root).generic_string();
    std::ifstream file(path);
    int number = 0;
    for (std::string line; std::getline(file, line);) {
      ++number;
      for (const GoneWord& word : gone) {
        std::smatch found;
        if (word.but.contains(name) || !std::regex_search(line, found, word.pattern)) continue;
        problems.push_back(name + ":" + std::to_string(number) + ": \"" + found.str() + "\": say " +
                           word.say);
      }
    }
  };
  for (const char* page : {"README.md", "dev"}) check(root / page);
  for (const std::string& folder : folders) {
    for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
      if (kEndings.contains(entry.path().extension().string())) check(entry.path());
    }
  }
  return problems;
}

}  // namespace longplay::structure
