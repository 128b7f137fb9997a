// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "datasets/checks/problem_log.h"

namespace longplay {

/// Whether two observations are the same up to rounding.
bool SameObservation(std::span<const double> a, std::span<const double> b);

/// Compares what was recorded after each step with what was seen before the next one: `next` and
/// `observations` are [N, width] of one episode, the last row of `next` aside. Warns of the rows that
/// do not continue. `where` names the array of `next`, `first` the row of it where the episode begins.
void CheckContinuity(std::span<const double> observations, std::span<const double> next,
                     int64_t width, const std::string& where, int64_t first, ProblemLog& log);

/// Warns of an episode's end that the row after it continues. `row` is that of the end.
void WarnOfContinuedEnd(const std::string& where, int64_t row, ProblemLog& log);

}  // namespace longplay
