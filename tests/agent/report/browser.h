// SPDX-License-Identifier: MIT
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "agent/charts/shown_text.h"
#include "tests/temporary_folder.h"

namespace longplay {

constexpr char kNoBrowser[] = "no chromium on this machine: ./dev test installs it on Debian";

inline std::string FileText(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

/// The name of a browser that has no window, or nothing.
inline std::string Browser() {
  for (const std::string name : {"chromium", "chromium-browser", "google-chrome"}) {
    if (std::system(("command -v " + name + " >/dev/null 2>&1").c_str()) == 0) return name;
  }
  return "";
}

enum class Scheme { kLight, kDark };

/// What a report measures of itself where it is laid out `width` pixels wide, and a pointer has
/// been over its first chart: "light, 0 px too wide, 0 cut, 0 covered, 0 errors, asked: ...".
///
///   too wide  [px] that the page would scroll sideways
///   cut       elements beyond the page or their figure, of those that do not scroll by themselves
///   covered   texts in a drawing that lie over another one
///   errors    of scripts
///   asked     what the tip of the first line chart says; empty without one
inline std::string Measured(const std::string& browser, std::string html, int width,
                            Scheme scheme) {
  // Errors of the page's scripts are counted from its first line on.
  html.insert(html.find("<head>") + std::string("<head>").size(),
              "<script>window.errors = 0; window.onerror = () => { ++window.errors; };</script>");
  const std::string page = TemporaryPath("page.html"), out = TemporaryPath("page.txt");
  std::ofstream(page) << "<!DOCTYPE html><iframe id=\"f\" style=\"border:0;width:" << width
                      << "px;height:900px\" srcdoc=\"" << EscapeMarkup(html)
                      << R"html("></iframe><p id="p">
<script>f.onload = () => {
  const w = f.contentWindow, d = f.contentDocument, scrolls = d.scrollingElement;
  const seen = e => { const b = e.getBoundingClientRect(); return b.width > 0 && b.height > 0 && b; };
  const drawing = [...d.querySelectorAll('div.wide, div.narrow')].find(e => seen(e) && e.querySelector('.tip'));
  let asked = '';
  if (drawing) {
    const svg = drawing.querySelector('svg'), b = svg.getBoundingClientRect();
    svg.dispatchEvent(new w.PointerEvent('pointermove', {clientX: b.left + b.width / 2, clientY: b.top + 60}));
    asked = seen(drawing.querySelector('.tip')) ? [...drawing.querySelectorAll('.tip *')]
        .filter(e => !e.childElementCount && e.textContent).map(e => e.textContent).join(' | ') : 'no tip';
  }
  let cut = 0, covered = 0;
  for (const e of d.querySelectorAll('body *')) {
    const b = seen(e), figure = e.closest('figure');
    if (!b || e.closest('.scroll > *') || e.closest('title, desc, script')) continue;
    const edge = figure && figure !== e ? figure.getBoundingClientRect() : {left: 0, right: w.innerWidth};
    if (b.right > edge.right + 1 || b.left < edge.left - 1) ++cut;
  }
  for (const svg of d.querySelectorAll('figure.chart svg')) {
    const texts = [...svg.querySelectorAll('text')].map(seen).filter(b => b);
    texts.forEach((a, i) => texts.slice(0, i).forEach(b => {
      const x = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const y = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (x > 1 && y > 4) ++covered;
    }));
  }
  const scheme = w.matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
  p.textContent = `${scheme}, ${scrolls.scrollWidth - w.innerWidth} px too wide, ${cut} cut, ${covered} covered, ` +
      `${w.errors} errors, asked: ${asked}`;
};</script>)html";
  const std::string command =
      browser +
      " --headless --no-sandbox --disable-gpu --hide-scrollbars --virtual-time-budget=5000" +
      // Of its own: several tests may run at once, and a container's shared memory may be small.
      " --disable-dev-shm-usage --user-data-dir='" + TemporaryPath("profile") + "'" +
      " --window-size=1400,1000 --blink-settings=preferredColorScheme=" +
      (scheme == Scheme::kDark ? "0" : "1") + " --dump-dom 'file://" +
      std::filesystem::absolute(page).string() + "' 2>/dev/null >" + out;
  if (std::system(command.c_str()) != 0) return "the browser failed";
  const std::string dom = FileText(out), open = "<p id=\"p\">";
  const size_t start = dom.find(open);
  if (start == std::string::npos) return "nothing measured";
  return dom.substr(start + open.size(), dom.find("</p>", start) - start - open.size());
}

}  // namespace longplay
