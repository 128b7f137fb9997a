// SPDX-License-Identifier: MIT
// What most tests of torch code include.
#pragma once
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "torch_pch.h"
