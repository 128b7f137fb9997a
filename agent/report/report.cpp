// SPDX-License-Identifier: MIT
#include "agent/report/report.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>

#include "agent/charts/shown_text.h"
#include "agent/files/atomic_write.h"
#include "agent/report/chart_figure.h"
#include "agent/report/report_script.h"
#include "agent/report/report_style.h"
#include "agent/report/table_figure.h"

namespace longplay {
namespace {

std::string Base64(const std::string& bytes) {
  static const char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const size_t count = std::min<size_t>(3, bytes.size() - i);
    // Three bytes make four digits of six bits each; what the end lacks is written as "=".
    uint32_t group = 0;
    for (size_t k = 0; k < 3; ++k) {
      group = group << 8 | (k < count ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    }
    for (size_t k = 0; k < 4; ++k) {
      text += k <= count ? kDigits[group >> (18 - 6 * k) & 63] : '=';
    }
  }
  return text;
}

std::string ReadVideo(const std::string& path, const std::string& section) {
  const auto fail = [&](const std::string& got) {
    throw std::runtime_error("embedding the video of section '" + section + "': " + path +
                             ": expected an mp4 file, got " + got);
  };
  std::ifstream file(path, std::ios::binary);
  if (!file) fail("no readable file");
  std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  // An mp4 file begins with a box: four bytes of size, then its kind.
  if (bytes.size() < 8 || bytes.compare(4, 4, "ftyp") != 0) {
    fail(std::to_string(bytes.size()) + " bytes of something else");
  }
  return bytes;
}

std::string VideoFigure(const ReportVideo& video, const std::string& section) {
  std::string html =
      "<figure class=\"video\">\n<video controls muted loop playsinline preload=\"auto\" "
      "src=\"data:video/mp4;base64," +
      Base64(ReadVideo(video.path, section)) + "\"></video>\n";
  if (!video.caption.empty()) {
    html += "<figcaption>" + EscapeMarkup(video.caption) + "</figcaption>\n";
  }
  return html + "</figure>\n";
}

std::string Videos(const ReportSection& section) {
  if (section.videos.empty()) return "";
  std::string html = "<div class=\"videos\">\n";
  for (const ReportVideo& video : section.videos) html += VideoFigure(video, section.title);
  return html + "</div>\n";
}

// Blank lines separate paragraphs.
std::string Paragraphs(const std::string& text, const std::string& open) {
  std::string html, paragraph;
  const auto close = [&] {
    if (!paragraph.empty()) html += open + EscapeMarkup(paragraph) + "</p>\n";
    paragraph.clear();
  };
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.find_first_not_of(" \t\r") == std::string::npos) {
      close();
    } else {
      paragraph += (paragraph.empty() ? "" : "\n") + line;
    }
  }
  close();
  return html;
}

std::string SectionId(size_t index) { return "section-" + std::to_string(index + 1); }

std::string Section(const ReportSection& section, size_t index) {
  const std::string id = SectionId(index);
  std::string html = "<section id=\"" + id + "\">\n";
  if (!section.title.empty()) html += "<h2>" + EscapeMarkup(section.title) + "</h2>\n";
  html += Paragraphs(section.text, "<p>");
  if (!section.charts.empty()) html += "<div class=\"charts\">\n";
  for (size_t i = 0; i < section.charts.size(); ++i) {
    html += ChartFigure(section.charts[i], id + "-chart-" + std::to_string(i + 1));
  }
  if (!section.charts.empty()) html += "</div>\n";
  for (const Table& table : section.tables) html += TableFigure(table);
  return html + Videos(section) + "</section>\n";
}

std::string Contents(const Report& report) {
  // Two sections are found without a list of them.
  if (report.sections.size() < 3) return "";
  std::string html = "<nav aria-label=\"Contents\"><ol>\n";
  for (size_t i = 0; i < report.sections.size(); ++i) {
    if (report.sections[i].title.empty()) continue;
    html += "<li><a href=\"#" + SectionId(i) + "\">" + EscapeMarkup(report.sections[i].title) +
            "</a></li>\n";
  }
  return html + "</ol></nav>\n";
}

std::string Status(const Report& report) {
  if (report.status.empty()) return "";
  std::string html = std::string("<p class=\"status ") +
                     (report.refresh_seconds ? "running" : "still") + "\" role=\"status\">" +
                     EscapeMarkup(report.status);
  if (report.refresh_seconds) {
    html += " <span class=\"hint\">(this page reloads every " +
            std::to_string(*report.refresh_seconds) + " s)</span>";
  }
  return html + "</p>\n";
}

std::string Head(const Report& report) {
  std::string html =
      "<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n";
  if (report.refresh_seconds) {
    html += "<meta http-equiv=\"refresh\" content=\"" + std::to_string(*report.refresh_seconds) +
            "\">\n";
  }
  return html + "<title>" + EscapeMarkup(report.title) + "</title>\n<style>" + ReportStyle() +
         "</style>\n</head>\n";
}

std::string Footer(const Report& report) {
  std::string html;
  if (!report.command.empty()) {
    html += "<h2>How this was made</h2>\n<pre class=\"command\"><code>" +
            EscapeMarkup(report.command) + "</code></pre>\n";
  }
  if (!report.csv.empty()) {
    const std::string name = EscapeMarkup(report.csv);
    html += "<p>The numbers of all charts: <a href=\"" + name + "\" download>" + name +
            "</a>, in the same folder as this page.</p>\n";
  }
  return html.empty() ? "" : "<footer>\n" + html + "</footer>\n";
}

// The answer is what a reader looks for; the other paragraphs go with it.
std::string Summary(const std::string& text) {
  std::string html = Paragraphs(text, "<p class=\"summary\">");
  const std::string plain = "class=\"summary\"", answer = "class=\"summary answer\"";
  if (!html.empty()) html.replace(html.find(plain), plain.size(), answer);
  return html;
}

// Values under the pointer, where there is a chart.
std::string Script(const Report& report) {
  const bool charts = std::ranges::any_of(
      report.sections, [](const ReportSection& section) { return !section.charts.empty(); });
  return charts ? std::string("<script>") + ReportScript() + "</script>\n" : "";
}

std::string Page(const Report& report) {
  // State and answer first, then all sections, last how it was made.
  std::string html = "<!DOCTYPE html>\n<html lang=\"en\">\n" + Head(report) +
                     "<body>\n<header>\n<h1>" + EscapeMarkup(report.title) + "</h1>\n" +
                     Status(report) + Summary(report.summary) + "</header>\n" + Contents(report) +
                     "<main>\n";
  for (size_t i = 0; i < report.sections.size(); ++i) html += Section(report.sections[i], i);
  return html + "</main>\n" + Footer(report) + Script(report) + "</body>\n</html>\n";
}

}  // namespace

void WriteReport(const Report& report, const std::string& path) {
  WriteAtomically(path, Page(report), "writing the report");
}

}  // namespace longplay
