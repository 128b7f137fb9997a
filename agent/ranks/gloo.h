// SPDX-License-Identifier: MIT
#pragma once

// The one file with headers of c10d: what a build without them has none of (LONGPLAY_GLOO).
#ifdef LONGPLAY_GLOO
#define USE_C10D_GLOO
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#endif
