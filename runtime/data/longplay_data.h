/* SPDX-License-Identifier: MIT */
/* The C interface of data sets: episodes of any readable file, and chains of them (C99).
 *
 *   const char* path = "hopper.hdf5";
 *   longplay_dataset* data;
 *   longplay_episode episode;
 *   if (longplay_dataset_open(&path, 1, NULL, &data) != LONGPLAY_DATA_OK) puts(longplay_data_error());
 *   longplay_dataset_episode(data, 0, &episode);   // pointers into the data set's own memory
 *
 * Functions return a code; longplay_data_error() says in one line what was wrong. Nothing is thrown
 * across this interface. Files are read in a child process with limits on memory and time, which
 * damaged ones may bring down. An open data set never changes: any number of threads may read it. A
 * sampler or a batch is used by one thread at a time.
 */
#ifndef LONGPLAY_DATA_H
#define LONGPLAY_DATA_H

/* NOLINTBEGIN(readability-identifier-naming): names as C has them. */

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Of this interface; grows when something is added, and what is there stays. */
#define LONGPLAY_DATA_VERSION 1

enum {
  LONGPLAY_DATA_OK = 0,
  LONGPLAY_DATA_USAGE = 1,  /* the caller is wrong: a number out of range, a NULL */
  LONGPLAY_DATA_FAILED = 2, /* the world is: a file is missing or damaged */
  LONGPLAY_DATA_MEMORY = 3  /* there is none left */
};

typedef struct longplay_dataset longplay_dataset;
typedef struct longplay_sampler longplay_sampler;
typedef struct longplay_batch longplay_batch;

/* LONGPLAY_DATA_VERSION of the library that was loaded. */
int longplay_data_version(void);

/* 1 if this library reads Parquet and Arrow files. */
int longplay_data_parquet(void);

/* One line about the last call of this thread that failed; "" before. */
const char* longplay_data_error(void);

/* ---- data sets ---------------------------------------------------------------------------- */

/* Where steps are held. */
enum {
  LONGPLAY_PLACE_AUTO = 0,   /* in memory if they take at most memory_budget */
  LONGPLAY_PLACE_MEMORY = 1, /* read at once */
  LONGPLAY_PLACE_MAPPED = 2  /* in a packed copy on disk, made once: memory does not grow */
};

typedef struct longplay_dataset_options {
  size_t size;           /* of this struct: sizeof(longplay_dataset_options) */
  int place;             /* LONGPLAY_PLACE_... */
  int64_t memory_budget; /* [bytes] of float32 steps, for LONGPLAY_PLACE_AUTO */
  const char* cache;     /* folder for packed copies; NULL = beside each file */
  /* Called with the steps read and their number, by the thread that opens; may be NULL. Not 0 stops:
   * LONGPLAY_DATA_FAILED. */
  int (*progress)(void* context, int64_t steps, int64_t of);
  void* context;
} longplay_dataset_options;

longplay_dataset_options longplay_dataset_defaults(void);

/* Opens one or more files or folders of any readable layout (datasets/FORMAT.md) as one data set; a path may
 * carry options, as in "lift.hdf5?observations=object". `options` may be NULL: the defaults. */
int longplay_dataset_open(const char* const* paths, int64_t count,
                          const longplay_dataset_options* options, longplay_dataset** data);
/* NULL is allowed. What a sampler needs lives on until it is closed, too; arrays that were lent do
 * not. */
void longplay_dataset_close(longplay_dataset* data);

/* JSON, the data set's own text: {"path", "format", "episodes", "steps", "observation_size",
 * "action_size", "discrete", "has_rewards", "action_low", "action_high" (or empty; "inf", "-inf" for
 * no bound), "observation_parts", "action_parts": [[name, columns], ...], "environment",
 * "observation_type", "action_type", "reward_type", "action_start", "action_repeat",
 * "max_episode_steps" (0 = not stated), "reference_min", "reference_max" (or null), "notes": [...]
 * (what `validate` warns of), "mapped", "longest", "hash", "observation_offset": [...], "normalizer"}
 */
const char* longplay_dataset_info(const longplay_dataset* data);

/* One episode of N steps. Arrays are lent: they lie in the data set's memory, or in the packed copy
 * that is mapped there, and hold until it is closed. */
typedef struct longplay_episode {
  int64_t length;            /* N */
  const float* observations; /* [N, O] less observation_offset, which is nearly always nothing */
  const float* actions;      /* [N, A]; discrete ones are one-hot */
  const float* rewards;      /* [N]; zeros if none were recorded */
  const float* final_observation; /* [O] what was seen after the last action; NULL = not recorded */
  double episode_return;          /* undiscounted sum of rewards */
  int64_t history;                /* which learner's run it belongs to */
  int terminated;                 /* 1 = the task ended it: no value lies beyond */
} longplay_episode;

int longplay_dataset_episode(const longplay_dataset* data, int64_t index,
                             longplay_episode* episode);

/* Every problem of a file, as JSON: {"valid", "problems": [{"severity": "error" or "warning", "where",
 * "problem"}]}. A damaged file is a problem, not an error of this call. The text is the caller's, who
 * gives it back with longplay_data_free. */
int longplay_data_validate(const char* path, char** json);
void longplay_data_free(char* text);

/* ---- chains of episodes ------------------------------------------------------------------- */

enum {
  LONGPLAY_ORDER_ASCENDING_RETURN = 0,
  LONGPLAY_ORDER_COLLECTED = 1,
  LONGPLAY_ORDER_SHUFFLED = 2
};
enum { LONGPLAY_TARGET_CHAIN_BEST = 0, LONGPLAY_TARGET_OWN_RETURN = 1 };
enum { LONGPLAY_LOSS_ALL_EPISODES = 0, LONGPLAY_LOSS_LAST_EPISODE = 1 };
enum { LONGPLAY_SOURCE_ANYWHERE = 0, LONGPLAY_SOURCE_HISTORY = 1 };
enum { LONGPLAY_BOUNDARY_ZEROS = 0, LONGPLAY_BOUNDARY_CARRY = 1 };
enum { LONGPLAY_WEIGHT_LENGTH = 0, LONGPLAY_WEIGHT_UNIFORM = 1, LONGPLAY_WEIGHT_RETURN = 2 };
enum { LONGPLAY_ROWS_PADDED = 0, LONGPLAY_ROWS_PACKED = 1 };
enum { LONGPLAY_UNITS_POLICY = 0, LONGPLAY_UNITS_DATA = 1 };

/* As the keys chain.* of a configuration. */
typedef struct longplay_chain_options {
  size_t size;           /* of this struct: sizeof(longplay_chain_options) */
  int64_t chains;        /* B, drawn for a step */
  int64_t episodes;      /* E of a chain */
  int64_t skip;          /* of a history in the order of collecting: every skip-th episode */
  int64_t window;        /* [steps] at a random place of each chain; 0 = whole chains */
  int order;             /* LONGPLAY_ORDER_... */
  int target;            /* LONGPLAY_TARGET_... */
  int loss;              /* LONGPLAY_LOSS_...: which episodes count */
  int source;            /* LONGPLAY_SOURCE_...: episodes of anywhere, or of one learner's run */
  int boundary;          /* LONGPLAY_BOUNDARY_...: what "previous" is where an episode starts */
  int weight;            /* LONGPLAY_WEIGHT_...: how likely an episode is drawn */
  int rows;              /* LONGPLAY_ROWS_...: a row for each chain, or one row without padding */
  double best_fraction;  /* only this share of the episodes, the best ones */
  double temperature;    /* for LONGPLAY_WEIGHT_RETURN; small = greedy */
  double query_fraction; /* of a shuffled history: the last episode is of this share, the best */
  double random_maps;    /* share of the chains that are seen through random linear maps */
  int units;             /* LONGPLAY_UNITS_...: normalised as a policy sees them, or the file's */
  int outcomes;          /* 1 = rewards, ends and next observations, too */
} longplay_chain_options;

longplay_chain_options longplay_chain_defaults(void);

/* What draws chains from a data set: those that training with train.seed = seed draws at its steps. */
int longplay_sampler_open(const longplay_dataset* data, const longplay_chain_options* options,
                          uint64_t seed, longplay_sampler** sampler);
void longplay_sampler_close(longplay_sampler* sampler);

int longplay_batch_make(longplay_batch** batch);
void longplay_batch_close(longplay_batch* batch); /* NULL is allowed */

/* Draws the chains of a step (from 0) and lays them out in the batch's memory, which is used again. A
 * function of the data, the options, the seed and the step; steps in order are the quickest. */
int longplay_sampler_load(longplay_sampler* sampler, int64_t step, longplay_batch* batch);

/* B rows of N steps. As lent by longplay_batch_arrays: until the batch is loaded again or closed. As
 * given to longplay_batch_copy: the caller's memory, NULL for what is not wanted. Padding is zero. */
typedef struct longplay_batch_arrays_of {
  int64_t chains;              /* B; 1 where rows are packed */
  int64_t steps;               /* N */
  float* returns;              /* [B, N] return still to come that is asked for */
  float* observations;         /* [B, N, O] */
  float* previous_actions;     /* [B, N, A] of the step before; discrete ones are one-hot */
  float* previous_rewards;     /* [B, N] */
  float* previous_completions; /* [B, N] 1 = the last step reached the target */
  int64_t* episode_steps;      /* [B, N] time step within its episode, from 0 */
  int64_t* episodes;           /* [B, N] position of its episode in the chain, from 0 */
  float* actions;              /* [B, N, A] what was done: what a policy predicts */
  uint8_t* valid;              /* [B, N] 1 = a real step, 0 = padding */
  uint8_t* in_loss;            /* [B, N] 1 = counts in the loss; implies valid */
  int64_t* segments; /* [B, N] which chain a step is of, where rows are packed; else NULL */
  /* NULL unless longplay_chain_options.outcomes asked for them. */
  float* rewards;           /* [B, N] in the file's units */
  float* ends;              /* [B, N] 1 = the task ended the episode with this step */
  float* cuts;              /* [B, N] 1 = its last step, which the task did not end */
  float* next_observations; /* [B, N, O] */
  uint8_t* next_known;      /* [B, N] 0 = what followed was not recorded */
} longplay_batch_arrays_of;

int longplay_batch_arrays(longplay_batch* batch, longplay_batch_arrays_of* arrays);
/* Copies into the caller's memory. `arrays` says in `chains` and `steps` how much it has room for: at
 * least what the batch has, else LONGPLAY_DATA_USAGE; rows lie as far apart as there, and what they do
 * not fill is zeroed. */
int longplay_batch_copy(const longplay_batch* batch, const longplay_batch_arrays_of* arrays);

/* Which episodes the chains of the last load are made of. */
typedef struct longplay_chain_of {
  int64_t episodes;       /* E */
  const int64_t* numbers; /* [E] in the data set, in the order of the chain */
  const double* targets;  /* [E] return that each is asked for, in the file's units */
  int64_t first, length;  /* [steps] the window's place in the chain */
} longplay_chain_of;
/* `chain` in [0, longplay_chain_options.chains). Lent until the batch is loaded again or closed. */
int longplay_batch_chain(const longplay_batch* batch, int64_t chain, longplay_chain_of* made_of);

#ifdef __cplusplus
}
#endif
/* NOLINTEND(readability-identifier-naming) */

#endif
