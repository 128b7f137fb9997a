// SPDX-License-Identifier: MIT
#include "agent/ranks/gloo_group.h"

#ifdef LONGPLAY_GLOO
#include <ATen/ops/from_blob.h>

#include <chrono>
#include <cstdlib>
#include <exception>
#include <stdexcept>
#include <utility>
#include <vector>

namespace longplay {
namespace {

// The watch ends a rank that waits in vain (agent/ranks/rank_watch.h); a long step of another one
// is no reason to.
constexpr auto kNoLimit = std::chrono::hours(24 * 365);

template <typename T>
at::Tensor TensorOver(std::span<T> values, at::ScalarType type) {
  return at::from_blob(const_cast<std::remove_const_t<T>*>(values.data()),
                       {static_cast<int64_t>(values.size())}, type);
}

at::Tensor TensorOverBytes(std::span<const std::byte> bytes) {
  return TensorOver(bytes, at::kByte);
}

/// Lanes have tags of their own, behind that of Send and Receive.
int TagOf(int64_t lane) { return static_cast<int>(lane) + 1; }

std::shared_ptr<::gloo::transport::Device> DeviceAt(const std::string& address) {
  using Group = c10d::ProcessGroupGloo;
  // As for PyTorch, the user's word goes first.
  if (const char* interface = std::getenv("GLOO_SOCKET_IFNAME")) {
    return Group::createDeviceForInterface(interface);
  }
  return address.empty() ? Group::createDefaultDevice() : Group::createDeviceForHostname(address);
}

}  // namespace

GlooGroup::GlooGroup(const c10::intrusive_ptr<c10d::Store>& store, int64_t rank, int64_t size,
                     const std::string& address, double timeout, std::function<void()> on_failure)
    : ProcessGroup(rank, size), on_failure_(std::move(on_failure)) {
  const auto limit = std::chrono::milliseconds(static_cast<int64_t>(timeout * 1000));
  auto options = c10d::ProcessGroupGloo::Options::create(limit);
  options->devices.push_back(DeviceAt(address));
  options->threads = 1;  // calls return when they are done: there is never more than one
  group_ = c10::make_intrusive<c10d::ProcessGroupGloo>(store, static_cast<int>(rank),
                                                       static_cast<int>(size), options);
  group_->setTimeout(kNoLimit);
}

/// do_it(), or what is told where another rank is gone.
template <typename F>
auto GlooGroup::Try(const F& do_it) {
  std::string problem;
  try {
    return do_it();
  } catch (const std::exception& error) {
    problem = error.what();
  }
  on_failure_();
  throw std::runtime_error("exchanging with other ranks: expected an answer, got: " +
                           problem.substr(0, problem.find('\n')));
}

void GlooGroup::Await(const std::function<c10::intrusive_ptr<c10d::Work>()>& start) {
  Try([&] { start()->wait(); });
}

void GlooGroup::DoAllReduce(std::span<float> values) {
  std::vector<at::Tensor> tensors = {TensorOver(values, at::kFloat)};
  Await([&] { return group_->allreduce(tensors); });
}

void GlooGroup::DoAllReduce(std::span<double> values) {
  std::vector<at::Tensor> tensors = {TensorOver(values, at::kDouble)};
  Await([&] { return group_->allreduce(tensors); });
}

void GlooGroup::DoBroadcast(std::span<std::byte> bytes, int64_t from) {
  if (bytes.empty()) return;
  std::vector<at::Tensor> tensors = {TensorOverBytes(bytes)};
  c10d::BroadcastOptions options;
  options.rootRank = from;
  Await([&] { return group_->broadcast(tensors, options); });
}

void GlooGroup::DoSend(std::span<const std::byte> bytes, int64_t to) {
  std::vector<at::Tensor> tensors = {TensorOverBytes(bytes)};
  Await([&] { return group_->send(tensors, static_cast<int>(to), 0); });
}

void GlooGroup::DoReceive(std::span<std::byte> bytes, int64_t from) {
  std::vector<at::Tensor> tensors = {TensorOverBytes(bytes)};
  Await([&] { return group_->recv(tensors, static_cast<int>(from), 0); });
}

std::function<void()> GlooGroup::DoStartSend(std::span<const std::byte> bytes, int64_t to,
                                             int64_t lane) {
  std::vector<at::Tensor> tensors = {TensorOverBytes(bytes)};
  auto sending = Try([&] { return group_->send(tensors, static_cast<int>(to), TagOf(lane)); });
  return [this, sending] { Await([&] { return sending; }); };
}

std::function<void()> GlooGroup::DoStartReceive(std::span<std::byte> bytes, int64_t from,
                                                int64_t lane) {
  std::vector<at::Tensor> tensors = {TensorOverBytes(bytes)};
  auto coming = Try([&] { return group_->recv(tensors, static_cast<int>(from), TagOf(lane)); });
  return [this, coming] { Await([&] { return coming; }); };
}

}  // namespace longplay
#endif
