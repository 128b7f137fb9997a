// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>
#include <torch/utils.h>

#include <cstddef>
#include <tuple>
#include <utility>
#include <vector>

namespace longplay {

/// All tensors of a state, each [B, ..], in the order of its fields(): what layers and schedules
/// keep, cut, select and differentiate without knowing what it means. Gradients may pass through
/// the floating ones.
using StateTensors = std::vector<torch::Tensor>;

// A state itself is a struct of tensors with one list of them, and no other members:
//
//   struct ShiftState {
//     torch::Tensor last;  // [B, D]
//     auto fields() { return std::tie(last); }
//   };

template <typename State>
StateTensors TensorsOf(State state) {
  return std::apply(
      [](auto&... field) {
        StateTensors tensors;
        (tensors.push_back(std::move(field)), ...);
        return tensors;
      },
      state.fields());
}

/// Throws c10::Error when the number of tensors is another than that of the fields.
template <typename State>
State StateOf(StateTensors tensors) {
  State state;
  auto fields = state.fields();
  constexpr size_t kFields = std::tuple_size_v<decltype(fields)>;
  TORCH_CHECK(tensors.size() == kFields, "a mixer's state: expected ", kFields, " tensors, got ",
              tensors.size());
  [&]<size_t... i>(std::index_sequence<i...>) {
    ((std::get<i>(fields) = std::move(tensors[i])), ...);
  }
  (std::make_index_sequence<kFields>{});
  return state;
}

}  // namespace longplay
