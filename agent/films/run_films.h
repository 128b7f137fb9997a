// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "agent/comparison/comparison.h"
#include "agent/report/report.h"

namespace longplay {

/// A run of a comparison that is worth a look, and why.
struct RunToFilm {
  size_t run = 0;  // index into the comparison's
  std::string caption;
};

/// Of each task that has a simulator: the best and the median training run of the row that earns
/// most, by the return of its scored episode (one where it has one run). Runs that are not done are
/// left out.
std::vector<RunToFilm> RunsToFilm(const Comparison& comparison);

/// Films those of them that have no film yet, into FilmOfRun of their folders below `out`; at most
/// the first 900 decisions. Returns a note for each that cannot be filmed: its task has no
/// pictures, or EGL or ffmpeg is missing. After a signal to stop it begins no other.
std::vector<std::string> FilmRuns(const Comparison& comparison, const std::string& out);

/// Puts the films that are there, whoever made them, into the report's section of their task.
/// Films above 16 MiB stay beside it.
void AddFilms(const Comparison& comparison, const std::string& out, Report& report);

}  // namespace longplay
