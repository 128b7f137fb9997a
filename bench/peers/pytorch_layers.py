# SPDX-License-Identifier: MIT
"""The layers of model/layers/layer.h in plain PyTorch, as a user would write them today.

One line of JSON with the keys of bench_model, so that both can stand in one table.
    PYTHONPATH=.deps/site python3 bench/peers/pytorch_layers.py --recipe checkpoint --context 16384
Needs torch 2.13.0. --meter names the built liblongplay_meter.so: the same counting allocator.
"""
import argparse
import ctypes
import json
import time

import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.checkpoint import checkpoint


def process_bytes(name):
    """A line of Linux's account of this process, VmHWM or VmRSS."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith(name))


class TiledFeedForward(torch.autograd.Function):
    """Feed-forward in shards along the sequence, each recomputed in backward (as ALST's TiledMLP)."""

    @staticmethod
    def forward(ctx, run, x, shards, *parameters):
        ctx.run, ctx.shards = run, shards
        ctx.save_for_backward(x)
        with torch.no_grad():
            return torch.cat([run(shard) for shard in x.chunk(shards, dim=1)], dim=1)

    @staticmethod
    def backward(ctx, grad):
        (x,) = ctx.saved_tensors
        grad_x = torch.zeros_like(x)
        start = 0
        for shard, grad_shard in zip(x.chunk(ctx.shards, 1), grad.chunk(ctx.shards, 1)):
            leaf = shard.detach().requires_grad_()
            with torch.enable_grad():
                out = ctx.run(leaf)
            torch.autograd.backward(out, grad_shard)  # parameters: straight into .grad
            grad_x.narrow(1, start, shard.size(1)).copy_(leaf.grad)
            start += shard.size(1)
        return (None, grad_x, None)


class Layer(nn.Module):
    def __init__(self, width, heads, hidden, recipe):
        super().__init__()
        self.heads, self.recipe = heads, recipe
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.expand, self.contract = nn.Linear(width, hidden), nn.Linear(hidden, width)

    def attend(self, x):
        B, T, D = x.shape
        q, k, v = self.qkv(x).view(B, T, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        if self.recipe == "vanilla":
            scores = (q @ k.transpose(-2, -1)) / (D // self.heads) ** 0.5
            hidden = torch.ones(T, T, dtype=torch.bool).triu(1)
            y = scores.masked_fill(hidden, float("-inf")).softmax(-1) @ v
        else:
            y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.out(y.transpose(1, 2).reshape(B, T, D))

    def feed_forward(self, x):
        return self.contract(F.gelu(self.expand(self.norm2(x))))

    def forward(self, x):
        x = x + self.attend(self.norm1(x))
        if self.recipe == "checkpoint_tiled":
            shards = -(-x.shape[1] // x.shape[2])  # ALST's rule: sequence / hidden, rounded up
            return x + TiledFeedForward.apply(self.feed_forward, x, shards)
        return x + self.feed_forward(x)


def run(layers, x, recipe):
    for layer in layers:
        if recipe.startswith("checkpoint"):
            x = checkpoint(layer, x, use_reentrant=False)
        else:
            x = layer(x)
    return x


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recipe", default="checkpoint",
                        choices=["vanilla", "fused", "checkpoint", "checkpoint_tiled"])
    parser.add_argument("--meter", default="")
    parser.add_argument("--dtype", default="float32")
    for name, value in dict(batch=1, context=4096, layers=4, width=256, heads=4, repeats=3,
                            threads=2).items():
        parser.add_argument("--" + name, type=int, default=value)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    meter = None
    if args.meter:
        meter = ctypes.CDLL(args.meter)
        for name in ("current", "peak"):
            getattr(meter, f"longplay_{name}_tensor_bytes").restype = ctypes.c_int64
        meter.longplay_install_memory_meter()
    dtype = getattr(torch, args.dtype)
    layers = nn.ModuleList(Layer(args.width, args.heads, 4 * args.width, args.recipe)
                           for _ in range(args.layers)).to(dtype)
    best, peak, kept = float("inf"), 0, 0
    process_before = process_bytes("VmRSS:")
    for i in range(args.repeats + 1):
        layers.zero_grad(set_to_none=True)
        if meter:
            before = meter.longplay_current_tensor_bytes()
            meter.longplay_reset_peak_tensor_bytes()
        start = time.perf_counter()
        x = torch.randn(args.batch, args.context, args.width, dtype=dtype, requires_grad=True)
        y = run(layers, x, args.recipe)
        if meter:
            kept = meter.longplay_current_tensor_bytes() - before
        loss = y.mean()
        del y  # as in training, the output is gone when backward begins
        loss.backward()
        seconds = time.perf_counter() - start
        if i > 0 or args.repeats == 0:
            best = min(best, seconds)
        if meter:
            peak = meter.longplay_peak_tensor_bytes() - before
        del x, loss
    tokens = args.batch * args.context
    print(json.dumps(dict(tokens_per_second=round(tokens / best, 1), seconds_per_step=round(best, 4),
                          peak_bytes=peak, process_bytes=process_bytes("VmHWM:") - process_before,
                          bytes_per_token_kept=round(kept / tokens, 1))))


if __name__ == "__main__":
    main()
