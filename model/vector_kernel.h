// SPDX-License-Identifier: MIT
#pragma once

/// In front of a function with loops for the compiler to vectorise: it is compiled twice, for any
/// x86-64 and for one with AVX2 and FMA, and the loader picks. Elsewhere it stands for nothing.
/// Kernels (model/*_kernel.cpp) are plain C++ on pointers, without torch, in float and double.
#if defined(__x86_64__) && defined(__ELF__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__)
#define LONGPLAY_VECTOR_CLONES __attribute__((target_clones("default", "arch=x86-64-v3")))
#else
#define LONGPLAY_VECTOR_CLONES
#endif

/// What such a function calls in its loops has to become part of it.
#define LONGPLAY_INLINE __attribute__((always_inline)) inline

/// In front of a loop whose turns do not read what others of them write.
#if defined(__clang__)
#define LONGPLAY_INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#elif defined(__GNUC__)
#define LONGPLAY_INDEPENDENT _Pragma("GCC ivdep")
#else
#define LONGPLAY_INDEPENDENT
#endif
