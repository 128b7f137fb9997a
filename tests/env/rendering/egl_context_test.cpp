// SPDX-License-Identifier: MIT
#include "env/rendering/egl_context.h"

#include <dlfcn.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>

namespace longplay {
namespace {

// What EGL says is current on this thread.
void* Current() {
  void* library = dlopen("libEGL.so.1", RTLD_NOW | RTLD_LOCAL);
  using Get = void* (*)();
  return reinterpret_cast<Get>(dlsym(library, "eglGetCurrentContext"))();
}

class EglContextTest : public testing::Test {
 protected:
  void SetUp() override {
    try {
      first_ = std::make_unique<EglContext>();
    } catch (const std::runtime_error& error) {
      // Without EGL the message alone can be judged: it tells what to install.
      EXPECT_THAT(error.what(), testing::HasSubstr("libegl1"));
      GTEST_SKIP() << error.what();
    }
  }

  std::unique_ptr<EglContext> first_;
};

TEST_F(EglContextTest, CallsGoToTheContextThatWasMadeCurrentLast) {
  EglContext second;
  first_->MakeCurrent();
  void* const of_first = Current();
  EXPECT_NE(of_first, nullptr);
  second.MakeCurrent();
  EXPECT_NE(Current(), of_first);
  EXPECT_NE(Current(), nullptr);
  first_->MakeCurrent();
  EXPECT_EQ(Current(), of_first);
}

TEST_F(EglContextTest, NothingIsCurrentAfterItsEnd) {
  first_->MakeCurrent();
  EXPECT_NE(Current(), nullptr);
  first_.reset();
  EXPECT_EQ(Current(), nullptr);
}

TEST_F(EglContextTest, ManyCanBeMadeOneAfterAnother) {
  for (int k = 0; k < 20; ++k) {
    const EglContext another;
    another.MakeCurrent();
    EXPECT_NE(Current(), nullptr);
  }
}

}  // namespace
}  // namespace longplay
