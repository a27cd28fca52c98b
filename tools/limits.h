/* Every bound of the tools in one place. */
#pragma once

enum {
    TOPIC_PARTITIONS_MAX = 4096,
    TOPIC_REPLICATION_MAX = 32,
    TOPIC_RECORD_BYTES_MAX =
        8 * 1024 * 1024,              /* one record, or batch, of the internal topics and the dead letters */
    TOPIC_REQUEST_TIMEOUT_MS = 30000, /* for one request to the brokers */
    TOPIC_VISIBLE_TIMEOUT_MS = 30000, /* until the brokers know a topic that was created */

    WATCH_INTERVAL_MS = 1000,      /* between looks at the API */
    WATCH_LINE_INTERVAL_MS = 5000, /* the same where the output is no terminal */
    WATCH_PAUSE_MS_MIN = 100,      /* between two drawings, however slow the API is */
    WATCH_CONNECT_TIMEOUT_MS = 1500,
    WATCH_ANSWER_TIMEOUT_MS = 4000,
    WATCH_ANSWER_SIZE_MAX = 8 * 1024 * 1024,
    WATCH_COLUMNS_MAX = 500,
    WATCH_LINES_MAX = 200,

    PRODUCER_CONNECT_TIMEOUT_MS = 30000,
    TOPIC_SILENCE_MS_MAX = 30000, /* while a topic is read to its end */
    PRODUCER_STOP_FLUSH_MS = 7000, /* for what is still under way when the process is asked to stop */

    READ_SIZE = 1024 * 1024, /* bytes asked of a file at once */
    LINE_SIZE_MAX = 64 * 1024 * 1024,
    FORMAT_LINES_MAX = 64, /* that are looked at to tell what a file is */
    CSV_FIELDS_MAX = 256,
    CSV_ROW_LINES_MAX = 64, /* a quote that ends later than that is taken for a mistake of its line alone */

    EVALUATION_TYPOLOGIES_MAX = 64, /* of the truth, and of the alerts; a transfer has a bit for each */
};
