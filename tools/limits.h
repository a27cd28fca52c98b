/* Every bound of the tools in one place. */
#pragma once

enum {
    TOPIC_PARTITIONS_MAX = 4096,
    TOPIC_REPLICATION_MAX = 32,
    TOPIC_RECORD_BYTES_MAX =
        8 * 1024 * 1024,              /* one record, or batch, of the internal topics and the dead letters */
    TOPIC_REQUEST_TIMEOUT_MS = 30000, /* for one request to the brokers */
    TOPIC_VISIBLE_TIMEOUT_MS = 30000, /* until the brokers know a topic that was created */
};
