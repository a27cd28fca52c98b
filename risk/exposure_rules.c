/* Other rules of exposure, by a reload or a restart: each task goes through its wallets, a page at a time,
 * and makes their lists anew from what they hold, what their neighbours pass on, and their own labels.
 *
 * Tasks take other rules over one after the other, so what a wallet hears meanwhile may be of other rules
 * than its own. But each wallet tells its neighbours again when its turn comes, and asks them all; so after
 * the last turn, lists are those of the new rules.
 *
 * Layout of 'E': followed_t. */
#include "risk/model.h"

#include "common/hash.h"
#include "risk/label.h"

#include <math.h>
#include <string.h>

enum { FOLLOWED_VERSION = 1 };

typedef struct {
    uint8_t version;
    uint8_t unused[3];
    uint32_t next;    /* number of the wallet whose turn it is */
    uint32_t wallets; /* that there were when the rules came; later ones never had others */
    uint32_t unused_too;
    uint64_t rules; /* hash of what lists depend on */
} followed_t;

static const char followed_key[] = {KEY_FOLLOWED};

static uint64_t rules_hash(const rules_t *rules) {
    uint8_t bytes[2 + DIRECTION_COUNT + 2 * CATEGORY_COUNT], *at = bytes;
    *at++ = (uint8_t)rules->nearest;
    *at++ = (uint8_t)rules->max_hops;
    for (direction_t direction = 0; direction < DIRECTION_COUNT; direction++)
        *at++ = rules_follow(rules, direction);
    for (category_t category = 0; category < CATEGORY_COUNT; category++) {
        *at++ = rules_is_risk(rules, category);
        *at++ = rules->categories[category].service;
    }
    return hash64(bytes, sizeof bytes);
}

static void go_on(risk_t *risk, uint32_t next) {
    text_t wallet = wallet_name(risk->store, next);
    if (!wallet.size) return;
    buf_reset(&risk->event);
    event_add_rules_page(&risk->event, wallet, next);
    risk->out.send(risk->out.context, wallet.data, wallet.size, risk->event.data, risk->event.size, true);
}

void exposures_follow_rules(risk_t *risk) {
    uint64_t rules = rules_hash(risk->rules);
    if (risk->followed_rules == rules) return;
    uint32_t wallets = wallet_count(risk->store);
    if (!wallets) return;
    risk->followed_rules = rules;
    size_t size;
    const followed_t *before = store_get(risk->store, followed_key, sizeof followed_key, &size);
    if (before && before->rules == rules) return;
    /* A task without a record has only known these rules. */
    bool changed = before != NULL;
    followed_t *followed = store_edit(risk->store, followed_key, sizeof followed_key, sizeof *followed);
    *followed = (followed_t){.version = FOLLOWED_VERSION, .wallets = changed ? wallets : 0, .rules = rules};
    if (changed) go_on(risk, 0);
}

static uint16_t confidence_of(risk_t *risk, text_t name) {
    wallet_key_t key;
    size_t size;
    key_of_name(&key, KEY_LABEL, name);
    const label_t *label = store_get(risk->store, key.data, key.size, &size);
    return label ? (uint16_t)lround(label->confidence * CONFIDENCE_FULL) : 0;
}

void exposures_rules_page(risk_t *risk, const event_t *event) {
    size_t size;
    const followed_t *record = store_get(risk->store, followed_key, sizeof followed_key, &size);
    /* A page that came twice, or of rules before the present ones. */
    if (!record || record->next != event->run_next || record->next >= record->wallets) return;
    uint32_t next = record->next, end = record->wallets;
    if (end - next > RULES_PAGE_WALLETS) end = next + RULES_PAGE_WALLETS;
    for (uint32_t number = next; number < end; number++) {
        text_t name = wallet_name(risk->store, number);
        if (name.size) exposures_renew(risk, name, confidence_of(risk, name));
    }
    followed_t *followed = store_edit(risk->store, followed_key, sizeof followed_key, sizeof *followed);
    followed->next = end;
    if (end < followed->wallets) go_on(risk, end);
}
