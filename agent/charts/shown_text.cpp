// SPDX-License-Identifier: MIT
#include "agent/charts/shown_text.h"

#include <cmath>
#include <cstdio>
#include <sstream>

namespace longplay {
namespace {

std::string Print(const char* format, int digits, double value) {
  char text[400];  // the longest double has 309 digits before the point
  std::snprintf(text, sizeof text, format, digits, value);
  return text;
}

std::string GroupThousands(std::string digits) {
  const size_t point = std::min(digits.find('.'), digits.size());
  for (size_t i = point; i > 3; i -= 3) digits.insert(i - 3, ",");
  return digits;
}

std::string Superscript(int exponent) {
  static const char* const kDigits[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
  std::string text = exponent < 0 ? "⁻" : "";
  for (const char digit : std::to_string(std::abs(exponent))) text += kDigits[digit - '0'];
  return text;
}

std::string Scientific(double magnitude) {
  const std::string text = Print("%.*e", 2, magnitude);  // as 2.50e+06
  const size_t mark = text.find('e');
  std::string mantissa = text.substr(0, mark);
  // "2.50" is 2.5, and "1.00" is left out.
  mantissa.erase(mantissa.find_last_not_of('0') + 1);
  if (mantissa.back() == '.') mantissa.pop_back();
  const std::string power = "10" + Superscript(std::stoi(text.substr(mark + 1)));
  return mantissa == "1" ? power : mantissa + "×" + power;
}

bool IsFarFromOne(double magnitude) {
  // What rounds to a million is one.
  return magnitude != 0 && (magnitude >= 1e6 - 0.5 || magnitude < 1e-4);
}

std::string WithSign(double value, const std::string& magnitude) {
  // What rounds to zero has no sign.
  const bool zero = magnitude.find_first_of("123456789") == std::string::npos;
  return value < 0 && !zero ? "−" + magnitude : magnitude;
}

}  // namespace

std::string EscapeMarkup(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        if (static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t') escaped += c;
    }
  }
  return escaped;
}

std::string FormatNumber(double value) {
  if (!std::isfinite(value)) return "–";
  const double magnitude = std::abs(value);
  if (IsFarFromOne(magnitude)) return WithSign(value, Scientific(magnitude));
  if (magnitude >= 1000) return WithSign(value, GroupThousands(Print("%.*f", 0, magnitude)));
  // 999.96 rounds to a thousand.
  return WithSign(value, GroupThousands(Print("%.*g", 4, magnitude)));
}

std::string FormatFixed(double value, int decimals) {
  if (!std::isfinite(value) || IsFarFromOne(std::abs(value))) return FormatNumber(value);
  return WithSign(value, GroupThousands(Print("%.*f", decimals, std::abs(value))));
}

std::string Capitalised(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 32);
  return text;
}

size_t CharacterCount(std::string_view text) {
  size_t count = 0;
  // Bytes 10xxxxxx go on with a character that began before.
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  return count;
}

namespace {

// The bytes of the first `count` characters of UTF-8 text, or of all if it has fewer.
size_t BytesOf(std::string_view text, size_t count) {
  size_t bytes = 0;
  for (size_t seen = 0; bytes < text.size(); ++bytes) {
    const bool begins = (static_cast<unsigned char>(text[bytes]) & 0xC0) != 0x80;
    if (begins && seen++ == count) break;
  }
  return bytes;
}

}  // namespace

std::vector<std::string> WrapWords(std::string_view text, size_t width) {
  std::vector<std::string> lines;
  std::istringstream words{std::string(text)};
  for (std::string word; words >> word;) {
    if (!lines.empty() && CharacterCount(lines.back()) + 1 + CharacterCount(word) <= width) {
      lines.back() += " " + word;
    } else {
      lines.push_back(word);
    }
    // A word that no line holds goes on in the next one.
    while (CharacterCount(lines.back()) > width) {
      const size_t bytes = BytesOf(lines.back(), width);
      const std::string rest = lines.back().substr(bytes);
      lines.back().resize(bytes);
      lines.push_back(rest);
    }
  }
  return lines;
}

}  // namespace longplay
