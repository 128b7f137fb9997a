// SPDX-License-Identifier: MIT
#include "agent/training/log_window.h"

#include <gtest/gtest.h>

#include <cmath>

namespace longplay {
namespace {

LogWindow ThereAndBack(const LogWindow& window) {
  return LogWindow::FromJson(nlohmann::json::parse(window.ToJson().dump()));
}

TEST(LogWindowTest, ItGoesOnFromACheckpoint) {
  LogWindow window;
  window.Add({.figures = {{"loss", 1}, {"value", 4}}});
  window.AddStep(2, 10);
  LogWindow again = ThereAndBack(window);
  again.Add({.figures = {{"loss", 2}, {"value", 5}}});
  again.AddStep(3, 10);
  const TrainingProgress row = again.Row({"value"});
  EXPECT_EQ(row.loss, 1.5);
  EXPECT_EQ(row.gradient_norm, 2.5);
  EXPECT_EQ(row.more[0].second, 4.5);
}

// JSON has null in place of a sum that is no number.
TEST(LogWindowTest, FiguresThatAreNoNumbersStayNone) {
  LogWindow window;
  window.Add({.figures = {{"loss", 1}, {"value", std::nan("")}}});
  const TrainingProgress row = ThereAndBack(window).Row({"value"});
  EXPECT_EQ(row.loss, 1);
  EXPECT_TRUE(std::isnan(row.more[0].second));
}

}  // namespace
}  // namespace longplay
