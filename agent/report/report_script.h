// SPDX-License-Identifier: MIT
#pragma once

namespace longplay {

/// The report's script: the values of a line chart under the pointer, the finger or, with the arrow
/// keys, the focus. It reads what ChartValues wrote and loads nothing. Without it a page is whole:
/// marks have titles, and numbers unfold below the charts.
const char* ReportScript();

}  // namespace longplay
