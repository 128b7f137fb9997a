// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace longplay {

/// An id of the list that a user's spelling means.
struct ResolvedId {
  std::string id;    // empty: none, or several
  std::string note;  // how what is played differs from what was asked for; empty = in nothing
};

/// Finds `given` among `ids` whatever its case, separators, prefix ("dmc:walker_walk", "gym/Hopper")
/// and version: an older version of a Gymnasium task is played as the present one, and the note says
/// what differs between them. A newer version than ours is none of them.
ResolvedId ResolveId(std::string_view given, const std::vector<std::string>& ids);

/// Up to three of `ids`, the closest first; those of the same robot before all others.
std::vector<std::string> ClosestIds(std::string_view given, const std::vector<std::string>& ids);

/// Levenshtein's: letters to insert, remove or replace that make `a` into `b`.
size_t EditDistance(std::string_view a, std::string_view b);

}  // namespace longplay
