// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace longplay {

/// Text that is safe between tags and inside quoted attributes of HTML and SVG. Control characters
/// other than tab and line feed are dropped: XML has no way to write them.
std::string EscapeMarkup(std::string_view text);

/// For people: four significant digits, "12,345" from a thousand on, "2.5×10⁶" far from one, a
/// true minus sign, and "–" for what is not finite.
std::string FormatNumber(double value);

/// With `decimals` digits after the point, otherwise as FormatNumber.
std::string FormatFixed(double value, int decimals);

/// With a capital letter at its start.
std::string Capitalised(std::string text);

/// Characters, not bytes, of UTF-8 text.
size_t CharacterCount(std::string_view text);

/// Breaks at spaces into lines of at most `width` characters, and longer words anywhere.
std::vector<std::string> WrapWords(std::string_view text, size_t width);

}  // namespace longplay
