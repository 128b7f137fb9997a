// SPDX-License-Identifier: MIT
#include "tests/structure/rooms.h"

#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace longplay::structure {
namespace {

using nlohmann::json;
using Reasons = std::map<std::string, std::string>;

Folder ReadFolder(const json& from) {
  Folder folder{.uses = from.at("uses").get<std::set<std::string>>(), .floors = {}};
  int floor = 0;
  for (const json& rooms : from.at("floors")) {
    for (const auto& [room, holds] : rooms.items()) folder.floors[room] = floor;
    ++floor;
  }
  return folder;
}

External ReadExternal(const json& from) {
  return {.headers = from.at("headers").get<std::vector<std::string>>(),
          .places = from.at("places").get<Reasons>()};
}

}  // namespace

Rooms Rooms::Read(const std::filesystem::path& path) {
  std::ifstream stream(path);
  if (!stream) throw std::runtime_error("reading rooms: " + path.string() + ": cannot be opened");
  try {
    const json from = json::parse(stream);
    Rooms rooms{.room_limit = from.at("limits").at("room"),
                .top_limit = from.at("limits").at("top"),
                .folders = {},
                .externals = {},
                .larger = from.at("larger").get<Reasons>(),
                .other_tests = from.at("other_tests").get<Reasons>(),
                .circles = from.at("circles").get<std::vector<std::vector<std::string>>>()};
    for (const auto& [name, folder] : from.at("folders").items()) {
      rooms.folders[name] = ReadFolder(folder);
    }
    for (const auto& [name, external] : from.at("externals").items()) {
      rooms.externals[name] = ReadExternal(external);
    }
    return rooms;
  } catch (const json::exception& error) {
    throw std::runtime_error("reading rooms: " + path.string() + ": " + error.what());
  }
}

}  // namespace longplay::structure
