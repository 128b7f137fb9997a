// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

namespace longplay {

enum class Severity { kWarning, kError };

/// One thing wrong with a data set.
struct Problem {
  Severity severity = Severity::kError;
  std::string where;    // file and HDF5 path, with episode and step where known
  std::string problem;  // expected X, got Y
};

/// Lists every problem of a data set, opening it tolerantly; empty means usable and clean.
/// Errors stop OpenDataset, warnings do not. Never throws for a bad file: that is a Problem.
std::vector<Problem> ValidateDataset(const std::string& path);

}  // namespace longplay
