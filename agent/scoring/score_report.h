// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "agent/report/report.h"
#include "agent/scoring/system_score.h"

namespace longplay {

/// The finding in one sentence for each task: who earns most in the last episode, and whether that is
/// more than keeping the best of as many tries of the reference system.
std::string ScoreFinding(const SystemScores& scores);

/// A line for each system and task, with the finding above, for a terminal.
std::string SystemScoreText(const SystemScores& scores);

/// One report: for each task the curves by episode, best of n and under a budget of n trials, and the
/// table; over all tasks rliable's aggregates.
Report ScoreReport(const SystemScores& scores, const std::string& command);

}  // namespace longplay
