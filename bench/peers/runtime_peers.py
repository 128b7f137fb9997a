# SPDX-License-Identifier: MIT
"""Who acts in bench/runtime.py, each in a process of its own, and the policy as ONNX.

    runtime_peers.py export FOLDER FILE.onnx       the weights of an exported policy, as ONNX
    runtime_peers.py PEER PLACE STEPS ACTIONS      "acted" after the first action, then a line of JSON

PEER: runtime (PLACE: an exported policy), onnxruntime (its ONNX file), hugging_face (no place).
"""
import json
import math
import os
import pathlib
import sys
import time

OBSERVATIONS, ACTIONS, LAYERS, HEADS, WIDTH, TOKENS = 17, 6, 3, 4, 128, 3
COMPARED = 20   # actions that are compared with those of others
ROOT = pathlib.Path(__file__).resolve().parents[2]


def see_step(t):
    """What every peer sees (bench/libtorch_acting_bench.cpp)."""
    return [math.sin(0.37 * t + 1.3 * o) for o in range(OBSERVATIONS)], math.cos(0.5 * t)


def resident_bytes():
    with open("/proc/self/status") as file:
        return 1024 * int(next(line for line in file if line.startswith("VmRSS:")).split()[1])


def export(folder, path):
    """The layers of model/layers in plain PyTorch: a step's tokens and each layer's keys and values of
    the steps before go in, the action and the keys and values with the step's own come out."""
    import torch
    from torch import nn
    from torch.nn import functional
    with open(f"{folder}/model.safetensors", "rb") as file:
        data = bytearray(file.read())
    size = 8 + int.from_bytes(data[:8], "little")
    weights = {}
    for name, about in json.loads(data[8:size]).items():
        if name == "__metadata__":
            continue
        begin, end = about["data_offsets"]
        weights[name] = torch.frombuffer(data[size + begin:size + end], dtype=torch.float32).reshape(about["shape"])

    class Twin(nn.Module):
        def __init__(self):
            super().__init__()
            for name, value in weights.items():
                self.register_buffer(name.replace(".", "_"), value)

        def map(self, name, x):
            name = name.replace(".", "_")
            return functional.linear(x, getattr(self, name + "_weight"), getattr(self, name + "_bias"))

        def norm(self, name, x):
            name = name.replace(".", "_")
            return functional.layer_norm(x, (WIDTH,), getattr(self, name + "_weight"), getattr(self, name + "_bias"))

        def forward(self, to_go, observation, previous_action, step, episode, past):
            x = torch.cat([self.map("tokens.action", previous_action), self.map("tokens.return", to_go),
                           self.map("tokens.observation", observation)])                    # [3, D]
            x = x + self.tokens_step_weight[step] + self.tokens_episode_weight[episode]
            own = torch.triu(torch.full((TOKENS, TOKENS), -1e30), 1)
            mask = torch.cat([torch.zeros(TOKENS, past[0].shape[1]), own], 1)               # [3, P + 3]
            present = []
            for layer in range(LAYERS):
                at = f"layers.{layer}."
                qkv = self.map(at + "mixer.query_key_value", self.norm(at + "mixer_norm", x))
                q, k, v = qkv.reshape(TOKENS, 3, HEADS, WIDTH // HEADS).permute(1, 2, 0, 3).unbind(0)
                k, v = torch.cat([past[2 * layer], k], 1), torch.cat([past[2 * layer + 1], v], 1)
                present += [k, v]                                                           # [H, P + 3, K]
                scores = q @ k.transpose(1, 2) / math.sqrt(WIDTH // HEADS) + mask
                heads = (scores.softmax(-1) @ v).transpose(0, 1).reshape(TOKENS, WIDTH)
                x = x + self.map(at + "mixer.projection", heads)
                hidden = functional.gelu(self.map(at + "feed_forward.expand", self.norm(at + "feed_forward_norm", x)))
                x = x + self.map(at + "feed_forward.contract", hidden)
            return torch.tanh(self.map("head", self.norm("final_norm", x[-1:]))), present

    past = [torch.zeros(HEADS, 30, WIDTH // HEADS) for _ in range(2 * LAYERS)]
    length = torch.export.Dim("past", min=0, max=1 << 20)
    step, episode = (torch.zeros(1, dtype=torch.int64) for _ in range(2))   # one tensor would be one input
    torch.onnx.export(
        Twin().eval(), (torch.zeros(1, 1), torch.zeros(1, OBSERVATIONS), torch.zeros(1, ACTIONS), step, episode, past),
        path, dynamo=True, external_data=False, verbose=False,
        input_names=["to_go", "observation", "previous_action", "step", "episode",
                     *(f"past_{i}" for i in range(2 * LAYERS))],
        output_names=["action", *(f"present_{i}" for i in range(2 * LAYERS))],
        dynamic_shapes=(None, None, None, None, None, [{1: length}] * (2 * LAYERS)))


def runtime(folder, steps, count, report):
    sys.path.insert(0, str(ROOT / "python"))
    import longplay._library
    longplay._library.FOLDER = ROOT / "build/release/runtime"
    import numpy as np
    policy = longplay.Policy(folder, context_steps=steps)
    for t in range(steps + count):
        observation, reward = see_step(t)
        observation = np.array(observation)
        begin = time.perf_counter()
        action = policy.act(observation, reward, t == 0)
        report(t, time.perf_counter() - begin, action)


def onnxruntime(path, steps, count, report):
    import numpy as np
    import onnxruntime as ort
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    names = [f"_{i}" for i in range(2 * LAYERS)]
    empty = np.zeros((HEADS, 0, WIDTH // HEADS), np.float32)
    past = [ort.OrtValue.ortvalue_from_numpy(empty) for _ in names]
    binding = session.io_binding()
    # What a call reads: always the same memory.
    action, to_go = np.zeros((1, ACTIONS), np.float32), np.zeros((1, 1), np.float32)
    observation, step = np.zeros((1, OBSERVATIONS), np.float32), np.zeros(1, np.int64)
    episode = np.zeros(1, np.int64)
    for t in range(steps + count):
        seen, reward = see_step(t)
        begin = time.perf_counter()
        observation[:] = seen
        to_go -= reward if t > 0 else 0
        step[0] = min(t, 999)
        for name, value in (("to_go", to_go), ("observation", observation), ("previous_action", action),
                            ("step", step), ("episode", episode)):
            binding.bind_cpu_input(name, value)
        binding.bind_output("action", "cpu")
        for name, value in zip(names, past):
            binding.bind_ortvalue_input("past" + name, value)
            binding.bind_output("present" + name, "cpu")
        session.run_with_iobinding(binding)
        output, *present = binding.get_outputs()
        action[:] = output.numpy()
        seconds = time.perf_counter() - begin
        if t < steps - 1:   # from then on always the same length
            past = present
        report(t, seconds, action[0])


def hugging_face(_, steps, count, report):
    """The whole context anew: the model has no caches. Random weights."""
    import torch
    from transformers import DecisionTransformerConfig, DecisionTransformerModel
    torch.set_num_threads(1)
    model = DecisionTransformerModel(DecisionTransformerConfig(
        state_dim=OBSERVATIONS, act_dim=ACTIONS, hidden_size=WIDTH, n_layer=LAYERS, n_head=HEADS,
        max_ep_len=4096, n_positions=3 * steps + 8)).eval()
    inputs = dict(states=torch.randn(1, steps, OBSERVATIONS), actions=torch.randn(1, steps, ACTIONS),
                  rewards=torch.randn(1, steps, 1), returns_to_go=torch.randn(1, steps, 1),
                  timesteps=torch.arange(steps).unsqueeze(0), attention_mask=torch.ones(1, steps))
    with torch.no_grad():
        for t in [0, *range(steps, steps + count)]:
            begin = time.perf_counter()
            model(**inputs)
            report(t, time.perf_counter() - begin, None)


def main():
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    if sys.argv[1] == "export":
        return export(*sys.argv[2:])
    place, steps, count = sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    seconds, actions = [], []

    def report(t, taken, action):
        if t == 0:
            print("acted", flush=True)
        if t >= steps:
            seconds.append(taken)
        if t < COMPARED and action is not None:
            actions.append([float(number) for number in action])

    peers = {"runtime": runtime, "onnxruntime": onnxruntime, "hugging_face": hugging_face}
    peers[sys.argv[1]](place, steps, count, report)
    print(json.dumps({"seconds": seconds, "actions": actions, "resident_bytes": resident_bytes()}))


main()
