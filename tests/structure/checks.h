// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tests/structure/include_graph.h"
#include "tests/structure/rooms.h"

namespace longplay::structure {

// Each gives one line for everything that is not as rooms.json says: what, where, what instead.
using Problems = std::vector<std::string>;

/// Every source stands in a declared room, every declared room holds some; neither rooms nor the
/// tops of folders are too large.
Problems RoomProblems(const std::filesystem::path& root, const IncludeGraph& graph,
                      const Rooms& rooms);

/// A room includes only rooms on floors below its own, a folder only folders that it may use, and
/// what is included is there.
Problems ArrowProblems(const IncludeGraph& graph, const Rooms& rooms);

/// Headers from outside are seen, by whatever way, only where they may be.
Problems ExternalProblems(const IncludeGraph& graph, const Rooms& rooms);

/// The circles of units are exactly those that are known.
Problems CircleProblems(const IncludeGraph& graph, const Rooms& rooms);

/// tests/<folder>/<room>/x_test.cpp is there for a unit <folder>/<room>/x, or is named in
/// rooms.json.
Problems MirrorProblems(const IncludeGraph& graph, const Rooms& rooms);

/// What stands between `set(LONGPLAY_PUBLIC_HEADERS` and `)` in a CMake file. Throws
/// std::runtime_error when there is nothing.
std::vector<std::string> ReadPublicHeaders(const std::filesystem::path& cmake_file);

/// The public headers are few, sorted, there, and include nothing of ours but each other; the page
/// for C++ users (`page` is its text) names each.
Problems PublicHeaderProblems(const IncludeGraph& graph, const std::vector<std::string>& headers,
                              const std::string& page);

/// The page for who takes the house over (`page` is its text) has a row for each room, and for none
/// that is not there.
Problems RoomTableProblems(const Rooms& rooms, const std::string& page);

/// Every source, script and CMake file in `folders` begins with its licence.
Problems LicenceProblems(const std::filesystem::path& root,
                         const std::vector<std::string>& folders);

/// No word that the list `words` has as gone stands in a source, configuration or page of `folders`.
Problems WordProblems(const std::filesystem::path& root, const std::filesystem::path& words,
                      const std::vector<std::string>& folders);

}  // namespace longplay::structure
