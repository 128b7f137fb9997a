// SPDX-License-Identifier: MIT
#include "agent/collect_work/task_sources.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/temporary_folder.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;

constexpr char kTask[] =
    "model: robot.xml\nobservation: [{quantity: qpos}]\nreward: [{quantity: one}]\n";

std::string Write(const std::string& name, const std::string& text) {
  std::string path = TemporaryPath(name);
  fs::create_directories(fs::path(path).parent_path());
  std::ofstream(path) << text;
  return path;
}

TEST(TaskSourcesTest, AllFilesOfAModelAreFoundWhereverTheyLie) {
  const std::string task = Write("task.yaml", kTask);
  const std::string robot = Write("robot.xml",
                                  "<mujoco><compiler meshdir='meshes' texturedir = \"pictures\"/>\n"
                                  "<include file=\"parts/arm.xml\"/>\n"
                                  "<asset><mesh name='=' file='hand.stl'/>\n"
                                  "<texture fileup='sky.png' filedown=\"sky.png\"/></asset>\n"
                                  "<!-- file='nowhere.stl' --></mujoco>");
  const std::string arm = Write("parts/arm.xml", "<mujoco><mesh file='arm.obj'/></mujoco>");
  const std::string arm_mesh = Write("meshes/arm.obj", "v");
  const std::string hand = Write("meshes/hand.stl", "solid");
  const std::string sky = Write("pictures/sky.png", "png");
  EXPECT_THAT(ModelSources(task), ElementsAre(robot, arm, arm_mesh, hand, sky));
}

TEST(TaskSourcesTest, FilesThatIncludeEachOtherAreListedOnce) {
  const std::string task = Write("task.yaml", kTask);
  const std::string robot = Write("robot.xml", "<mujoco><include file='other.xml'/></mujoco>");
  const std::string other = Write("other.xml", "<mujoco><include file='robot.xml'/></mujoco>");
  EXPECT_THAT(ModelSources(task), ElementsAre(robot, other));
}

TEST(TaskSourcesTest, TheShippedTaskHasItsModel) {
  EXPECT_THAT(ModelSources(LONGPLAY_SOURCE_DIR "/configs/tasks/crawler.yaml"),
              ElementsAre(LONGPLAY_SOURCE_DIR "/configs/tasks/crawler.xml"));
}

TEST(TaskSourcesTest, AModelThatIsNotThereHasNone) {
  EXPECT_THAT(ModelSources(Write("task.yaml", kTask)), ElementsAre());
}

}  // namespace
}  // namespace longplay
