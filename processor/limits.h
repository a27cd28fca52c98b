/* Every bound of the engine in one place. */
#pragma once

enum {
    PARTITIONS_MAX = 4096,
    THREADS_MAX = 64,
    POLL_RECORDS_MAX = 1000,      /* records in one poll */
    DEFERRED_PER_POLL_MAX = 64,   /* pages of hub updates done between two polls */
    LOCAL_BYTES_MAX = 64 << 20,   /* events waiting on the thread; more makes the engine commit */
    PRODUCED_MAX = 200000,        /* records in one transaction; more makes the engine commit */
    COMMIT_TIMEOUT_MS = 30000,
    FAILURES_MAX = 20,            /* in a row, before the process gives up */
};
