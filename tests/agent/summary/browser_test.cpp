// SPDX-License-Identifier: MIT
// A report of everything, laid out by a browser where there is one.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "agent/report/report_text.h"
#include "agent/summary/comparison_report.h"
#include "tests/agent/summary/small_comparison.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

std::string Read(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

bool Runs(const std::string& command) {
  return std::system((command + " >/dev/null 2>&1").c_str()) == 0;
}

/// The name of a browser that has no window, or nothing.
std::string Browser() {
  for (const std::string name : {"chromium", "chromium-browser", "google-chrome"}) {
    if (Runs("command -v " + name)) return name;
  }
  return "";
}

/// What the page measures where it is `width` pixels wide: "0 px too wide, 0 cut". Cut are parts
/// that reach over the right edge and do not scroll by themselves.
std::string Measured(const std::string& browser, const std::string& html, int width) {
  const std::string page = TemporaryPath("page.html"), out = TemporaryPath("page.txt");
  std::ofstream(page) << "<!DOCTYPE html><iframe id=\"f\" style=\"border:0;width:" << width
                      << "px;height:900px\" srcdoc=\"" << EscapeMarkup(html)
                      << R"html("></iframe><p id="p">
<script>f.onload = () => {
  const d = f.contentDocument, w = d.documentElement.clientWidth;
  let cut = 0;
  for (const e of d.querySelectorAll('h1, h2, h3, p, svg, figure, figcaption, .scroll, .legend li'))
    if (e.getBoundingClientRect().right > w + 1 && !e.closest('table')) ++cut;
  p.textContent = `${d.documentElement.scrollWidth - w} px too wide, ${cut} cut`;
};</script>)html";
  const std::string command = browser +
                              " --headless --no-sandbox --disable-gpu --virtual-time-budget=5000 "
                              "--window-size=1400,1000 --dump-dom 'file://" +
                              std::filesystem::absolute(page).string() + "' 2>/dev/null >" + out;
  if (std::system(command.c_str()) != 0) return "the browser failed";
  const std::string dom = Read(out), open = "<p id=\"p\">";
  const size_t start = dom.find(open);
  if (start == std::string::npos) return "nothing measured";
  return dom.substr(start + open.size(), dom.find("</p>", start) - start - open.size());
}

TEST(ReportInABrowserTest, NothingIsCutOnAWideAndANarrowScreen) {
  const std::string browser = Browser();
  if (browser.empty()) GTEST_SKIP() << "no chromium on this machine";
  Comparison comparison = LongerThanTrained();
  comparison.rows[1].name = "a row whose name is long, with four settings beside its length";
  comparison.rows[0].values = comparison.rows[1].values = {
      {"chain.tokens", "[return, observation, action, reward, completion]"}};
  WriteReport(ComparisonReport(comparison, "running"), TemporaryPath("report.html"));
  const std::string html = Read(TemporaryPath("report.html"));
  EXPECT_EQ(Measured(browser, html, 1280), "0 px too wide, 0 cut");
  EXPECT_EQ(Measured(browser, html, 390), "0 px too wide, 0 cut");
}

}  // namespace
}  // namespace longplay
