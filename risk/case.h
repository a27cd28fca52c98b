/* Cases: unexpected first transfers (novelty.h) that touch each other within a window, gathered at one of
 * their wallets, so that patterns over many wallets are found whatever the order of their transfers and
 * wherever the wallets are kept.
 *
 * Each wallet of a case knows a root: itself, or a wallet that comes before it in one fixed order (by hash of
 * the name, then by name). A transfer between wallets of two roots unites them: the later root hands what it
 * has gathered to the earlier one and from then on knows it as its own root (union-find, without the
 * compression of paths). So whichever way the news come, they end at the same root, and no path is circular.
 * What a root has gathered is a small graph, which it judges by itself (case_judge.c).
 *
 * Bounds: a transfer joins only if it is rare (min_bits), or as mules' are (where a learned model is, if that
 * finds it likely), so few do, whatever the rate; a case holds its newest CASE_TRANSFERS_MAX transfers inside
 * the window; a root that holds so many unites with no other.
 *
 * 'g' + number: case_header_t, the root's name where it is another wallet's, then the transfers, in order of
 * time, those of equal time in order of arrival. */
#pragma once

#include "common/buf.h"
#include "risk/score.h"
#include "risk/transfer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CASE_VERSION = 1 };

/* A reason of the transfer's risk, without its texts. */
typedef struct {
    uint8_t kind;
    uint8_t id;
    uint8_t hops;
    uint8_t of_receiver; /* whose finding it is: else the sender's … */
    uint8_t of_nobody;   /* … or of the transfer itself */
    uint8_t unpriced;
    uint8_t unused[2];
    float risk;
    float value;
    double part, whole;
} case_reason_t;

typedef struct {
    transfer_t transfer; /* record_ms is not kept */
    double value;        /* in the reference currency */
    float bits;
    float told;           /* the part of its risk that is due to the case, as it was last emitted */
    uint32_t revision;    /* of the last transaction-risk record */
    uint32_t alerted;     /* a bit for each typology of an alert that named it */
    uint8_t alerted_with; /* how many transfers the last of these named */
    int reason_count;
    case_reason_t reasons[CASE_REASONS_MAX]; /* those of its arrival */
    int cause_count;
    model_cause_t causes[MODEL_CAUSES_MAX]; /* of the learned model's */
} case_transfer_t;

typedef struct {
    uint8_t version;
    uint8_t transfer_count;
    uint16_t root_size; /* 0: the wallet itself */
    uint32_t unused;
    int64_t root_ms; /* event time of what last went that way */
} case_header_t;

typedef struct {
    case_header_t header;
    text_t root;
    int count;
    case_transfer_t transfers[CASE_TRANSFERS_MAX];
} case_t;

/* Appends the transfers as bytes. */
void case_transfers_write(buf_t *out, const case_transfer_t *transfers, int count);
/* Texts point into the bytes. False where they are no such transfers. */
bool case_transfers_read(const void *bytes, size_t size, int count, case_transfer_t *out);

/* Puts it in its place; one that is there already (by tx_id) is left as it is, and then false. */
bool case_add(case_t *the_case, const case_transfer_t *transfer);
/* Drops what is older than `since_ms`. */
void case_prune(case_t *the_case, int64_t since_ms);

/* True where `a` is the root of the two. */
bool case_comes_before(text_t a, text_t b);
