/* Every limit of the sink. */
#pragma once

enum {
    BATCH_RECORDS_MAX = 100000, /* what BATCH_SIZE may be set to */
    BATCH_MB_MAX = 1024,        /* of records in a batch; the one that goes past it is the last */
    BATCH_MS_MAX = 60000,
    DRAINED_MS = 5, /* input silent for so long: what is held is written */
    POLL_RECORDS_MAX = 1000,
    IDLE_POLL_MS = 100,
    HOLD_MS_MAX = 1000, /* a full batch waits so long for the writer, then fetching is suspended */

    COLUMNS_MAX = 20,
    NUMBER_SIZE_MAX = 64,        /* bytes of a number that goes into a double or an integer */
    NESTING_MAX = 256,           /* of arrays and objects in a record; Postgres's own limit is near 6000 */
    PAYLOAD_SIZE_MAX = 64 << 10, /* bytes kept of a record that was refused */
    REASON_SIZE_MAX = 1000,
    MONTHS_MAX = 240,     /* of the transfers of one batch */
    FEED_SIZE_MAX = 7900, /* bytes of what one notification tells; Postgres takes less than 8000 */
    ARENA_CHUNK_SIZE = 1 << 20,
    ARENA_KEPT_MAX = 32 << 20, /* bytes kept from one batch for the next */

    CONNECT_TIMEOUT_S = 5,
    STATEMENT_TIMEOUT_MS = 60000, /* Postgres ends the statement */
    STATEMENT_TIMEOUT_MS_MAX = 3600000,
    STATEMENT_GRACE_MS = 5000,        /* then we end the connection */
    IDLE_TRANSACTION_MS_MAX = 60000,  /* a sink that is stopped must not hold its locks for ever */
    MIGRATION_TIMEOUT_MS = 600000,    /* an index of a large table takes its time */
    MAINTENANCE_TIMEOUT_MS = 1800000, /* of one statement of the maintenance */
    MAINTENANCE_FIRST_S = 5,          /* to twice as long after the start */
    MAINTENANCE_RETRY_S = 60,
    MAINTENANCE_INTERVAL_S_MAX = 86400,
    KAFKA_TOPIC_SIZE_MAX = 249,
    LETTERS_MAX = 1000, /* that are listed or replayed at once */
    REPLAY_READ_MS = 10000,
    REPLAY_FLUSH_MS = 25000,
    KEEP_MONTHS_MAX = 1200,
    KEEP_DAYS_MAX = 36500,
    DELETE_ROWS_MAX = 10000,     /* at once */
    CONTENTION_ATTEMPTS_MAX = 5, /* of a batch that another transaction is in the way of, before a back-off */
    BACKOFF_MS_MIN = 100,
    BACKOFF_MS_MAX = 2000,

    REVOKE_WAIT_MS = 2000, /* for the batch under way, before the partitions go to another instance */
    DRAIN_MS_MAX = 6000,   /* after SIGTERM, for what is held */
    STOP_LIMIT_S = 10,
    KAFKA_PROBE_MS = 500,
    KAFKA_PROBE_INTERVAL_MS = 2000,
    PING_INTERVAL_MS = 2000, /* with nothing to write, so that /ready knows whether Postgres answers */
    TELL_INTERVAL_MS = 1000, /* between updates of the lag's metrics */
    HTTP_THREADS = 1,
    RETRY_AFTER_S = 2,
};
