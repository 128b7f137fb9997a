// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace longplay::structure {

/// A folder of the tree and its rooms. A room is a sub-folder; "." is what stands at the top.
struct Folder {
  std::set<std::string> uses;         // other folders
  std::map<std::string, int> floors;  // room -> 0, 1, ... from the bottom
};

/// A library from outside, or a group of system headers.
struct External {
  std::vector<std::string> headers;  // beginnings of their names
  // Folder ("agent"), its top alone ("agent/.") or room that may see it -> why.
  std::map<std::string, std::string> places;
};

/// tests/structure/rooms.json: what the tree is meant to be.
struct Rooms {
  size_t room_limit = 0;  // [headers and sources] in a room
  size_t top_limit = 0;   // [files] at the top of a folder that has rooms
  std::map<std::string, Folder> folders;
  std::map<std::string, External> externals;
  std::map<std::string, std::string> larger;       // rooms above the limit -> why
  std::map<std::string, std::string> other_tests;  // tests that are named after no unit -> why
  std::vector<std::vector<std::string>> circles;   // units that include each other and are known to

  /// Throws std::runtime_error when the file is missing or is not of this form.
  static Rooms Read(const std::filesystem::path& path);
};

}  // namespace longplay::structure
