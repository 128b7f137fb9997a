// SPDX-License-Identifier: MIT
#pragma once

namespace longplay {

/// The paper a chart is drawn on. Text is 12 px high whatever the width, so each chart is drawn
/// twice and the page shows the one that fits.
enum class ChartPaper {
  kWide,    // 520 px; levels carry their names at the right
  kNarrow,  // 340 px, for phones; levels carry the letters of LevelLetter
};

/// [px]
constexpr double PaperWidth(ChartPaper paper) { return paper == ChartPaper::kWide ? 520 : 340; }

}  // namespace longplay
