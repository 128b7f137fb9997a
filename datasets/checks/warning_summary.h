// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "datasets/validate.h"

namespace longplay {

/// One line for each kind of problem: the first of it with its place, and how many there are that
/// differ in numbers alone.
std::vector<std::string> SummariseProblems(const std::vector<Problem>& problems);

}  // namespace longplay
