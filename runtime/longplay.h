/* SPDX-License-Identifier: MIT */
#ifndef LONGPLAY_H
#define LONGPLAY_H

/* NOLINTBEGIN(readability-identifier-naming): names as C has them. */

#include <stddef.h>
#include <stdint.h>

/* Acting with a policy that `longplay export` wrote, without LibTorch. C99.
 *
 *   longplay_policy_options options;
 *   longplay_policy* policy;
 *   char message[LONGPLAY_MESSAGE_SIZE];
 *   longplay_policy_defaults(&options, sizeof options);
 *   if (longplay_policy_open("hopper", &options, &policy, message, sizeof message) != LONGPLAY_OK)
 *     puts(message);
 *   ...
 *   longplay_policy_act(policy, &view, actions, &status);   // once for each decision
 *   ...
 *   longplay_policy_close(policy);
 *
 * Memory: all of it is taken by longplay_policy_open, for a stated number of chains and steps.
 * Afterwards no function allocates, locks, waits or makes a system call (the clock is read).
 *
 * Threads: one thread at a time may use a policy. Different policies share nothing, so each may
 * have a thread of its own. The library starts no threads.
 *
 * Errors: functions return a code; nothing is thrown across this interface. What was wrong, in one
 * line, is longplay_policy_message(policy); for longplay_policy_open it is in the caller's buffer.
 * A call that returns another code than LONGPLAY_OK has changed nothing, unless it says so.
 *
 * Versions: functions and fields are only added. A struct that may grow begins with its size, which
 * the caller sets (longplay_policy_defaults does); fields behind it keep their defaults. */

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define LONGPLAY_API __attribute__((visibility("default")))
#else
#define LONGPLAY_API
#endif

#define LONGPLAY_VERSION 2        /* of this interface; raised when something is added */
#define LONGPLAY_MESSAGE_SIZE 512 /* [bytes] hold every message */

enum {
  LONGPLAY_OK = 0,
  LONGPLAY_WRONG_ARGUMENT = 1, /* a null pointer, a size, a number that is not finite, an order of
                                  calls that cannot be */
  LONGPLAY_NO_FILE = 2,        /* a file cannot be read */
  LONGPLAY_DAMAGED = 3,        /* a file is not what `longplay export` writes, or the self-test
                                  disagrees with the probe stored with the weights */
  LONGPLAY_NOT_SUPPORTED = 4,  /* this library cannot do what the policy or the options ask for */
  LONGPLAY_NO_MEMORY = 5,      /* longplay_policy_open: what was asked for does not fit */
  LONGPLAY_CONTEXT_FULL = 6    /* when_full is LONGPLAY_FULL_ERROR, and a context is full */
};

/* How numbers are held. LONGPLAY_FLOAT32 gives LibTorch's actions up to rounding; docs/reference/runtime.md
 * has the errors of the others. */
enum { LONGPLAY_FLOAT32 = 0, LONGPLAY_FLOAT16 = 1, LONGPLAY_INT8 = 2 };

/* What happens when a context holds context_steps steps. Mixers with a state are never full. */
enum {
  LONGPLAY_FULL_SLIDE = 0, /* every layer sees the last context_steps steps (evaluate.window) */
  LONGPLAY_FULL_ERROR = 1  /* the call returns LONGPLAY_CONTEXT_FULL */
};

enum {
  LONGPLAY_ACT_MEAN = 0,   /* the head's mean, or the likeliest choice */
  LONGPLAY_ACT_SAMPLE = 1, /* drawn: a function of the seed, the chain's number and the decision's
                              number in it; the same draws as evaluate.act=sample with that seed */
  LONGPLAY_ACT_BEST_OF = 2 /* of best_of such draws the one that the policy's own value heads rate
                              highest (evaluate.act=best_of). LONGPLAY_NOT_SUPPORTED without value
                              heads, which train.method ic_iql has, or a head that draws */
};

/* What a chain remembers when an episode begins (evaluate.context). */
enum {
  LONGPLAY_CONTEXT_AUTO = 0, /* as it was trained: one episode if on single ones, else all */
  LONGPLAY_CONTEXT_ALL_EPISODES = 1,
  LONGPLAY_CONTEXT_ONE_EPISODE = 2
};

/* Vector instructions. More than the processor has is refused. */
enum {
  LONGPLAY_VECTORS_AUTO = 0, /* the widest that the processor has */
  LONGPLAY_VECTORS_PLAIN = 1,
  LONGPLAY_VECTORS_AVX2 = 2,   /* with FMA and F16C */
  LONGPLAY_VECTORS_AVX512 = 3, /* F, BW, DQ, VL */
  LONGPLAY_VECTORS_NEON = 4
};

typedef struct longplay_policy longplay_policy;

typedef struct longplay_policy_options {
  uint64_t size;           /* [bytes] of this struct: longplay_policy_defaults sets it */
  int32_t chains;          /* B, contexts that exist side by side; 1 */
  int32_t key_value_type;  /* LONGPLAY_FLOAT32 ..; of keys and values in the caches */
  int32_t weight_type;     /* LONGPLAY_FLOAT32 ..; of the large maps' weights */
  int32_t when_full;       /* LONGPLAY_FULL_SLIDE .. */
  int64_t context_steps;   /* [steps] that each chain's context holds; 0 = the longest that training
                              showed it */
  int64_t window_episodes; /* a context is the last so many episodes, the running one included
                              (evaluate.window_episodes); 0 = no such bound */
  int32_t context;         /* LONGPLAY_CONTEXT_AUTO .. */
  int32_t act;             /* LONGPLAY_ACT_MEAN .. */
  uint64_t seed;           /* of draws */
  double target;           /* return asked for, in the task's units; NaN = the best in the data that
                              it was trained on */
  double target_step; /* share of the target's size added after an episode that reached it; 0 */
  double deadline;    /* [s] a call that takes longer is an overrun; 0 = none */
  int32_t vectors;    /* LONGPLAY_VECTORS_AUTO .. */
  int32_t reserved;   /* 0 */
  /* Since version 2. */
  int64_t draw_every; /* [decisions] that a draw's random numbers last, so that who knows too little
                         goes on in one direction (evaluate.draw_every); 1 */
  int64_t best_of;    /* samples that LONGPLAY_ACT_BEST_OF rates; 16 */
  double temperature; /* [return] LONGPLAY_ACT_BEST_OF draws a sample, with probability
                         ~ exp(value / temperature); 0 = it takes the best */
} longplay_policy_options;

typedef struct longplay_policy_description {
  uint64_t size;            /* [bytes] of this struct, set by the caller */
  int64_t observation_size; /* O */
  int64_t action_size;      /* A: numbers of an action, or choices of a discrete one */
  int64_t action_columns;   /* C: numbers of an action outside: A, or 1 (the choice's number) */
  int32_t discrete;         /* 1 = actions are numbers of choices from 0 */
  int32_t recurrent;        /* 1 = what a chain remembers does not grow */
  int64_t tokens_per_step;
  int64_t chains;        /* B */
  int64_t context_steps; /* [steps] that each context holds; 0 = no bound */
  double best_return;    /* in the data that it was trained on: the usual target */
  int64_t trained_episodes, trained_episode_steps, trained_context_steps; /* the most that training
                                                                             showed it */
  int64_t parameters;
  int64_t memory_bytes;  /* taken at load, all of it */
  int64_t weight_bytes;  /* of these: weights */
  int64_t context_bytes; /* of these: contexts of all chains */
  int64_t scratch_bytes; /* of these: intermediate results of a call */
  int32_t vectors;       /* LONGPLAY_VECTORS_PLAIN .., those in use */
  int32_t has_probe;     /* 1 = a probe is stored with the weights (it was checked by open) */
  /* Since version 2. */
  int32_t has_values; /* 1 = it has value heads: LONGPLAY_ACT_BEST_OF */
  int32_t reserved;   /* 0 */
} longplay_policy_description;

/* What the chains see now, in the task's units; all of the caller's, read during the call alone.
 * Rows of chains that are not active are not read. */
typedef struct longplay_view {
  const double* observations; /* [B, O] */
  const double* rewards;      /* [B] of each chain's previous decision; ignored at its first */
  const uint8_t* starts;      /* [B] 1 = the first decision of an episode, so the previous decision
                                 (if any) ended one; 1 at a chain's first */
  const uint8_t* active;      /* [B] 0 = this call does not concern the chain; null = all are */
} longplay_view;

typedef struct longplay_status {
  double seconds;  /* [s] that the call took */
  int64_t tokens;  /* held by the contexts of all chains, each layer's counted once */
  int64_t steps;   /* of these chains, since each was started */
  int32_t overrun; /* 1 = the call took longer than the deadline */
  int32_t reserved;
  int64_t overruns; /* calls so far that did */
  int64_t calls;    /* so far: act and watch */
} longplay_status;

/* Recorded steps of one chain, which follow those that it has seen. The arrays stay the caller's
 * and must live until they are read in. */
typedef struct longplay_recording {
  int64_t chain;
  int64_t steps;              /* n, at least 1 */
  const double* observations; /* [n, O] */
  const double* actions;      /* [n, C] taken there */
  const double* rewards;      /* [n] that followed; the last one is told by the next call */
  const uint8_t* starts;      /* [n] 1 = the first step of an episode */
  double previous_reward;     /* of the chain's decision before these steps; ignored at its first */
} longplay_recording;

/* LONGPLAY_VERSION that the library was built with. */
LONGPLAY_API uint32_t longplay_version(void);

/* Fills the first `size` bytes: LONGPLAY_WRONG_ARGUMENT if that is less than the size field. */
LONGPLAY_API int longplay_policy_defaults(longplay_policy_options* options, size_t size);

/* Reads an exported folder (config.json, model.safetensors, and probe.safetensors if it is there,
 * whose actions must come out). `options` may be null: defaults. On failure *policy is null and
 * `message` (null, or [message_size]) says why. */
LONGPLAY_API int longplay_policy_open(const char* folder, const longplay_policy_options* options,
                                      longplay_policy** policy, char* message, size_t message_size);
LONGPLAY_API void longplay_policy_close(longplay_policy* policy); /* null is allowed */

/* Of the last call that failed; never null, lives as long as the policy. */
LONGPLAY_API const char* longplay_policy_message(const longplay_policy* policy);

LONGPLAY_API int longplay_policy_describe(const longplay_policy* policy,
                                          longplay_policy_description* description);

/* Chain `chain` begins anew, as if it had never acted. `target` as in the options; NaN = theirs.
 * All chains are started by longplay_policy_open. */
LONGPLAY_API int longplay_policy_start_chain(longplay_policy* policy, int64_t chain, double target);

/* How actions are chosen from here on: LONGPLAY_ACT_MEAN .., with this seed. */
LONGPLAY_API int longplay_policy_set_act(longplay_policy* policy, int32_t act, uint64_t seed);

/* One decision of every active chain. Fills `actions` [B, C] of those, in the task's units;
 * `status` may be null. */
LONGPLAY_API int longplay_policy_act(longplay_policy* policy, const longplay_view* view,
                                     double* actions, longplay_status* status);

/* The same where others decide: `actions` [B, C] are taken in. */
LONGPLAY_API int longplay_policy_watch(longplay_policy* policy, const longplay_view* view,
                                       const double* actions, longplay_status* status);

/* Recorded steps to read in, done by longplay_policy_poll. At most one recording of a chain waits
 * at a time; until it is read in the chain cannot act. `ticket` (may be null) is its number. */
LONGPLAY_API int longplay_policy_submit(longplay_policy* policy,
                                        const longplay_recording* recording, int64_t* ticket);

/* Reads in some of what waits: whole batches, chosen by what batches cost on this machine, until
 * at least `tokens` are read or nothing waits (tokens < 0: until nothing waits). `left` (may be
 * null): tokens that still wait. LONGPLAY_CONTEXT_FULL: recordings that do not fit are dropped, and
 * their chains keep what was read of them. */
LONGPLAY_API int longplay_policy_poll(longplay_policy* policy, int64_t tokens, int64_t* left,
                                      longplay_status* status);

/* [bytes] that longplay_policy_save of this chain needs now; 0 for a wrong chain. */
LONGPLAY_API size_t longplay_policy_saved_size(const longplay_policy* policy, int64_t chain);
/* Writes what the chain remembers, so that it goes on after a restart, bit for bit where the same
 * instructions are used. `used` [bytes] may be null. */
LONGPLAY_API int longplay_policy_save(longplay_policy* policy, int64_t chain, void* buffer,
                                      size_t size, size_t* used);
/* Reads it into any chain of a policy that was opened from the same folder with the same
 * key_value_type, weight_type, context_steps, window_episodes and when_full. What is damaged or of
 * another policy is LONGPLAY_DAMAGED and the chain is untouched. */
LONGPLAY_API int longplay_policy_load(longplay_policy* policy, int64_t chain, const void* buffer,
                                      size_t size);

/* Plays the probe stored with the weights in chain 0, which begins anew: the largest difference of
 * its actions, in the task's units, goes to `difference` (may be null). LONGPLAY_DAMAGED: larger
 * than rounding. LONGPLAY_NOT_SUPPORTED: no probe is stored. */
LONGPLAY_API int longplay_policy_self_test(longplay_policy* policy, double* difference);

#ifdef __cplusplus
}
#endif

/* NOLINTEND(readability-identifier-naming) */

#endif /* LONGPLAY_H */
