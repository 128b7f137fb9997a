# SPDX-License-Identifier: MIT
"""Whole optimiser steps of a small sequence policy in PyTorch, as a user would write them today.

    --recipe eager     the layers of bench/peers/pytorch_layers.py (fused attention) between linear
                       maps, on a batch that is there already
    --recipe compile   the same through torch.compile
    --recipe hf        Hugging Face's DecisionTransformerModel in a plain loop: batches drawn from
                       numpy arrays episode by episode, both dropouts, as its authors train it
Prints {"steps_per_second": median over turns}. Needs torch 2.13.0, for hf transformers 5.23.0.
"""
import argparse
import json
import os
import statistics
import time

import torch
from torch import nn
from torch.nn import functional as F

from pytorch_layers import Layer

os.environ.setdefault("HF_HUB_OFFLINE", "1")
OBSERVATIONS, ACTIONS, EPISODES, LENGTH = 11, 3, 100, 500
CLIP, RATE, DECAY = 0.25, 1e-4, 1e-4


class Policy(nn.Module):
    """Tokens of a time step: one, or a return, an observation and an action."""

    def __init__(self, width, heads, layers, tokens):
        super().__init__()
        self.tokens = tokens
        sizes = [1, OBSERVATIONS, ACTIONS] if tokens == 3 else [1 + OBSERVATIONS + ACTIONS]
        self.embed = nn.ModuleList(nn.Linear(size, width) for size in sizes)
        self.place = nn.Embedding(LENGTH, width)
        self.layers = nn.ModuleList(Layer(width, heads, 4 * width, "fused") for _ in range(layers))
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, ACTIONS)

    def forward(self, parts, places):
        place = self.place(places)
        x = torch.stack([embed(part) + place for embed, part in zip(self.embed, parts)], 2)
        x = x.flatten(1, 2)  # [B, N * tokens, D]
        for layer in self.layers:
            x = layer(x)
        # The action is read at the observation's token.
        read = x if self.tokens == 1 else x[:, 1::3]
        return torch.tanh(self.head(self.norm(read)))


def update(model, optimizer, loss):
    """One optimiser step from a loss; its value."""
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), CLIP)
    optimizer.step()
    return loss.item()


def plain(arguments):
    policy = Policy(arguments.width, arguments.heads, arguments.layers, arguments.tokens)
    B, N = arguments.chains, arguments.steps
    returns, seen, acts = torch.randn(B, N, 1), torch.randn(B, N, OBSERVATIONS), torch.rand(B, N, ACTIONS)
    parts = [returns, seen, acts] if arguments.tokens == 3 else [torch.cat([returns, seen, acts], 2)]
    places = torch.arange(N).expand(B, N)
    optimizer = torch.optim.AdamW(policy.parameters(), lr=RATE, weight_decay=DECAY, fused=True)
    run = torch.compile(policy) if arguments.recipe == "compile" else policy

    def step():
        loss = F.mse_loss(run(parts, places), acts)
        return update(policy, optimizer, loss)
    return step


def hugging_face(arguments):
    import numpy as np
    from transformers import DecisionTransformerConfig, DecisionTransformerModel
    draw = np.random.default_rng(0)
    episodes = [dict(observations=draw.standard_normal((LENGTH, OBSERVATIONS), dtype=np.float32),
                     actions=draw.uniform(-1, 1, (LENGTH, ACTIONS)).astype(np.float32),
                     rewards=draw.standard_normal(LENGTH, dtype=np.float32))
                for _ in range(EPISODES)]
    everything = np.concatenate([episode["observations"] for episode in episodes])
    mean, std = everything.mean(0), everything.std(0) + 1e-6
    K = arguments.steps

    def batch():
        rows = dict(states=[], actions=[], returns=[], timesteps=[], mask=[])
        for i in draw.integers(0, EPISODES, arguments.chains):
            episode, first = episodes[i], draw.integers(0, LENGTH)
            part = slice(first, min(first + K, LENGTH))
            n = part.stop - first
            pad = ((K - n, 0), (0, 0))
            to_go = np.cumsum(episode["rewards"][first:][::-1])[::-1][:n, None]
            rows["states"].append(np.pad((episode["observations"][part] - mean) / std, pad))
            rows["actions"].append(np.pad(episode["actions"][part], pad, constant_values=-10))
            rows["returns"].append(np.pad(to_go / 1000, pad))
            rows["timesteps"].append(np.pad(np.arange(first, first + n), (K - n, 0)))
            rows["mask"].append(np.pad(np.ones(n, np.int64), (K - n, 0)))
        return {name: torch.from_numpy(np.stack(values)) for name, values in rows.items()}

    model = DecisionTransformerModel(DecisionTransformerConfig(
        state_dim=OBSERVATIONS, act_dim=ACTIONS, hidden_size=arguments.width, n_layer=arguments.layers,
        n_head=arguments.heads, n_inner=4 * arguments.width, activation_function="relu",
        max_ep_len=4096, n_positions=1024, resid_pdrop=0.1, attn_pdrop=0.1, embd_pdrop=0.1)).train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=DECAY)

    def step():
        given = batch()
        actions = given["actions"].float()
        output = model(states=given["states"].float(), actions=actions, rewards=None,
                       returns_to_go=given["returns"].float(), timesteps=given["timesteps"],
                       attention_mask=given["mask"])
        mask = given["mask"].reshape(-1) > 0
        loss = ((output.action_preds.reshape(-1, ACTIONS)[mask] -
                 actions.reshape(-1, ACTIONS)[mask]) ** 2).mean()
        return update(model, optimizer, loss)
    return step


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recipe", choices=["eager", "compile", "hf"], required=True)
    for name, value in dict(chains=64, steps=20, tokens=3, width=128, heads=1, layers=3, threads=2,
                            turns=3, repeats=20).items():
        parser.add_argument("--" + name, type=int, default=value)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    step = hugging_face(arguments) if arguments.recipe == "hf" else plain(arguments)
    for _ in range(5):
        step()
    rates, processor = [], []
    for _ in range(arguments.turns):
        start, used = time.perf_counter(), time.process_time()
        for _ in range(arguments.repeats):
            step()
        rates.append(arguments.repeats / (time.perf_counter() - start))
        processor.append((time.process_time() - used) / arguments.repeats)
    print(json.dumps(dict(steps_per_second=statistics.median(rates),
                          processor_seconds_per_step=statistics.median(processor))))


if __name__ == "__main__":
    main()
