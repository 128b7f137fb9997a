// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace longplay {

/// The text of docs/reference/configuration.md: every key of a run's configuration, of a comparison
/// and of `longplay collect --config`, out of the tables that read them.
std::string ConfigurationPage();

/// A comment of a key ("mamba: [tokens] width of ...") as its unit and its text.
struct KeyComment {
  std::string unit, text;
};

/// `accepted` ends a comment of a choice once more, in parentheses: it is left out.
KeyComment SplitComment(const std::string& comment, const std::string& accepted);

}  // namespace longplay
