// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "datasets/episode.h"

namespace longplay {

/// One line of JSON from which DatasetInfoFromText restores every field.
std::string ToText(const DatasetInfo& info);
/// Throws std::runtime_error when the text is not from ToText.
DatasetInfo DatasetInfoFromText(const std::string& text);

}  // namespace longplay
