// SPDX-License-Identifier: MIT
#pragma once

namespace longplay {

/// The report's style sheet: light and dark, phone and desktop, print; fonts of the reader's
/// system.
const char* ReportStyle();

}  // namespace longplay
