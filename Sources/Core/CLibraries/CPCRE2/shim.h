// PCRE2 for text in UTF-8, and the clocks by which its work is bounded.
#pragma once
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdint.h>
#include <time.h>

static inline uint64_t cpcre2_nanoseconds(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

// Cheap: no system call.
static inline uint64_t cpcre2_monotonic_nanoseconds(void) { return cpcre2_nanoseconds(CLOCK_MONOTONIC); }

// What the calling thread itself has used, however busy the machine is.
static inline uint64_t cpcre2_thread_nanoseconds(void) { return cpcre2_nanoseconds(CLOCK_THREAD_CPUTIME_ID); }
