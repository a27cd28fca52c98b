/* Every bound of the engine in one place. */
#pragma once

enum {
    PARTITIONS_MAX = 4096,
    THREADS_MAX = 64,
    POLL_RECORDS_MAX = 1000,      /* records in one poll */
    CAUGHT_UP_MS = 5,             /* input silent for so long: what is pending is committed */
    IDLE_POLL_MS_MAX = 100,       /* with nothing pending, one wait for input */
    DEFERRED_PER_POLL_MAX = 4000, /* deferrable events applied between two polls */
    DEFERRED_US_MAX = 20000,      /* … unless they have taken so long */
    EVENT_BYTES_MAX = 64 << 20,   /* events waiting on the thread; more makes the engine commit */
    PRODUCED_MAX = 200000,        /* records in one transaction; more makes the engine commit */
    COMMIT_TIMEOUT_MS = 30000,
    RESTORE_WAIT_MS = 20,           /* one wait for changelog records, where nothing else is to be done */
    RESTORE_SILENCE_MS_MAX = 90000, /* a restore that gets nothing for so long has failed */
    FAILURES_MAX = 20,              /* in a row, before the process gives up */
    FAILURE_BACKOFF_MS_MIN = 100,
    FAILURE_BACKOFF_MS_MAX = 5000,
    COMMIT_ROUNDS_MAX = 1000, /* of scores that send events that change scores, in one commit */
    HTTP_THREADS = 2,
    MODEL_SIZE_MAX = 256 << 20, /* bytes of a learned model's file */
    QUERY_TIMEOUT_MS = 2000,    /* a stream thread's answer about a wallet */
};
