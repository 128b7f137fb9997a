// SPDX-License-Identifier: MIT
#pragma once

#include <ATen/core/Generator.h>
#include <c10/core/Device.h>

#include <cstdint>

namespace longplay {

/// A seed for the place `counter` in a stream that begins at `seed`: nested calls name nested
/// places (layer, then chunk of rows ...). Neighbouring places give unrelated seeds, also in their
/// lower 32 bits, which are all that torch's CPU generator uses.
/// Source: splitmix64, https://prng.di.unimi.it/splitmix64.c.
uint64_t CounterSeed(uint64_t seed, uint64_t counter);

/// A generator of its own that starts at `seed`: the same seed gives the same numbers again.
at::Generator SeededGenerator(const c10::Device& device, uint64_t seed);

}  // namespace longplay
