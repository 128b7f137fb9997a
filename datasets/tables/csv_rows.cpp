// SPDX-License-Identifier: MIT
#include "datasets/tables/csv_rows.h"

#include <csv.h>

#include <algorithm>
#include <array>
#include <vector>

#include "datasets/data_error.h"

namespace longplay {
namespace {

/// What libcsv's callbacks fill. They are called from C: no exception may leave them.
struct CsvState {
  std::vector<std::string> cells;  // more than `count` of them: their memory is used again
  size_t count = 0;
  bool row_ended = false, out_of_memory = false;
};

void AddCell(void* bytes, size_t size, void* data) noexcept {
  auto& state = *static_cast<CsvState*>(data);
  try {
    if (state.count == state.cells.size()) state.cells.emplace_back();
    state.cells[state.count].assign(static_cast<const char*>(bytes), size);
    ++state.count;
  } catch (...) {
    state.out_of_memory = true;
  }
}

void EndRow(int /*character*/, void* data) noexcept {
  static_cast<CsvState*>(data)->row_ended = true;
}

/// libcsv's parser, freed with this object.
struct CsvParser {
  explicit CsvParser(char separator) {
    // Strict: a quote inside a cell, or one that is not closed, is an error and no guess.
    csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI);
    csv_set_delim(&parser, static_cast<unsigned char>(separator));
  }
  ~CsvParser() { csv_free(&parser); }
  CsvParser(const CsvParser&) = delete;
  CsvParser& operator=(const CsvParser&) = delete;

  csv_parser parser = {};
};

/// The text up to and with the first line's end: "\n", "\r\n" or "\r".
std::string_view FirstLine(std::string_view text) {
  const size_t end = text.find_first_of("\r\n");
  if (end == std::string_view::npos) return text;
  return text.substr(0, text.substr(end).starts_with("\r\n") ? end + 2 : end + 1);
}

char SeparatorOf(std::string_view line) {
  constexpr std::array kSeparators = {',', ';', '\t', '|'};
  std::array<int64_t, kSeparators.size()> counts{};
  bool quoted = false;
  for (const char c : line) {
    if (c == '"') quoted = !quoted;
    const auto* found = std::ranges::find(kSeparators, c);
    if (!quoted && found != kSeparators.end()) ++counts[found - kSeparators.begin()];
  }
  return kSeparators[std::ranges::max_element(counts) - counts.begin()];
}

}  // namespace

CsvRows::CsvRows(std::string_view text, const std::string& path) : text_(text), path_(path) {
  if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff")) {
    throw DataError(path, "expected UTF-8 text, got UTF-16 (Excel: save as CSV UTF-8)");
  }
  if (text.substr(0, 4096).find('\0') != std::string_view::npos) {
    throw DataError(path, "expected a table as text, got bytes that are none");
  }
  if (text_.starts_with("\xef\xbb\xbf")) text_.remove_prefix(3);
  const std::string_view line = FirstLine(text_);
  if (line.starts_with("sep=") && line.size() > 5) {  // the separator and the line's end
    separator_ = line[4];
    text_.remove_prefix(line.size());
    first_line_ = 2;
    return;
  }
  separator_ = SeparatorOf(line);
}

void CsvRows::ForEach(const Visit& visit) const {
  CsvParser csv(separator_);
  CsvState state;
  int64_t line = first_line_ - 1, row_line = first_line_;
  const auto fail = [&](const std::string& got) {
    throw DataError(path_ + ":" + std::to_string(row_line),
                    "expected quotes around whole cells, doubled inside (\"\"), got " + got);
  };
  const auto hand_on = [&] {
    if (state.out_of_memory) throw std::bad_alloc();
    if (!state.row_ended) return;
    const std::span<const std::string> cells(state.cells.data(), state.count);
    if (!std::ranges::all_of(cells, &std::string::empty)) visit(row_line, cells);
    state.count = 0;
    state.row_ended = false;
  };
  // Line by line: a row ends with a line, and messages name the line where it begins.
  for (std::string_view rest = text_; !rest.empty();) {
    const std::string_view text = FirstLine(rest);
    rest.remove_prefix(text.size());
    ++line;
    const bool in_quotes = csv.parser.quoted != 0;  // its cell began in a line before
    if (state.count == 0 && !in_quotes) row_line = line;
    const size_t read = csv_parse(&csv.parser, text.data(), text.size(), AddCell, EndRow, &state);
    if (read != text.size()) fail("a quote inside a cell");
    hand_on();
  }
  // The last line may have no end.
  if (csv_fini(&csv.parser, AddCell, EndRow, &state) != 0) fail("a quote that is not closed");
  hand_on();
}

}  // namespace longplay
