// SPDX-License-Identifier: MIT
#pragma once

namespace longplay {

/// What is held equal between the rows of a comparison: optimiser steps, or tokens seen in
/// training.
enum class Budget { kSteps, kTokens };

/// "steps" or "tokens".
inline const char* BudgetName(Budget budget) {
  return budget == Budget::kSteps ? "steps" : "tokens";
}

}  // namespace longplay
