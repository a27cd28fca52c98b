/* `amlstream ingest`: sends the transfers of files. */
#pragma once

#include "common/settings.h"
#include "tools/producer.h"

extern const command_t ingest_command;

/* Sends the labels of a file to the topic of labels; `category` as for label_file_open. */
err_t *ingest_labels(producer_t *producer, const char *path, const char *category);
