// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace longplay {

/// Up to three of `names`, the one that a mistyped name most likely meant first: the least edits
/// (letters inserted, removed or replaced), equal ones in the order of `names`. A name without a dot
/// is compared with what stands behind the last dot of each, so that "steps" is close to
/// "train.steps"; one in the wrong section is as close as one edit: "chain.mixer" to "model.mixer".
std::vector<std::string> ClosestNames(std::string_view given,
                                      const std::vector<std::string>& names);

/// The same in words, for messages: "train.steps, train.seed, train.threads"; "" without names.
std::string ClosestText(std::string_view given, const std::vector<std::string>& names);

}  // namespace longplay
