// SPDX-License-Identifier: MIT
#pragma once

#include "runtime/files/facts_reader.h"
#include "runtime/files/policy_facts.h"

namespace longplay::runtime {

/// Fills what the section `model` says of the layers. Throws Failure.
void ReadLayers(const FactsReader& model, PolicyFacts& facts);

}  // namespace longplay::runtime
