// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <limits>

#include "runtime/longplay.h"
#include "tests/runtime/played_chains.h"
#include "tests/runtime/small_policy.h"

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define LONGPLAY_COUNTS_ALLOCATIONS
// The program's allocator, counted. Libraries take it too.
namespace {
std::atomic<int64_t> allocations{0};
}
extern "C" {
void* __libc_malloc(size_t size);
void* __libc_calloc(size_t count, size_t size);
void* __libc_realloc(void* block, size_t size);
void* __libc_memalign(size_t boundary, size_t size);
void* malloc(size_t size) { return ++allocations, __libc_malloc(size); }
void* calloc(size_t count, size_t size) { return ++allocations, __libc_calloc(count, size); }
void* realloc(void* block, size_t size) { return ++allocations, __libc_realloc(block, size); }
void* aligned_alloc(size_t boundary, size_t size) {
  return ++allocations, __libc_memalign(boundary, size);
}
}
#endif

namespace longplay {
namespace {

using ::testing::HasSubstr;

RunOptions EveryMixer() {
  RunOptions options = SmallOptions();
  options.model.layers = 6;
  options.model.layer_mixers = {MixerKind::kAttention, MixerKind::kMamba,  MixerKind::kRwkv,
                                MixerKind::kMamba2,    MixerKind::kTaipan, MixerKind::kMemSizer};
  return options;
}

/// Everything that a controller calls between opening and closing.
int UseAll(longplay_policy* policy, std::vector<char>& saved) {
  RandomChains world(2, 3, 2);
  double actions[4];
  longplay_status status;
  const std::vector<double> recorded(3 * 8, 0.5), taken(2 * 8, 0.25), rewards(8, 1.0);
  std::vector<uint8_t> starts(8, 0);
  int codes = longplay_policy_set_act(policy, LONGPLAY_ACT_SAMPLE, 3);
  for (; !world.done(); world.Step()) {
    const longplay_view view = world.acting_view();
    codes |= longplay_policy_act(policy, &view, actions, &status);
    codes |= longplay_policy_watch(policy, &view, actions, &status);
  }
  const longplay_recording recording = {
      0, 8, recorded.data(), taken.data(), rewards.data(), starts.data(), 1};
  int64_t left = 0;
  codes |= longplay_policy_submit(policy, &recording, nullptr);
  codes |= longplay_policy_poll(policy, -1, &left, &status);
  codes |= longplay_policy_save(policy, 0, saved.data(), saved.size(), nullptr);
  codes |= longplay_policy_load(policy, 1, saved.data(), longplay_policy_saved_size(policy, 0));
  codes |= longplay_policy_self_test(policy, nullptr);
  codes |= longplay_policy_start_chain(policy, 1, 2.0);
  return codes;
}

TEST(ActingInterfaceTest, NothingIsAllocatedAfterOpening) {
#ifdef LONGPLAY_COUNTS_ALLOCATIONS
  const SmallPolicy small = MakeSmallPolicy(EveryMixer());
  for (const int32_t type : {LONGPLAY_FLOAT32, LONGPLAY_FLOAT16, LONGPLAY_INT8}) {
    longplay_policy_options options = ActingDefaults(2);
    options.key_value_type = options.weight_type = type;
    const ActingHandle policy = OpenActing(small.folder, options);
    std::vector<char> saved(1 << 20);
    // The world of the test allocates; the calls in between must not.
    RandomChains world(2, 3, 2);
    double actions[4];
    int64_t counted = 0;
    for (; !world.done(); world.Step()) {
      const longplay_view view = world.acting_view();
      const int64_t before = allocations;
      EXPECT_EQ(longplay_policy_act(policy.get(), &view, actions, nullptr), LONGPLAY_OK);
      counted += allocations - before;
    }
    const std::vector<double> recorded(3 * 8, 0.5), taken(2 * 8, 0.25), rewards(8, 1.0);
    const std::vector<uint8_t> starts(8, 0);
    const longplay_recording recording = {
        0, 8, recorded.data(), taken.data(), rewards.data(), starts.data(), 1};
    const int64_t before = allocations;
    EXPECT_EQ(longplay_policy_submit(policy.get(), &recording, nullptr), LONGPLAY_OK);
    EXPECT_EQ(longplay_policy_poll(policy.get(), -1, nullptr, nullptr), LONGPLAY_OK);
    EXPECT_EQ(longplay_policy_save(policy.get(), 0, saved.data(), saved.size(), nullptr),
              LONGPLAY_OK);
    EXPECT_EQ(longplay_policy_self_test(policy.get(), nullptr), LONGPLAY_OK);
    EXPECT_NE(longplay_policy_submit(policy.get(), nullptr, nullptr), LONGPLAY_OK);
    counted += allocations - before;
    EXPECT_EQ(counted, 0);
  }
  // The counter counts.
  const int64_t before = allocations;
  std::free(std::malloc(100));
  EXPECT_GT(allocations, before);
#else
  GTEST_SKIP() << "a sanitizer has the allocator";
#endif
}

/// From here on every system call of this process but its exit is its end.
bool ForbidSystemCalls() {
  sock_filter rules[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
  };
  const sock_fprog program = {sizeof rules / sizeof *rules, rules};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

TEST(ActingInterfaceTest, NothingIsAskedOfTheSystemAfterOpening) {
#ifndef LONGPLAY_COUNTS_ALLOCATIONS
  GTEST_SKIP() << "a sanitizer calls the system";
#endif
  const SmallPolicy small = MakeSmallPolicy(EveryMixer());
  const ActingHandle policy = OpenActing(small.folder, ActingDefaults(2));
  std::vector<char> saved(1 << 20);
  ASSERT_EQ(UseAll(policy.get(), saved), LONGPLAY_OK) << longplay_policy_message(policy.get());
  const pid_t child = fork();
  if (child == 0) {
    if (!ForbidSystemCalls()) _exit(2);
    const int codes = UseAll(policy.get(), saved);
    syscall(SYS_exit, codes == LONGPLAY_OK ? 7 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status)) << "ended by signal " << WTERMSIG(status);
  EXPECT_EQ(WEXITSTATUS(status), 7);
}

TEST(ActingInterfaceTest, WrongArgumentsAreCodesWithALine) {
  const SmallPolicy small = MakeSmallPolicy(SmallOptions());
  const ActingHandle policy = OpenActing(small.folder, ActingDefaults(2));
  double observations[6] = {}, rewards[2] = {}, actions[4];
  uint8_t starts[2] = {1, 0};
  const longplay_view view = {observations, rewards, starts, nullptr};
  const auto says = [&](int code, const char* text) {
    EXPECT_EQ(code, LONGPLAY_WRONG_ARGUMENT);
    EXPECT_THAT(longplay_policy_message(policy.get()), HasSubstr(text));
  };
  says(longplay_policy_act(policy.get(), &view, actions, nullptr),
       "starts: expected 1 at the first decision of chain 1");
  starts[1] = 1;
  observations[4] = std::numeric_limits<double>::quiet_NaN();
  says(longplay_policy_act(policy.get(), &view, actions, nullptr),
       "observations: expected finite numbers, chain 1");
  says(longplay_policy_act(policy.get(), nullptr, actions, nullptr), "expected pointers");
  says(longplay_policy_start_chain(policy.get(), 2, 0), "chain: expected one from 0 to 1");
  EXPECT_EQ(longplay_policy_act(nullptr, &view, actions, nullptr), LONGPLAY_WRONG_ARGUMENT);
  // Options.
  longplay_policy* none = nullptr;
  char message[LONGPLAY_MESSAGE_SIZE];
  longplay_policy_options options = ActingDefaults(0);
  EXPECT_EQ(longplay_policy_open(small.folder.c_str(), &options, &none, message, sizeof message),
            LONGPLAY_WRONG_ARGUMENT);
  EXPECT_THAT(message, HasSubstr("chains: expected 1 to"));
  EXPECT_EQ(longplay_policy_open("nowhere", nullptr, &none, message, sizeof message),
            LONGPLAY_NO_FILE);
  EXPECT_THAT(message, HasSubstr("nowhere/config.json: expected a file"));
  options = ActingDefaults(1);
  options.context_steps = int64_t{1} << 32;
  EXPECT_EQ(longplay_policy_open(small.folder.c_str(), &options, &none, message, sizeof message),
            LONGPLAY_NO_MEMORY);
  EXPECT_THAT(message, HasSubstr("choose fewer chains"));
}

TEST(ActingInterfaceTest, OptionsOfAnOlderVersionKeepTheirMeaning) {
  const SmallPolicy small = MakeSmallPolicy(SmallOptions());
  longplay_policy_options options = ActingDefaults(3);
  // A program that knows the fields up to `chains` alone; what stands behind is not its own.
  options.size = offsetof(longplay_policy_options, key_value_type);
  options.weight_type = 99;
  longplay_policy* policy = nullptr;
  ASSERT_EQ(longplay_policy_open(small.folder.c_str(), &options, &policy, nullptr, 0), LONGPLAY_OK);
  const ActingHandle owner(policy);
  longplay_policy_description about;
  about.size = sizeof about;
  ASSERT_EQ(longplay_policy_describe(policy, &about), LONGPLAY_OK);
  EXPECT_EQ(about.chains, 3);
  EXPECT_EQ(about.observation_size, 3);
  EXPECT_EQ(about.action_columns, 2);
  EXPECT_EQ(about.context_steps, 120);
  EXPECT_EQ(about.recurrent, 0);
  EXPECT_EQ(about.has_probe, 1);
  EXPECT_EQ(about.memory_bytes >= about.weight_bytes + about.context_bytes + about.scratch_bytes,
            true);
}

TEST(ActingInterfaceTest, LateCallsAreCounted) {
  const SmallPolicy small = MakeSmallPolicy(SmallOptions());
  longplay_policy_options options = ActingDefaults(1);
  options.deadline = 1e-12;  // no call is so quick
  const ActingHandle policy = OpenActing(small.folder, options);
  const double observation[3] = {}, reward[1] = {};
  const uint8_t start[1] = {1};
  double action[2];
  longplay_status status;
  const longplay_view view = {observation, reward, start, nullptr};
  for (int i = 0; i < 3; ++i) longplay_policy_act(policy.get(), &view, action, &status);
  EXPECT_EQ(status.overrun, 1);
  EXPECT_EQ(status.overruns, 3);
  EXPECT_EQ(status.calls, 3);
  EXPECT_EQ(status.tokens, 3);
  EXPECT_EQ(status.steps, 3);
  EXPECT_GT(status.seconds, 0);
}

TEST(ActingInterfaceTest, AFullContextIsAnErrorWhereThatIsAsked) {
  const SmallPolicy small = MakeSmallPolicy(SmallOptions());
  longplay_policy_options options = ActingDefaults(1);
  options.context_steps = 4;
  options.when_full = LONGPLAY_FULL_ERROR;
  const ActingHandle policy = OpenActing(small.folder, options);
  const double observation[3] = {}, reward[1] = {};
  uint8_t start[1] = {1};
  double action[2];
  const longplay_view view = {observation, reward, start, nullptr};
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(longplay_policy_act(policy.get(), &view, action, nullptr), LONGPLAY_OK);
    start[0] = 0;
  }
  EXPECT_EQ(longplay_policy_act(policy.get(), &view, action, nullptr), LONGPLAY_CONTEXT_FULL);
  EXPECT_THAT(longplay_policy_message(policy.get()), HasSubstr("chain 0 has its 4"));
  longplay_policy_start_chain(policy.get(), 0, 1);
  start[0] = 1;
  EXPECT_EQ(longplay_policy_act(policy.get(), &view, action, nullptr), LONGPLAY_OK);
}

}  // namespace
}  // namespace longplay
