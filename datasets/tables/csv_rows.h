// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace longplay {

/// The rows of a text table (RFC 4180, and as Excel and pandas write it), the header first.
///
/// Left away are a byte order mark, blanks around cells without quotes, empty lines and rows of
/// empty cells alone. The separator is the comma, semicolon, tab or | that stands most often in the
/// first line; Excel's line "sep=;" before it says it. Nothing is copied: `text` must stay.
class CsvRows {
 public:
  /// `line` counts from 1 where the row begins.
  using Visit = std::function<void(int64_t line, std::span<const std::string> cells)>;

  /// `path` names the file in messages. Throws DataError when it is no UTF-8 or ASCII text.
  CsvRows(std::string_view text, const std::string& path);

  char separator() const { return separator_; }

  /// From the first row, which is the header. Throws DataError with the line of quotes that are not
  /// closed, or stand inside a cell that does not begin with one.
  void ForEach(const Visit& visit) const;

 private:
  std::string_view text_;
  std::string path_;
  char separator_ = ',';
  int64_t first_line_ = 1;  // of text_
};

}  // namespace longplay
