// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>

/// What libFuzzer calls with each input. An input may be refused by an exception of std; anything
/// else that goes wrong is a finding.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);
