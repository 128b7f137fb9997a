// SPDX-License-Identifier: MIT
#pragma once

#include <cstdio>
#include <string>
#include <vector>

namespace longplay {

/// What a user should know, each a line on stderr: "note: ...".
inline void PrintNote(const std::string& note) { std::fprintf(stderr, "note: %s\n", note.c_str()); }
inline void PrintNotes(const std::vector<std::string>& notes) {
  for (const std::string& note : notes) PrintNote(note);
}

}  // namespace longplay
