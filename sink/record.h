/* What a batch takes of a message from Kafka. */
#pragma once

#include "sink/batch.h"

#include <librdkafka/rdkafka.h>

/* Points into the message. */
record_t record_of_message(const rd_kafka_message_t *message, input_t input);
