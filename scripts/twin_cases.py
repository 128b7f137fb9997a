# SPDX-License-Identifier: MIT
"""What scripts/twin_run.py has both programs do: plain data, a command a line.

A case is a name and the commands that run one after another in a folder of its own. {data} is the
folder of FILES and DATA, {repo} that of the source tree. Every command line is one of longplay's; a
word like OMP_NUM_THREADS=2 in front of it sets the environment.
"""
import pathlib

# ---- what the cases read: FILES are written, DATA are collected by the old program ------------
FILES = {
    # One actuator, and the reward is the action: a return over one decision is that action itself.
    "arm.xml": """<mujoco><option timestep="0.01"/><worldbody><body name="arm">
<joint name="turn" axis="0 1 0" damping="0.1"/>
<geom type="capsule" fromto="0 0 0 0 0 -0.5" size="0.03"/>
</body></worldbody><actuator><motor joint="turn" gear="2" ctrlrange="-1 1"/></actuator></mujoco>
""",
    "arm.yaml": """model: arm.xml
control_step: 0.02
max_episode_steps: 16
observation: [{quantity: qpos}, {quantity: qvel}]
reward: [{quantity: ctrl}]
termination: [{quantity: qpos, above: 0.6}]
start: {position_noise: 0.5, velocity_noise: 3}
""",
    "compare.yaml": """compare:
  grid: {chain.episodes: [1, 2]}
  variants: [{name: cloning, set: {chain.episodes: 1, chain.tokens: [observation]}}]
  seeds: 2
""",
    "statistics.json": '{"mean": [0.1, 0.2, 0.3], "std": [1, 2, 3], "scale": 10}\n',
}
DATA = {
    "arm.hdf5": "collect --env {data}/arm.yaml --algorithm random --steps 1200",
    "goal.hdf5": "collect --env family/point-goal-v0 --algorithm search --steps 2000",
    "goal_2.hdf5": "collect --env family/point-goal-v0 --algorithm search --steps 1000 --seed 1",
    "hopper.hdf5": "collect --env Hopper-v5 --algorithm sac --steps 1200 --max-episode-steps 25",
}
COLLECTED = {
    "random": "--env Walker2d-v5 --algorithm random --steps 500 --seed 3 --out c.hdf5",
    "random_folder": "--env Hopper-v5 --algorithm random --steps 200 --out folder",
    "random_repeat": "--env dm_control/cartpole-swingup-v0 --algorithm random --steps 300"
                     " --action-repeat 4 --max-episode-steps 30 --out c.hdf5",
    "sac": "--env Hopper-v5 --algorithm sac --steps 1500 --out c.hdf5",
    "sac_learners": "--env dm_control/cheetah-run-v0 --steps 2400 --learners 2 --action-repeat 2"
                    " --max-episode-steps 100 --out c.hdf5",
    "search_goal": "--env family/point-goal-v0 --steps 3000 --episodes-per-history 4 --out c.hdf5",
    "search_velocity": "--env family/cheetah-velocity-v0 --algorithm search --steps 1000"
                       " --learning-steps 1500 --max-episode-steps 50 --out c.hdf5",
}

# ---- training: every mixer with every variant, 50 steps each ----------------------------------
# As many episodes played as trained on: once, the larger of the two decided a table of weights.
SMALL = ("model.layers=2 model.width=16 model.heads=2 model.feed_forward_width=24"
         " model.query_block=16 model.key_block=8 chain.episodes=3 evaluate.episodes=3 train.steps=50"
         " train.tokens_per_step=128 train.warmup_steps=5 train.learning_rate=3e-3"
         " train.log_every=5 train.checkpoint_every=25")
RWKV7 = ("model.mixer=rwkv model.rwkv_version=7 model.rwkv_head_width=8 model.rwkv_decay_rank=4"
         " model.rwkv_rate_rank=3 model.rwkv_value_rank=5 model.rwkv_gate_rank=6")
MIXERS = {
    "attention": "model.mixer=attention",
    "attention_span": "model.mixer=attention model.span=10",
    "attention_sinks": "model.mixer=attention model.span=9 model.sinks=3",
    "attention_groups": "model.mixer=attention model.heads=4 model.key_value_heads=2",
    "attention_spans": "model.mixer=attention model.layer_spans=[0,7] model.norm=root_mean_square",
    "reference": "model.mixer=reference_attention",
    "mamba": "model.mixer=mamba model.mamba_state=8 model.mamba_convolution=3 model.mamba_expand=1"
             " model.mamba_step_rank=3",
    "mamba2": "model.mixer=mamba2 model.mamba2_state=8 model.mamba2_head_width=8"
              " model.mamba2_groups=2 model.mamba2_convolution=3 model.mamba2_expand=3"
              " model.mamba2_chunk=8",
    "taipan": "model.mixer=taipan model.layers=3 model.taipan_period=2 model.taipan_capacity=0.4"
              " model.taipan_penalty=2 model.taipan_temperature=0.7 model.taipan_span=12"
              " model.mamba2_head_width=16",
    "taipan_selected": "model.mixer=taipan model.taipan_period=1 model.taipan_keys=selected"
                       " model.mamba2_head_width=16",
    "masformer": "model.mixer=masformer model.layers=3 model.masformer_span=6",
    "masformer_top": "model.mixer=masformer model.layers=3 model.masformer_span=6"
                     " model.masformer_placement=top model.masformer_full_layers=2",
    "masformer_between": "model.mixer=masformer model.layers=3 model.masformer_span=6"
                         " model.masformer_placement=interleaved",
    "rwkv4": "model.mixer=rwkv model.rwkv_version=4",
    "rwkv7": RWKV7,
    "recurrent_memory": "model.mixer=recurrent_memory model.memory_tokens=2 model.memory_segment=9",
    "recurrent_memory_unrolled": "model.mixer=recurrent_memory model.memory_segment=8"
                                 " model.memory_unrolled=2",
    "memsizer": "model.mixer=memsizer model.memsizer_slots=5",
    "mixed": "model.mixer=[mamba,attention,rwkv,memsizer,mamba2] model.layers=5"
             " model.rwkv_head_width=8 model.mamba2_head_width=8",
}
VARIANTS = {
    "everything": "model.keep=everything",
    "inputs": "model.keep=layer_inputs model.dropout=0.1",
    "inputs_and_attention": "model.keep=layer_inputs_and_attention chain.packing=interleaved",
    "chunks": "model.keep=layer_inputs model.tokens_at_once=7",
    "chunks_int8": "model.keep=layer_inputs model.tokens_at_once=16 model.kept_type=int8"
                   " model.kept_place=host",
    "bfloat16_kept": "model.keep=layer_inputs_and_attention model.kept_type=bfloat16"
                     " model.kept_place=file",
    "packed": "chain.rows=packed",
    "reset": "model.episode_context=reset model.head=gaussian",
    "float64": "train.dtype=float64 chain.window=20",
    "bfloat16": "train.dtype=bfloat16",
}

# Other training: name: (data, what differs from SMALL, arguments of eval).
TRAINED = {
    "order/collected": ("goal", "chain.order=collected chain.source=history", "--episodes 5"),
    "order/shuffled": ("goal", "chain.order=shuffled chain.boundary=carry", "--episodes 3"),
    "order/ascending": ("hopper", "chain.order=ascending_return chain.rows=packed", ""),
    "target/own": ("hopper", "chain.target=own evaluate.target_step=0.1", "--target 30"),
    "loss/last": ("goal", "chain.loss=last chain.episodes=4 chain.source=history", "--act sample"),
    "best_fraction": ("hopper", "chain.best_fraction=0.3 chain.weight=uniform", "--target max"),
    "weight/return": ("hopper", "chain.weight=return chain.temperature=0.5", "--seed 7"),
    "window": ("hopper", "chain.window=12 evaluate.window=5", ""),
    "window_recomputed": ("hopper", "chain.episodes=1 chain.window=9 chain.target=own"
                          " chain.tokens=[return,observation,action] chain.packing=interleaved"
                          " chain.normalise_tokens=true chain.follow_stream=true"
                          " evaluate.window_use=recomputed evaluate.episodes=1", "--episodes 4"),
    "cloning": ("goal", "chain.episodes=1 evaluate.episodes=1 chain.window=1"
                " chain.tokens=[observation]", "--episodes 4"),
    "no_return": ("goal", "chain.tokens=[observation,action,reward]", ""),
    "interleaved": ("hopper", "chain.packing=interleaved", "--act sample"),
    "interleaved_packed": ("hopper", "chain.packing=interleaved chain.rows=packed", ""),
    "gaussian": ("hopper", "model.head=gaussian", "--act sample"),
    "gaussian_mean": ("goal", "model.head=gaussian evaluate.act=sample", "--act mean"),
    "squared_error": ("goal", "model.head=squared_error evaluate.act=sample", ""),
    "feed_forward/none": ("goal", "model.feed_forward=none", ""),
    "feed_forward/gelu": ("goal", "model.feed_forward=gelu model.norm=layer", ""),
    "feed_forward/gelu_tanh": ("goal", "model.feed_forward=gelu_tanh model.norm_epsilon=1e-3", ""),
    "feed_forward/relu": ("goal", "model.feed_forward=relu model.feed_forward_width=0", ""),
    "feed_forward/swiglu": ("goal", "model.feed_forward=swiglu model.tokens_at_once=11", ""),
    "mamba_defaults": ("goal", "model.mixer=mamba", ""),
    "rwkv_defaults": ("goal", "model.mixer=rwkv model.width=64", ""),
    "dropout": ("hopper", "model.dropout=0.2 model.keep=layer_inputs model.tokens_at_once=13", ""),
    "attention_dropout": ("hopper", "model.attention_dropout=0.2 model.dropout=0.1", ""),
    "float64": ("hopper", "train.dtype=float64 model.head=gaussian", "--act sample"),
    "bfloat16": ("hopper", "train.dtype=bfloat16 model.tokens_at_once=16", ""),
    "optimiser": ("goal", "train.weight_decay=0.1 train.clip_norm=0.1 train.decay=false", ""),
    "optimiser_free": ("goal", "train.clip_norm=0 train.weight_decay=0 train.warmup_steps=0"
                       " train.seed=5 train.device=cpu", ""),
    "checkpoints": ("goal", "train.checkpoint_every=10 train.keep_checkpoints=2 train.log_every=7",
                    "--checkpoint best --selection-seeds 2"),
    "step": ("goal", "", "--checkpoint 25"),
    "one_episode": ("goal", "evaluate.context=one_episode", ""),
    "all_episodes": ("goal", "chain.episodes=1 evaluate.episodes=1 evaluate.context=all_episodes",
                     "--episodes 6"),
    "sorted": ("goal", "chain.source=history", "--last-context sorted"),
    "another_task": ("goal", "chain.source=history evaluate.last_context=sorted",
                     "--last-context another_task"),
    "as_played": ("goal", "evaluate.last_context=another_task evaluate.target=11.5"
                  " evaluate.episodes=2 evaluate.seed=44", "--last-context as_played"),
    "action_repeat": ("hopper", "evaluate.action_repeat=2 evaluate.max_episode_steps=25", ""),
    "mapped": ("hopper", "data.place=mapped data.cache=cache", ""),
    "over_budget": ("hopper", "data.place=auto data.memory_budget=0 data.cache=cache", ""),
    "in_memory": ("hopper", "data.place=memory", ""),
    "not_finite": ("goal", "train.learning_rate=10 train.clip_norm=0 train.max_bad_steps=3"
                   " model.norm_epsilon=1e-12 train.warmup_steps=0", ""),
    "td3_bc": ("hopper", "train.method=td3_bc td3_bc.hidden=24 td3_bc.batch=32", "--episodes 2"),
    "td3_bc_options": ("goal", "train.method=td3_bc train.dtype=float64 td3_bc.alpha=1.5"
                       " td3_bc.discount=0.9 td3_bc.soft_update=0.05 td3_bc.policy_noise=0.3"
                       " td3_bc.noise_clip=0.4 td3_bc.policy_every=3 td3_bc.batch=16"
                       " td3_bc.hidden=16 td3_bc.learning_rate=1e-3", ""),
}
THREADED = ("attention", "mamba", "mamba2", "rwkv4", "rwkv7", "taipan", "memsizer", "mixed")
TRAIN = "train --data {data}/arm.hdf5 " + SMALL
GOAL = "train --data {data}/goal.hdf5 " + SMALL
RUNS = {  # several commands that belong together
    "resume": [f"{TRAIN} {MIXERS['mixed']} model.dropout=0.1 train.steps=25 --out run --json",
               f"{TRAIN} {MIXERS['mixed']} model.dropout=0.1 --out run --resume --json"],
    "resume_td3_bc": [f"{TRAIN} train.method=td3_bc train.steps=25 --out run --json",
                      f"{TRAIN} train.method=td3_bc --out run --resume --json"],
    "resume_other_data": [f"{TRAIN} train.steps=5 --out run --json",
                          f"{GOAL} train.steps=10 --out run --resume --json"],
    "start_from": [f"{GOAL} --out a --json",
                   f"{GOAL} chain.episodes=2 train.start_from=a train.seed=3 --out b --json",
                   "eval b --episodes 2 --seeds 2 --json --out b.json"],
    "again": [f"{TRAIN} train.steps=2 --out run --json", f"{TRAIN} train.steps=2 --out run --json"],
    "two_files": [f"{GOAL} --data {{data}}/goal_2.hdf5 --out run --json"],
    "seeds": [f"{GOAL} train.seed=1 --out a --json", f"{GOAL} train.seed=2 --out b --json",
              "eval a b --episodes 3 --seeds 3 --json --out ab.json",
              "eval --verify ab.json --json",
              "eval a b --data {data}/goal_2.hdf5 --seeds 4 --json --out error.json"],
    "export": [f"{GOAL} {RWKV7} --out a --json", "export a --out out --json",
               "import out --out b --json", "eval b --episodes 2 --seeds 2 --json --out b.json",
               f"{GOAL} train.start_from=b --out c --json"],
    "compare": ["compare {data}/compare.yaml data.files=[{data}/goal.hdf5] "
                + SMALL.replace("chain.episodes=3 ", "") + " train.steps=10 evaluate.episodes=2"
                " evaluate.seeds=2 --out out --json", "compare {data}/compare.yaml"
                " data.files=[{data}/goal.hdf5] --out out --list --json"],
}
REFUSED = [  # the same message and exit code
    "", "nothing", "train", "train nowhere.yaml", "train --data nowhere.hdf5",
    "train --data {data}/arm.hdf5 model.nothing=1", "train --data {data}/arm.hdf5 model.heads=3",
    "train --data {data}/arm.hdf5 --data {data}/goal.hdf5", "eval", "eval nowhere --json",
    "train --data {data}/arm.hdf5 model.head=categorical", "eval --verify nowhere.json",
    "train --data {data}/arm.hdf5 train.start_from=nowhere", "data", "data info", "env", "import",
    "data info nowhere.hdf5", "data convert {data}/arm.hdf5 out --format csv",
    "collect --env Nothing-v5 --steps 5 --out c.hdf5", "collect --env Hopper-v5 --steps 5",
    "collect --env Hopper-v5 --algorithm search --steps 5 --out c.hdf5",
    "collect --env Hopper-v5?wings=2 --steps 5 --out c.hdf5", "compare {data}/arm.yaml",
    "export nowhere --out out", "render nowhere --out v.mp4", "env list --json", "--version --json"]
HELPED = ["", "demo", "collect", "data", "data info", "data validate", "data convert",
          "data relabel", "data replay", "env", "env list", "train", "eval", "compare", "render",
          "import", "export", "bench"]


def datasets_below(folder):
    """Every data set of a readable layout: files, Minari's folders, folders of .npz files."""
    folder = pathlib.Path(folder)
    inside = sorted(folder.iterdir()) if folder.is_dir() else []
    if (folder / "data").is_dir() or (inside and all(f.suffix == ".npz" for f in inside)):
        return [folder]
    if folder.suffix in (".hdf5", ".h5", ".npz"):
        return [folder]
    return [found for entry in inside for found in datasets_below(entry)]


def reading(path):
    return [f"data info {path} --json", f"data validate {path} --json",
            f"data convert {path} minari --format minari --json",
            f"data convert {path} d4rl.hdf5 --format d4rl --json",
            f"train --data {path} {SMALL} train.steps=5 train.tokens_per_step=32 --out run --json"]


def playing(identifier):
    return [f"collect --env {identifier} --algorithm random --steps 60 --max-episode-steps 15"
            " --episodes-per-history 2 --out c.hdf5 --json",
            f"train --data c.hdf5 {SMALL} model.head=gaussian train.steps=5 --out run --json",
            "eval run --episodes 3 --seeds 3 --act sample --json --out eval.json"]


def all_cases(repo, environments, keys, folders):
    """{name: commands}; environments: ids to play, keys: of the config, folders: more data."""
    cases = {f"collect/{name}": [f"collect {words} --json"] for name, words in COLLECTED.items()}
    actions = "evaluate.max_episode_steps=1 --out run --json"
    for mixer, words in MIXERS.items():
        for variant, more in VARIANTS.items():
            cases[f"train/{mixer}/{variant}"] = [
                f"{TRAIN} {words} {more} {actions}",
                "eval run --episodes 24 --seeds 2 --json --out actions.json"]
        cases[f"train/{mixer}/played"] = [
            f"train --data {{data}}/hopper.hdf5 {SMALL} {words} --out run --json",
            "eval run --episodes 3 --seeds 3 --json --out returns.json",
            "eval run --data {data}/hopper.hdf5 --seeds 3 --json --out error.json"]
    for mixer in THREADED:
        cases[f"train/{mixer}/two_threads"] = [
            f"OMP_NUM_THREADS=2 {TRAIN} {MIXERS[mixer]} {actions}",
            "OMP_NUM_THREADS=2 eval run --episodes 24 --seeds 2 --json --out actions.json"]
    for name, (data, words, played) in TRAINED.items():
        cases[f"options/{name}"] = [
            f"train --data {{data}}/{data}.hdf5 {SMALL} {words} --out run --json",
            f"eval run --seeds 3 {played} --json --out returns.json",
            f"eval run --data {{data}}/{data}.hdf5 --seeds 3 --json --out error.json"]
    cases |= {f"runs/{name}": commands for name, commands in RUNS.items()}
    cases |= {f"environments/{name}": playing(name) for name in environments}
    cases["environments/arguments"] = playing("Hopper-v5?healthy_z_range=0.8,inf")
    cases["environments/crawler"] = playing("{repo}/configs/tasks/crawler.yaml")
    for path in datasets_below(repo / "tests"):
        name = path.relative_to(repo)
        cases[f"reading/{name}"] = reading(f"{{repo}}/{name}")
        if "traces" in name.parts:
            cases[f"reading/{name}"].append(f"data replay {{repo}}/{name} --json")
        elif "env" in name.parts:  # numbers of other simulators, no data sets
            cases[f"reading/{name}"] = [f"data validate {{repo}}/{name} --json"]
    cases["reading/relabel"] = [
        "data relabel {repo}/tests/env/fixtures/traces/HalfCheetah-v5.hdf5 relabelled.hdf5"
        " --env HalfCheetah-v5?forward_reward_weight=2 --json"]
    for folder in folders:
        cases |= {f"data/{path.relative_to(folder.parent)}": reading(path)
                  for path in datasets_below(folder)}
    for path in sorted((repo / "zoo").glob("*/config.json")):
        name = path.parent.name
        cases[f"zoo/{name}"] = [
            f"import {{repo}}/zoo/{name} --out run --json",
            f"eval --verify {{repo}}/zoo/{name}/result.json --run run --json",
            "eval run --episodes 2 --seeds 3 --act sample --json --out returns.json",
            "export run --out out --json"]
    for path in sorted((repo / "tests/agent/fixtures/hugging_face").glob("*/config.json")):
        folder = f"{{repo}}/{path.parent.relative_to(repo)}"
        cases[f"import/{path.parent.name}"] = [
            f"import {folder} --out run --json --target 5 --window 6",
            f"import {folder} --out with --json --statistics {{data}}/statistics.json",
            f"import {folder} --out sized --json --observation-size 3 --action-size 2",
            "export run --out out --json", "export sized --out out_sized --json"]
    cases["refused/commands"] = REFUSED
    # What accepts any text trains for a step.
    cases["refused/values"] = [f"{TRAIN} train.steps=1 --out {key}{i} {key}={value}"
                               for key in keys for i, value in enumerate(("nonsense", "[[]]"))]
    cases["help"] = [f"{words} --help" for words in HELPED]
    return cases
