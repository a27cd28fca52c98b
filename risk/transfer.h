/* A transfer as it comes in, normalised. */
#pragma once

#include "common/buf.h"

#include <stddef.h>
#include <stdint.h>

enum {
    WALLET_SIZE_MAX = 256, /* bytes of UTF-8; wallets, tx ids and assets have 1 to this many */
    TRANSFER_JSON_SIZE_MAX = 64 * 1024,
};

/* A piece of text inside the record it was read from, or in the parser's own memory: valid until the next
 * parse. */
typedef struct {
    const char *data;
    size_t size;
} text_t;

typedef struct {
    text_t tx_id;
    text_t src; /* wallets in their normal form (address.h) */
    text_t dst;
    text_t asset;         /* size 0 where the record names none */
    double amount;        /* in units of the asset; finite, >= 0 */
    int64_t timestamp_ms; /* event time */
    int64_t record_ms;    /* when Kafka got the record */
} transfer_t;

typedef struct transfer_parser transfer_parser_t;

transfer_parser_t *transfer_parser_new(void);
void transfer_parser_free(transfer_parser_t *parser);
/* Reads a JSON record. Returns NULL and fills `out`, or the reason why it is no transfer, for a person,
 * static or in the parser's memory until the next call: `amount must not be negative: -3`. */
const char *transfer_parse(transfer_parser_t *parser, const char *json, size_t size, int64_t record_ms,
                           transfer_t *out);
