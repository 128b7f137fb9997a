// SPDX-License-Identifier: MIT
#include "datasets/files/hdf5_version.h"

#include <gtest/gtest.h>
#include <hdf5.h>

namespace longplay {
namespace {

TEST(Hdf5VersionTest, VersionIsThatOfTheHeaders) {
  EXPECT_EQ(Hdf5Version(), std::to_string(H5_VERS_MAJOR) + "." + std::to_string(H5_VERS_MINOR) +
                               "." + std::to_string(H5_VERS_RELEASE));
}

}  // namespace
}  // namespace longplay
