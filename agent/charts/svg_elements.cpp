// SPDX-License-Identifier: MIT
#include "agent/charts/svg_elements.h"

#include <cmath>
#include <cstdio>

#include "agent/charts/shown_text.h"

namespace longplay {
namespace {

std::string Attribute(const char* name, double value) {
  return std::string(" ") + name + "=\"" + SvgNumber(value) + "\"";
}

// Corners around the origin, scaled to look as large as a circle of radius 3.6.
std::string MarkCorners(size_t shape) {
  switch (shape) {
    case 1:
      return "M-3.3-3.3H3.3V3.3H-3.3Z";  // square
    case 2:
      return "M0-4.6L4.4 3.2H-4.4Z";  // triangle up
    case 3:
      return "M0-4.9L4.9 0L0 4.9L-4.9 0Z";  // diamond
    case 4:
      return "M0 4.6L4.4-3.2H-4.4Z";  // triangle down
    case 5:
      return "M-1.5-4.5H1.5V-1.5H4.5V1.5H1.5V4.5H-1.5V1.5H-4.5V-1.5H-1.5Z";  // cross
    case 6:
      return "M0-4.7L4.5-1.4L2.8 3.8H-2.8L-4.5-1.4Z";  // pentagon
    default:
      return "M-2-4.4H2L4.6 0L2 4.4H-2L-4.6 0Z";  // hexagon
  }
}

}  // namespace

std::string SvgNumber(double value) {
  char text[400];
  std::snprintf(text, sizeof text, "%.1f", value);
  std::string number = text;
  if (number.ends_with(".0")) number.resize(number.size() - 2);
  // What a small negative number rounds to.
  return number == "-0" ? "0" : number;
}

std::string SvgPoints(const std::vector<SvgPoint>& points) {
  std::string text;
  for (const SvgPoint& point : points) {
    if (!text.empty()) text += ' ';
    text += SvgNumber(point.x) + ',' + SvgNumber(point.y);
  }
  return text;
}

std::string SvgLine(SvgPoint from, SvgPoint to, std::string_view attributes) {
  return "<line" + Attribute("x1", from.x) + Attribute("y1", from.y) + Attribute("x2", to.x) +
         Attribute("y2", to.y) + " " + std::string(attributes) + "/>\n";
}

std::string SvgText(SvgPoint at, std::string_view attributes, std::string_view text) {
  return "<text" + Attribute("x", at.x) + Attribute("y", at.y) + " " + std::string(attributes) +
         ">" + EscapeMarkup(text) + "</text>\n";
}

std::string SvgDot(SvgPoint at) {
  return "<circle class=\"dot\"" + Attribute("cx", at.x) + Attribute("cy", at.y) + " r=\"2\"/>\n";
}

std::string SvgMark(SvgPoint at, size_t index, std::string_view tooltip) {
  const std::string title = tooltip.empty() ? "" : "<title>" + EscapeMarkup(tooltip) + "</title>";
  const size_t shape = index % 8;
  if (shape == 0) {
    return "<circle class=\"mark\"" + Attribute("cx", at.x) + Attribute("cy", at.y) +
           " r=\"3.6\">" + title + "</circle>\n";
  }
  return "<path class=\"mark\" transform=\"translate(" + SvgNumber(at.x) + " " + SvgNumber(at.y) +
         ")\" d=\"" + MarkCorners(shape) + "\">" + title + "</path>\n";
}

}  // namespace longplay
