// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace longplay {

struct SvgPoint {
  double x = 0, y = 0;  // [px], y downwards
};

/// A coordinate with one decimal.
std::string SvgNumber(double value);

/// "x,y x,y ..." for <polyline> and <polygon>.
std::string SvgPoints(const std::vector<SvgPoint>& points);

/// `attributes` as they stand in the tag, e.g. class="grid".
std::string SvgLine(SvgPoint from, SvgPoint to, std::string_view attributes);

/// `text` is escaped here.
std::string SvgText(SvgPoint at, std::string_view attributes, std::string_view text);

/// A small dot: one value of several that a mark or bar is the mean of.
std::string SvgDot(SvgPoint at);

/// The index-th mark of a fixed list of shapes (circle, square, triangle ...), so that series can
/// be told apart without their colours. `tooltip` may be empty.
std::string SvgMark(SvgPoint at, size_t index, std::string_view tooltip);

}  // namespace longplay
