/* Every limit of the API. */
#pragma once

enum {
    LIMIT_DEFAULT = 50, /* items of a list */
    LIMIT_MAX = 1000,
    TEXT_SIZE_MAX = 256, /* bytes of a wallet, an id or a name in a request; no stored one is longer */
    CURSOR_SIZE_MAX = 400,
    SHOWN_SIZE_MAX = 80, /* bytes of a wrong value that its problem quotes */

    CONNECT_TIMEOUT_S = 3,
    QUERY_TIMEOUT_MS = 5000, /* Postgres ends the statement */
    QUERY_GRACE_MS = 2000,   /* then we end the connection */
    POOL_WAIT_MS_MAX = 2000, /* for a connection that another request holds */
    BACKOFF_MS_MIN = 100,
    BACKOFF_MS_MAX = 2000,
    RETRY_AFTER_S = 2,

    THREADS_DEFAULT = 8,
    THREADS_MAX = 64,
    SAMPLE_INTERVAL_MS = 1000,
    SAMPLE_COUNT = 61, /* a minute of them */
    RECENT_SAMPLES = 5, /* for the rate of this moment */
    ERROR_RECENT_S = 60, /* an ingestion error this young makes the state degraded */
};
