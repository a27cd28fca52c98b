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
    STOP_GRACE_MS = 2000,    /* for a query that is under way when the process is to stop */
    STOP_POLL_MS = 100,
    BACKOFF_MS_MIN = 100,
    BACKOFF_MS_MAX = 2000,
    RETRY_AFTER_S = 2,

    THREADS_MAX = 64,
    SAMPLE_INTERVAL_MS = 1000,
    SAMPLE_COUNT = 61,       /* a minute of them */
    RECENT_SAMPLES = 5,      /* for the rate of this moment */
    KAFKA_TIMEOUT_MS = 1500, /* of each request */
    ERROR_RECENT_S = 60,     /* an ingestion error this young makes the state degraded */
    STALL_S = 30,            /* so does a consumer that stands still this long with records before it */
    KAFKA_SILENCE_S_MAX = 5, /* then its last answer is not used any more */
    STATUS_TEXT_SIZE_MAX = 256,
};
