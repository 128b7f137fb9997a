// SPDX-License-Identifier: MIT
#include "agent/report/table_figure.h"

#include <algorithm>
#include <regex>
#include <stdexcept>

#include "agent/charts/shown_text.h"
#include "agent/report/csv_link.h"

namespace longplay {
namespace {

// "12.5 [11, 14]", "+3 (1 to 5)", "7 of 8"; "4 episodes" is a name.
bool LooksLikeNumber(const std::string& cell) {
  // A dash stands for a number that is not known.
  if (cell.empty() || cell == "–" || cell == "-") return true;
  static const std::regex kNumber("(−|[-+])?[0-9]([^A-Za-z]| to | of )*");
  return std::regex_match(cell, kNumber);
}

std::vector<bool> NumberColumns(const Table& table) {
  std::vector<bool> numbers(table.header.size(), !table.rows.empty());
  if (!numbers.empty()) numbers[0] = false;  // names the row
  for (const std::vector<std::string>& row : table.rows) {
    for (size_t i = 0; i < row.size(); ++i) numbers[i] = numbers[i] && LooksLikeNumber(row[i]);
  }
  return numbers;
}

std::string Cell(const std::string& tag, const std::string& text, bool number,
                 const std::string& link = "") {
  // The closing tag is without the attributes.
  const std::string name = tag.substr(0, tag.find(' '));
  std::string content = EscapeMarkup(text);
  if (!link.empty()) content = "<a href=\"" + EscapeMarkup(link) + "\">" + content + "</a>";
  return "<" + tag + (number ? " class=\"number\">" : ">") + content + "</" + name + ">";
}

std::string TableRows(const Table& table) {
  const std::vector<bool> numbers = NumberColumns(table);
  std::string html = "<thead><tr>";
  for (size_t i = 0; i < table.header.size(); ++i) {
    html += Cell("th scope=\"col\"", table.header[i], numbers[i]);
  }
  html += "</tr></thead>\n<tbody>\n";
  for (size_t r = 0; r < table.rows.size(); ++r) {
    html += "<tr>";
    for (size_t i = 0; i < table.rows[r].size(); ++i) {
      html += Cell(i == 0 ? "th scope=\"row\"" : "td", table.rows[r][i], numbers[i],
                   table.links.empty() ? "" : table.links[r][i]);
    }
    html += "</tr>\n";
  }
  return html + "</tbody>\n";
}

void CheckTable(const Table& table) {
  for (size_t i = 0; i < table.rows.size(); ++i) {
    if (table.rows[i].size() == table.header.size()) continue;
    throw std::invalid_argument(
        "drawing a table: '" + table.title + "', row " + std::to_string(i + 1) + ": expected " +
        std::to_string(table.header.size()) + " cells as in the header, got " +
        std::to_string(table.rows[i].size()));
  }
  const auto size = [](const std::vector<std::string>& row) { return row.size(); };
  if (table.links.empty() || std::ranges::equal(table.rows, table.links, {}, size, size)) return;
  throw std::invalid_argument("drawing a table: '" + table.title +
                              "': expected as many links as cells");
}

}  // namespace

std::string FigureTitle(const std::string& title) {
  return title.empty() ? "" : "<h3>" + EscapeMarkup(title) + "</h3>\n";
}

std::string ScrollingTable(const Table& table) {
  return "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"" +
         EscapeMarkup(table.title.empty() ? "Table" : table.title) + "\"><table>\n" +
         TableRows(table) + "</table></div>\n";
}

std::string TableFigure(const Table& table) {
  CheckTable(table);
  return "<figure class=\"table\">\n" + FigureTitle(table.title) + ScrollingTable(table) +
         (table.caption.empty()
              ? ""
              : "<figcaption>" + EscapeMarkup(table.caption) + "</figcaption>\n") +
         "<div class=\"more\">" + CsvLink(TableCsv(table), table.title) + "</div>\n</figure>\n";
}

}  // namespace longplay
