#include "risk/case.h"

#include "common/hash.h"
#include "risk/text.h"

#include <math.h>
#include <string.h>

/* Of the transfer's texts the sizes stand here; the bytes follow, then the reasons and the causes. */
typedef struct {
    uint16_t tx_id_size;
    uint16_t src_size;
    uint16_t dst_size;
    uint16_t asset_size;
    int64_t ms;
    double amount;
    double value;
    uint32_t revision;
    uint32_t alerted;
    float bits;
    float told;
    uint8_t reason_count;
    uint8_t alerted_with;
    uint8_t cause_count;
    uint8_t unused[5];
} transfer_head_t;

void case_transfers_write(buf_t *out, const case_transfer_t *transfers, int count) {
    for (const case_transfer_t *each = transfers; each < transfers + count; each++) {
        const transfer_t *transfer = &each->transfer;
        transfer_head_t head = {.tx_id_size = (uint16_t)transfer->tx_id.size,
                                .src_size = (uint16_t)transfer->src.size,
                                .dst_size = (uint16_t)transfer->dst.size,
                                .asset_size = (uint16_t)transfer->asset.size,
                                .ms = transfer->timestamp_ms,
                                .amount = transfer->amount,
                                .value = each->value,
                                .revision = each->revision,
                                .alerted = each->alerted,
                                .alerted_with = each->alerted_with,
                                .bits = each->bits,
                                .told = each->told,
                                .reason_count = (uint8_t)each->reason_count,
                                .cause_count = (uint8_t)each->cause_count};
        buf_add(out, &head, sizeof head);
        buf_add(out, transfer->tx_id.data, transfer->tx_id.size);
        buf_add(out, transfer->src.data, transfer->src.size);
        buf_add(out, transfer->dst.data, transfer->dst.size);
        buf_add(out, transfer->asset.data, transfer->asset.size);
        buf_add(out, each->reasons, (size_t)each->reason_count * sizeof *each->reasons);
        buf_add(out, each->causes, (size_t)each->cause_count * sizeof *each->causes);
    }
}

typedef struct {
    const char *at;
    size_t left;
} bytes_t;

static bool take(bytes_t *bytes, size_t size, text_t *out) {
    if (bytes->left < size) return false;
    *out = (text_t){bytes->at, size};
    bytes->at += size;
    bytes->left -= size;
    return true;
}

static bool is_id_size(size_t size) { return size >= 1 && size <= WALLET_SIZE_MAX; }

static bool reasons_read(bytes_t *bytes, int count, case_transfer_t *out) {
    text_t text;
    if (count > CASE_REASONS_MAX || !take(bytes, (size_t)count * sizeof *out->reasons, &text)) return false;
    memcpy(out->reasons, text.data, text.size);
    out->reason_count = count;
    for (const case_reason_t *reason = out->reasons; reason < out->reasons + count; reason++) {
        int ids = reason->kind == REASON_DETECTOR ? (int)DETECTOR_COUNT : (int)CATEGORY_COUNT;
        if (reason->kind > REASON_MODEL || reason->id >= ids || reason->hops > HOPS_MAX) return false;
        if (!(reason->risk >= 0 && reason->risk <= 1) || !isfinite(reason->value)) return false;
    }
    return true;
}

static bool causes_read(bytes_t *bytes, int count, case_transfer_t *out) {
    text_t text;
    if (count > MODEL_CAUSES_MAX || !take(bytes, (size_t)count * sizeof *out->causes, &text)) return false;
    memcpy(out->causes, text.data, text.size);
    out->cause_count = count;
    for (const model_cause_t *cause = out->causes; cause < out->causes + count; cause++)
        if (cause->feature >= FEATURE_COUNT || !isfinite(cause->value) || !isfinite(cause->contribution))
            return false;
    return true;
}

static bool transfer_read(bytes_t *bytes, case_transfer_t *out) {
    transfer_head_t head;
    text_t text;
    if (!take(bytes, sizeof head, &text)) return false;
    memcpy(&head, text.data, sizeof head);
    if (!is_id_size(head.tx_id_size) || !is_id_size(head.src_size) || !is_id_size(head.dst_size) ||
        head.asset_size > WALLET_SIZE_MAX || !isfinite(head.bits) || !isfinite(head.amount) ||
        !isfinite(head.value))
        return false;
    *out = (case_transfer_t){.bits = head.bits,
                             .told = head.told,
                             .revision = head.revision,
                             .alerted = head.alerted,
                             .alerted_with = head.alerted_with};
    out->value = head.value;
    out->transfer.amount = head.amount;
    out->transfer.timestamp_ms = head.ms;
    return take(bytes, head.tx_id_size, &out->transfer.tx_id) &&
           take(bytes, head.src_size, &out->transfer.src) && take(bytes, head.dst_size, &out->transfer.dst) &&
           take(bytes, head.asset_size, &out->transfer.asset) &&
           reasons_read(bytes, head.reason_count, out) && causes_read(bytes, head.cause_count, out);
}

bool case_transfers_read(const void *data, size_t size, int count, case_transfer_t *out) {
    bytes_t bytes = {data, size};
    if (count > CASE_TRANSFERS_MAX) return false;
    for (int i = 0; i < count; i++)
        if (!transfer_read(&bytes, &out[i])) return false;
    return bytes.left == 0;
}

bool case_add(case_t *the_case, const case_transfer_t *transfer) {
    int place = the_case->count;
    for (int i = 0; i < the_case->count; i++)
        if (text_equal(the_case->transfers[i].transfer.tx_id, transfer->transfer.tx_id)) return false;
    while (place > 0 &&
           the_case->transfers[place - 1].transfer.timestamp_ms > transfer->transfer.timestamp_ms)
        place--;
    if (the_case->count == CASE_TRANSFERS_MAX) { /* the oldest goes */
        if (place == 0) return false;
        memmove(the_case->transfers, the_case->transfers + 1,
                (size_t)(place - 1) * sizeof *the_case->transfers);
        the_case->transfers[place - 1] = *transfer;
        return true;
    }
    memmove(the_case->transfers + place + 1, the_case->transfers + place,
            (size_t)(the_case->count - place) * sizeof *the_case->transfers);
    the_case->transfers[place] = *transfer;
    the_case->count++;
    return true;
}

void case_prune(case_t *the_case, int64_t since_ms) {
    int old = 0;
    while (old < the_case->count && the_case->transfers[old].transfer.timestamp_ms < since_ms) old++;
    the_case->count -= old;
    memmove(the_case->transfers, the_case->transfers + old,
            (size_t)the_case->count * sizeof *the_case->transfers);
}

bool case_comes_before(text_t a, text_t b) {
    uint64_t hash_a = hash64(a.data, a.size), hash_b = hash64(b.data, b.size);
    return hash_a != hash_b ? hash_a < hash_b : text_compare(a, b) < 0;
}
