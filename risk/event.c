#include "risk/event.h"

#include <assert.h>
#include <math.h>
#include <string.h>

typedef struct {
    uint8_t version;
    uint8_t kind;
    uint8_t finding_count;
    uint8_t sender_is_exposed; /* exposed_t comes after the texts */
    uint16_t tx_id_size;
    uint16_t src_size;
    uint16_t dst_size;
    uint16_t asset_size;
    double amount;
    double value;
    int64_t timestamp_ms;
    int64_t record_ms;
    int64_t edge_last_ms;
    uint8_t edge_is_new;
    uint8_t unpriced;
    uint8_t past_count;  /* of a credit 1: past_t behind the texts */
    uint8_t taint_count; /* entries behind the findings */
    float sender_bits;
    uint16_t root_size; /* of a credit: the sender's case's root, behind the findings and taints */
    uint8_t sender_is_service;
    uint8_t unused[5];
} transfer_head_t;

typedef struct {
    double amount;
    uint8_t category;
    uint8_t unused[7];
} taint_entry_t;

typedef struct {
    uint8_t hops[CATEGORY_COUNT];
    uint16_t confidences[CATEGORY_COUNT];
} exposed_t;

/* Label: the wallet, then the value. Page: likewise. */
typedef struct {
    uint8_t version;
    uint8_t kind;
    uint8_t has_value;
    uint8_t unused;
    uint16_t wallet_size;
    uint16_t unused_too;
    uint32_t value_size;
} wallet_head_t;

/* Exposure and ask: the teller, the entries, then a uint16 size and the wallet, then a transfer's id. */
typedef struct {
    uint8_t version;
    uint8_t kind;
    uint8_t exposure_count;
    uint8_t direction;
    uint16_t teller_size;
    uint16_t unused;
    uint32_t passed_version;
    uint32_t entries_size;
} exposure_head_t;

/* The asset, then the value. */
typedef struct {
    uint8_t version;
    uint8_t kind;
    uint8_t is_set; /* of a quote: has a value */
    uint8_t unused;
    uint16_t asset_size;
    uint16_t unused_too;
    uint64_t number;
    double price;
    int64_t as_of_ms;
} price_head_t;

typedef struct {
    uint8_t version;
    uint8_t kind;
    uint8_t unused[6];
    int64_t ms;
    novelty_counts_t rates;
} rates_event_t;

/* Case: the wallet, the other root, the transfers. Finding: the wallet. Newcomer,
 * mixer: the wallet, the other one, the transfer's id. */
typedef struct {
    uint8_t version;
    uint8_t kind;
    uint8_t transfer_count;
    uint8_t unused;
    uint16_t wallet_size;
    uint16_t other_size;
    int64_t ms;
    double amount;
    event_finding_t finding;
    uint32_t unused_too;
} case_head_t;

_Static_assert(EXPOSURES_MAX <= UINT8_MAX, "exposure_count");

static void add_transfer(buf_t *out, const transfer_t *transfer, transfer_head_t *head) {
    head->version = EVENT_VERSION;
    head->tx_id_size = (uint16_t)transfer->tx_id.size;
    head->src_size = (uint16_t)transfer->src.size;
    head->dst_size = (uint16_t)transfer->dst.size;
    head->asset_size = (uint16_t)transfer->asset.size;
    head->amount = transfer->amount;
    head->timestamp_ms = transfer->timestamp_ms;
    head->record_ms = transfer->record_ms;
    buf_add(out, head, sizeof *head);
    buf_add(out, transfer->tx_id.data, transfer->tx_id.size);
    buf_add(out, transfer->src.data, transfer->src.size);
    buf_add(out, transfer->dst.data, transfer->dst.size);
    buf_add(out, transfer->asset.data, transfer->asset.size);
}

static void add_taints(buf_t *out, const credit_t *credit) {
    if (!credit->is_tainted) return;
    for (int i = 0; i < CATEGORY_COUNT; i++) {
        if (credit->tainted[i] == 0) continue;
        taint_entry_t entry = {.amount = credit->tainted[i], .category = (uint8_t)i};
        buf_add(out, &entry, sizeof entry);
    }
}

static int taint_count(const credit_t *credit) {
    int count = 0;
    for (int i = 0; credit->is_tainted && i < CATEGORY_COUNT; i++) count += credit->tainted[i] != 0;
    return count;
}

void event_add_credit(buf_t *out, const credit_t *credit) {
    transfer_head_t head = {.kind = EVENT_CREDIT,
                            .finding_count = (uint8_t)credit->finding_count,
                            .value = credit->value,
                            .edge_last_ms = credit->hit.last_ms,
                            .edge_is_new = credit->hit.is_new,
                            .unpriced = credit->unpriced,
                            .past_count = 1,
                            .sender_bits = credit->sender_bits,
                            .root_size = (uint16_t)credit->sender_root.size,
                            .sender_is_service = credit->sender_is_service,
                            .taint_count = (uint8_t)taint_count(credit)};
    exposed_t exposed;
    memcpy(exposed.hops, credit->sender_hops, sizeof exposed.hops);
    memcpy(exposed.confidences, credit->sender_confidences, sizeof exposed.confidences);
    for (int i = 0; i < CATEGORY_COUNT; i++) head.sender_is_exposed |= exposed.hops[i] != 0;
    add_transfer(out, &credit->transfer, &head);
    if (head.sender_is_exposed) buf_add(out, &exposed, sizeof exposed);
    buf_add(out, &credit->sender, sizeof credit->sender);
    buf_add(out, credit->findings, (size_t)credit->finding_count * sizeof *credit->findings);
    add_taints(out, credit);
    buf_add(out, credit->sender_root.data, credit->sender_root.size);
}

void event_add_transfer(buf_t *out, const transfer_t *transfer) {
    transfer_head_t head = {.kind = EVENT_TRANSFER};
    add_transfer(out, transfer, &head);
}

void event_add_label(buf_t *out, text_t wallet, const char *value, size_t size) {
    assert(wallet.size <= UINT16_MAX && size <= UINT32_MAX);
    wallet_head_t head = {.version = EVENT_VERSION,
                          .kind = EVENT_LABEL,
                          .has_value = value != NULL,
                          .wallet_size = (uint16_t)wallet.size,
                          .value_size = value ? (uint32_t)size : 0};
    buf_add(out, &head, sizeof head);
    buf_add(out, wallet.data, wallet.size);
    if (value) buf_add(out, value, size);
}

static void add_run_head(buf_t *out, event_kind_t kind, text_t run_id, size_t value_size) {
    wallet_head_t head = {.version = EVENT_VERSION,
                          .kind = (uint8_t)kind,
                          .has_value = 1,
                          .wallet_size = (uint16_t)run_id.size,
                          .value_size = (uint32_t)value_size};
    buf_add(out, &head, sizeof head);
    buf_add(out, run_id.data, run_id.size);
}

void event_add_command(buf_t *out, event_kind_t kind, const command_event_t *command) {
    add_run_head(out, kind, command->run_id, sizeof command->at_ms + command->rules.size);
    buf_add(out, &command->at_ms, sizeof command->at_ms);
    buf_add(out, command->rules.data, command->rules.size);
}

void event_add_run_page(buf_t *out, text_t run_id, uint32_t next) {
    add_run_head(out, EVENT_RUN_PAGE, run_id, sizeof next);
    buf_add(out, &next, sizeof next);
}

void event_add_rules_page(buf_t *out, text_t wallet, uint32_t next) {
    add_run_head(out, EVENT_RULES_PAGE, wallet, sizeof next);
    buf_add(out, &next, sizeof next);
}

void event_add_run_told(buf_t *out, text_t run_id, const run_told_t *told) {
    add_run_head(out, EVENT_RUN_TOLD, run_id, sizeof *told);
    buf_add(out, told, sizeof *told);
}

void event_add_page(buf_t *out, text_t wallet, const char *names, size_t size) {
    wallet_head_t head = {.version = EVENT_VERSION,
                          .kind = EVENT_PAGE,
                          .has_value = true,
                          .wallet_size = (uint16_t)wallet.size,
                          .value_size = (uint32_t)size};
    buf_add(out, &head, sizeof head);
    buf_add(out, wallet.data, wallet.size);
    buf_add(out, names, size);
}

void event_add_quote(buf_t *out, text_t asset, const char *value, size_t size, int64_t record_ms) {
    price_head_t head = {.version = EVENT_VERSION,
                         .kind = EVENT_QUOTE,
                         .is_set = value != NULL,
                         .asset_size = (uint16_t)asset.size,
                         .as_of_ms = record_ms};
    buf_add(out, &head, sizeof head);
    buf_add(out, asset.data, asset.size);
    if (value) buf_add(out, value, size);
}

void event_add_price(buf_t *out, text_t asset, const price_t *price) {
    price_head_t head = {.version = EVENT_VERSION,
                         .kind = EVENT_PRICE,
                         .is_set = price->is_set,
                         .asset_size = (uint16_t)asset.size,
                         .number = price->number,
                         .price = price->price,
                         .as_of_ms = price->as_of_ms};
    buf_add(out, &head, sizeof head);
    buf_add(out, asset.data, asset.size);
}

void event_add_case(buf_t *out, text_t wallet, text_t other, int64_t ms, int count, const void *transfers,
                    size_t size) {
    case_head_t head = {.version = EVENT_VERSION,
                        .kind = EVENT_CASE,
                        .transfer_count = (uint8_t)count,
                        .wallet_size = (uint16_t)wallet.size,
                        .other_size = (uint16_t)other.size,
                        .ms = ms};
    buf_add(out, &head, sizeof head);
    buf_add(out, wallet.data, wallet.size);
    buf_add(out, other.data, other.size);
    buf_add(out, transfers, size);
}

static void add_answer(buf_t *out, event_kind_t kind, text_t wallet, text_t other, text_t tx_id, int64_t ms,
                       double amount) {
    case_head_t head = {.version = EVENT_VERSION,
                        .kind = (uint8_t)kind,
                        .wallet_size = (uint16_t)wallet.size,
                        .other_size = (uint16_t)other.size,
                        .ms = ms,
                        .amount = amount};
    buf_add(out, &head, sizeof head);
    buf_add(out, wallet.data, wallet.size);
    buf_add(out, other.data, other.size);
    buf_add(out, tx_id.data, tx_id.size);
}

void event_add_newcomer(buf_t *out, text_t wallet, text_t newcomer, text_t tx_id, int64_t ms) {
    add_answer(out, EVENT_NEWCOMER, wallet, newcomer, tx_id, ms, 0);
}

void event_add_mixer(buf_t *out, text_t wallet, text_t mixer, text_t tx_id, int64_t ms, double amount) {
    add_answer(out, EVENT_MIXER, wallet, mixer, tx_id, ms, amount);
}

void event_add_rates(buf_t *out, const novelty_counts_t *rates, int64_t ms) {
    rates_event_t event = {.version = EVENT_VERSION, .kind = EVENT_RATES, .ms = ms, .rates = *rates};
    buf_add(out, &event, sizeof event);
}

void event_add_finding(buf_t *out, text_t wallet, int64_t ms, const event_finding_t *finding) {
    case_head_t head = {.version = EVENT_VERSION,
                        .kind = EVENT_FINDING,
                        .wallet_size = (uint16_t)wallet.size,
                        .ms = ms,
                        .finding = *finding};
    buf_add(out, &head, sizeof head);
    buf_add(out, wallet.data, wallet.size);
}

void event_add_exposure_head(buf_t *out, direction_t direction, text_t teller, uint32_t passed_version,
                             const exposures_t *exposures) {
    exposure_head_t head = {.version = EVENT_VERSION,
                            .kind = EVENT_EXPOSURE,
                            .exposure_count = (uint8_t)exposures->count,
                            .direction = (uint8_t)direction,
                            .teller_size = (uint16_t)teller.size,
                            .passed_version = passed_version};
    size_t start = out->size;
    buf_add(out, &head, sizeof head);
    buf_add(out, teller.data, teller.size);
    for (int i = 0; i < exposures->count; i++) exposure_write(out, &exposures->items[i]);
    head.entries_size = (uint32_t)(out->size - start - sizeof head - teller.size);
    memcpy(out->data + start, &head, sizeof head);
}

void event_add_exposure_wallet(buf_t *out, text_t wallet, text_t tx_id) {
    uint16_t size = (uint16_t)wallet.size;
    buf_add(out, &size, sizeof size);
    buf_add(out, wallet.data, wallet.size);
    buf_add(out, tx_id.data, tx_id.size);
}

void event_add_ask(buf_t *out, direction_t direction, text_t teller, text_t wallet) {
    exposure_head_t head = {.version = EVENT_VERSION,
                            .kind = EVENT_ASK,
                            .direction = (uint8_t)direction,
                            .teller_size = (uint16_t)teller.size};
    buf_add(out, &head, sizeof head);
    buf_add(out, teller.data, teller.size);
    event_add_exposure_wallet(out, wallet, (text_t){"", 0});
}

static const char damaged[] = "damaged event: its sizes do not add up";

static bool take(const char **at, size_t *left, size_t size, text_t *out) {
    if (*left < size) return false;
    *out = (text_t){*at, size};
    *at += size;
    *left -= size;
    return true;
}

static bool take_copy(const char **at, size_t *left, void *out, size_t size) {
    text_t bytes;
    if (!take(at, left, size, &bytes)) return false;
    memcpy(out, bytes.data, size);
    return true;
}

static bool is_id_size(size_t size) { return size >= 1 && size <= WALLET_SIZE_MAX; }

static bool is_finding(const event_finding_t *finding) {
    return finding->detector < DETECTOR_COUNT && finding->strength >= 0 && finding->strength <= 1 &&
           isfinite(finding->value);
}

static bool read_taints(text_t entries, credit_t *credit) {
    memset(credit->tainted, 0, sizeof credit->tainted);
    credit->is_tainted = entries.size > 0;
    for (size_t at = 0; at < entries.size; at += sizeof(taint_entry_t)) {
        taint_entry_t entry;
        memcpy(&entry, entries.data + at, sizeof entry);
        if (entry.category >= CATEGORY_COUNT ||
            !(entry.amount > 0 && entry.amount <= credit->transfer.amount))
            return false;
        credit->tainted[entry.category] = entry.amount;
    }
    return true;
}

static bool take_exposed(const char **at, size_t *left, exposed_t *out) {
    if (!take_copy(at, left, out, sizeof *out)) return false;
    for (int i = 0; i < CATEGORY_COUNT; i++)
        if (out->hops[i] > HOPS_MAX + 1 || out->confidences[i] > CONFIDENCE_FULL) return false;
    return true;
}

static const char *read_transfer(const char *at, size_t left, event_t *out) {
    transfer_head_t head;
    transfer_t *transfer = &out->credit.transfer;
    exposed_t exposed = {0};
    text_t past, findings, taints;
    if (!take_copy(&at, &left, &head, sizeof head)) return damaged;
    if (!is_id_size(head.tx_id_size) || !is_id_size(head.src_size) || !is_id_size(head.dst_size))
        return damaged;
    if (head.asset_size > WALLET_SIZE_MAX || head.finding_count > DETECTOR_COUNT || head.past_count > 1)
        return damaged;
    if (!isfinite(head.sender_bits) || head.root_size > WALLET_SIZE_MAX) return damaged;
    if (!isfinite(head.amount) || head.amount < 0) return damaged;
    if (!isfinite(head.value) || head.value < 0) return damaged;
    if (!take(&at, &left, head.tx_id_size, &transfer->tx_id) ||
        !take(&at, &left, head.src_size, &transfer->src) ||
        !take(&at, &left, head.dst_size, &transfer->dst) ||
        !take(&at, &left, head.asset_size, &transfer->asset) ||
        (head.sender_is_exposed && !take_exposed(&at, &left, &exposed)) ||
        !take(&at, &left, head.past_count * sizeof out->credit.sender, &past) ||
        !take(&at, &left, head.finding_count * sizeof *out->credit.findings, &findings) ||
        !take(&at, &left, head.taint_count * sizeof(taint_entry_t), &taints) ||
        !take(&at, &left, head.root_size, &out->credit.sender_root))
        return damaged;
    transfer->amount = head.amount;
    transfer->timestamp_ms = head.timestamp_ms;
    transfer->record_ms = head.record_ms;
    out->credit.value = head.value;
    out->credit.unpriced = head.unpriced != 0;
    out->credit.hit = (edge_hit_t){.is_new = head.edge_is_new != 0, .last_ms = head.edge_last_ms};
    memcpy(out->credit.sender_hops, exposed.hops, sizeof exposed.hops);
    memcpy(out->credit.sender_confidences, exposed.confidences, sizeof exposed.confidences);
    out->credit.sender = (past_t){0};
    memcpy(&out->credit.sender, past.data, past.size);
    out->credit.sender_bits = head.sender_bits;
    out->credit.sender_is_service = head.sender_is_service != 0;
    out->credit.finding_count = head.finding_count;
    memcpy(out->credit.findings, findings.data, findings.size);
    for (int i = 0; i < head.finding_count; i++)
        if (!is_finding(&out->credit.findings[i])) return damaged;
    if (!read_taints(taints, &out->credit)) return damaged;
    return left ? damaged : NULL;
}

static const char *read_exposure(const char *at, size_t left, event_t *out) {
    exposure_head_t head;
    text_t entries;
    uint16_t wallet_size;
    if (!take_copy(&at, &left, &head, sizeof head)) return damaged;
    if (head.direction >= DIRECTION_COUNT || !is_id_size(head.teller_size)) return damaged;
    if (!take(&at, &left, head.teller_size, &out->teller) || !take(&at, &left, head.entries_size, &entries) ||
        !take_copy(&at, &left, &wallet_size, sizeof wallet_size))
        return damaged;
    if (!is_id_size(wallet_size) || !take(&at, &left, wallet_size, &out->wallet) || left > WALLET_SIZE_MAX)
        return damaged;
    out->direction = (direction_t)head.direction;
    out->passed_version = head.passed_version;
    out->tx_id = (text_t){at, left};
    return exposures_read(entries.data, entries.size, head.exposure_count, &out->exposures) ? NULL : damaged;
}

static const char *read_wallet(const char *at, size_t left, event_t *out) {
    wallet_head_t head;
    text_t value;
    if (!take_copy(&at, &left, &head, sizeof head)) return damaged;
    if (!take(&at, &left, head.wallet_size, &out->wallet) || !take(&at, &left, head.value_size, &value))
        return damaged;
    out->value = head.has_value ? value.data : NULL;
    out->value_size = value.size;
    return left || !is_id_size(out->wallet.size) ? damaged : NULL;
}

static const char *read_case(const char *at, size_t left, event_t *out) {
    case_head_t head;
    if (!take_copy(&at, &left, &head, sizeof head)) return damaged;
    if (!is_id_size(head.wallet_size) || head.other_size > WALLET_SIZE_MAX || !is_finding(&head.finding) ||
        !isfinite(head.amount) || head.amount < 0 || !take(&at, &left, head.wallet_size, &out->wallet) ||
        !take(&at, &left, head.other_size, &out->via))
        return damaged;
    out->ms = head.ms;
    out->amount = head.amount;
    out->finding = head.finding;
    out->transfer_count = head.transfer_count;
    out->value = at;
    out->value_size = left;
    out->tx_id = (text_t){at, left};
    bool is_id = is_id_size(head.other_size) && is_id_size(left);
    bool is_answer = out->kind == EVENT_NEWCOMER || out->kind == EVENT_MIXER;
    return is_answer && !is_id ? damaged : NULL;
}

static const char *read_price(const char *at, size_t left, event_t *out) {
    price_head_t head;
    if (!take_copy(&at, &left, &head, sizeof head)) return damaged;
    if (!is_id_size(head.asset_size) || !take(&at, &left, head.asset_size, &out->wallet)) return damaged;
    if (!isfinite(head.price) || head.price < 0 || head.is_set > 1) return damaged;
    out->price = (price_t){.version = PRICE_VERSION,
                           .is_set = head.is_set,
                           .number = head.number,
                           .price = head.price,
                           .as_of_ms = head.as_of_ms};
    out->value = out->kind == EVENT_QUOTE && head.is_set ? at : NULL;
    out->value_size = left;
    return left && !out->value ? damaged : NULL;
}

static const char *read_command(event_t *out) {
    command_event_t *command = &out->command;
    if (!out->value || out->value_size < sizeof command->at_ms) return damaged;
    *command = (command_event_t){
        .run_id = out->wallet,
        .rules = {out->value + sizeof command->at_ms, out->value_size - sizeof command->at_ms}};
    memcpy(&command->at_ms, out->value, sizeof command->at_ms);
    return NULL;
}

static const char *read_run(event_t *out) {
    switch (out->kind) {
    case EVENT_RELOAD:
    case EVENT_RESCORE: return read_command(out);
    case EVENT_RULES_PAGE:
    case EVENT_RUN_PAGE:
        if (!out->value || out->value_size != sizeof out->run_next) return damaged;
        memcpy(&out->run_next, out->value, sizeof out->run_next);
        return NULL;
    case EVENT_RUN_TOLD:
        if (!out->value || out->value_size != sizeof out->run_told) return damaged;
        memcpy(&out->run_told, out->value, sizeof out->run_told);
        return NULL;
    default: return NULL;
    }
}

static const char *read_rates(const char *at, size_t size, event_t *out) {
    rates_event_t event;
    if (size != sizeof event) return damaged;
    memcpy(&event, at, size);
    const double *counts = (const double *)&event.rates;
    for (int i = 0; i < NOVELTY_COUNTS; i++)
        if (!(counts[i] >= 0 && isfinite(counts[i]))) return damaged;
    out->ms = event.ms;
    out->rates = event.rates;
    return NULL;
}

const char *event_read(const void *bytes, size_t size, event_t *out) {
    const uint8_t *head = bytes;
    if (size < 2) return damaged;
    if (head[0] != EVENT_VERSION) return "event of another version of amlstream; upgrade this instance";
    if (head[1] < EVENT_CREDIT || head[1] > EVENT_RULES_PAGE)
        return "event of an unknown kind; upgrade this instance";
    out->kind = (event_kind_t)head[1];
    out->exposures.count = 0;
    if (out->kind == EVENT_CREDIT || out->kind == EVENT_TRANSFER) return read_transfer(bytes, size, out);
    if (out->kind == EVENT_EXPOSURE || out->kind == EVENT_ASK) return read_exposure(bytes, size, out);
    if (out->kind == EVENT_QUOTE || out->kind == EVENT_PRICE) return read_price(bytes, size, out);
    if (out->kind == EVENT_CASE || out->kind == EVENT_FINDING || out->kind == EVENT_NEWCOMER ||
        out->kind == EVENT_MIXER)
        return read_case(bytes, size, out);
    if (out->kind == EVENT_RATES) return read_rates(bytes, size, out);
    const char *reason = read_wallet(bytes, size, out);
    return reason ? reason : read_run(out);
}
