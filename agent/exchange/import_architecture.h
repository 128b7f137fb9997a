// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>

#include "agent/exchange/import_folder.h"
#include "agent/files/safetensors.h"
#include "agent/runs/checkpoint.h"

namespace longplay {

/// A policy as one of the readers below made it of a folder.
struct ImportedPolicy {
  std::string architecture;  // as its own library names it
  PolicyRecord record;       // options, sizes, normaliser
  TensorMap weights;         // by our names
  bool is_trunk = false;     // only layers and final norm: tokens and head start afresh, for sizes
                             // that the folder does not say
  std::string note;          // what a user should know, a sentence; may be empty
};

// One per architecture, chosen by config.json's model_type in ImportPolicy. All take the tensors
// that they know from the folder and throw std::runtime_error "importing: <file>: <key>: expected
// X, got Y" for anything that the policy cannot do as the original does.

/// transformers' DecisionTransformerModel: whole policies.
///
///   R, s, a of each step ─► linear maps + embed_timestep ─► embed_ln ─► + wpe[0] ─► GPT-2 blocks
///                                               action of the step ◄─ predict_action ◄─ ln_f ◄─┘
///
/// wpe[0]: transformers adds row 0 of its position table to every token.
/// Without action_tanh the actions are the means of a Gaussian head.
/// Source: github.com/huggingface/transformers v5.23.0, models/decision_transformer.
ImportedPolicy ImportDecisionTransformer(ImportFolder& folder);

/// transformers' MambaModel, Mamba2Model, RwkvModel (version 4), or their ...ForCausalLM: trunks,
/// without what they know of words. On the same rows the layers and the final norm give their
/// last_hidden_state.
/// Source: the same, models/mamba, mamba2, rwkv.
ImportedPolicy ImportMamba(ImportFolder& folder);
ImportedPolicy ImportMamba2(ImportFolder& folder);
ImportedPolicy ImportRwkv(ImportFolder& folder);

/// What ExportPolicy (agent/exchange/export_policy.h) wrote: a checkpoint written from it has the
/// bytes of the one that was exported.
ImportedPolicy ImportExported(ImportFolder& folder);

}  // namespace longplay
