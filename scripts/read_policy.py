# SPDX-License-Identifier: MIT
"""An action of a policy that `longplay export` wrote (plain attention, merged tokens), in numpy:
python3 read_policy.py FOLDER < steps.json, which holds lists, one entry per step: return,
observation, step, episode and, of the step before, action (in [-1, 1]), reward, completion."""
import json, math, sys, numpy as np
from safetensors.numpy import load_file
w = load_file(sys.argv[1] + "/model.safetensors")
about = json.load(open(sys.argv[1] + "/config.json"))
model, units = about["config"]["model"], about["policy"]["normalizer"]
steps = {name: np.array(values) for name, values in json.load(sys.stdin).items()}
steps["observation"] = (steps["observation"] - units["observation_mean"]) / units["observation_std"]
for name in ("return", "reward", "completion"):
    steps[name] = steps[name][:, None] * units.get(name + "_scale", 1)
linear = lambda name, x: x @ w[name + ".weight"].T + w[name + ".bias"]
std = lambda x: np.sqrt(x.var(-1) + model["norm_epsilon"])[..., None]
norm = lambda n, x: (x - x.mean(-1)[..., None]) / std(x) * w[n + ".weight"] + w[n + ".bias"]
gelu = np.vectorize(lambda x: 0.5 * x * (1 + math.erf(x / math.sqrt(2))))
x = sum(linear("tokens." + kind, steps[kind]) for kind in about["config"]["chain"]["tokens"])
for name in (kind for kind in ("step", "episode") if f"tokens.{kind}.weight" in w):
    x = x + w[f"tokens.{name}.weight"].take(steps[name], axis=0, mode="clip")  # [N, D]
for layer in (f"layers.{i}." for i in range(model["layers"])):
    qkv = linear(layer + "mixer.query_key_value", norm(layer + "mixer_norm", x))
    q, k, v = qkv.reshape(len(x), 3, model["heads"], -1).transpose(1, 2, 0, 3)  # each [H, N, K]
    weights = np.exp(q @ k.transpose(0, 2, 1) / math.sqrt(q.shape[2])) * np.tri(len(x))
    heads = (weights / weights.sum(-1, keepdims=True) @ v).transpose(1, 0, 2).reshape(x.shape)
    x = x + linear(layer + "mixer.projection", heads)
    hidden = gelu(linear(layer + "feed_forward.expand", norm(layer + "feed_forward_norm", x)))
    x = x + linear(layer + "feed_forward.contract", hidden)
action = np.tanh(linear("head", norm("final_norm", x[-1])))  # of a squared_error head
print((units["action_center"] + units["action_scale"] * action).tolist())
