#include "risk/fade.h"

#include "risk/findings.h"
#include "risk/model.h"

#include <math.h>
#include <string.h>

#define HOUR_MS INT64_C(3600000)
#define DAY_MS  (24 * HOUR_MS)

static const char fade_key[] = {KEY_FADE};

static uint32_t hour_of(int64_t ms) {
    if (ms < 0) return 1;
    return ms / HOUR_MS < UINT32_MAX - 1 ? (uint32_t)(ms / HOUR_MS) + 1 : UINT32_MAX;
}

static int64_t hour_ms(uint32_t hour) { return (int64_t)(hour - 1) * HOUR_MS; }

void fade_load(risk_t *risk) {
    size_t size;
    const fade_t *fade = store_get(risk->store, fade_key, sizeof fade_key, &size);
    risk->fade = fade ? *fade : (fade_t){.version = FADE_VERSION};
}

void fade_store(risk_t *risk) {
    if (!risk->fade.changed) return;
    risk->fade.changed = 0;
    risk->fade.version = FADE_VERSION;
    memcpy(store_edit(risk->store, fade_key, sizeof fade_key, sizeof risk->fade), &risk->fade,
           sizeof risk->fade);
}

void fade_time(risk_t *risk, int64_t ms, int64_t record_ms) {
    stream_time_advance(&risk->fade.stream, ms, record_ms);
    risk->fade.changed = 1;
}

/* The queue */

static uint32_t *count_edit(risk_t *risk, uint32_t hour) {
    wallet_key_t key;
    key_of_number(&key, KEY_DUE_COUNT, hour);
    return store_edit(risk->store, key.data, key.size, sizeof(uint32_t));
}

static uint32_t count_read(risk_t *risk, uint32_t hour) {
    wallet_key_t key;
    size_t size;
    key_of_number(&key, KEY_DUE_COUNT, hour);
    const uint32_t *count = store_get(risk->store, key.data, key.size, &size);
    return count ? *count : 0;
}

/* What is due already goes to the hour that comes next. */
static uint32_t queue_add(risk_t *risk, uint32_t hour, text_t name) {
    fade_t *fade = &risk->fade;
    wallet_key_t key;
    if (!fade->has_begun && (fade->hour == 0 || hour < fade->hour)) fade->hour = hour;
    if (hour < fade->hour) hour = fade->hour;
    fade->changed = 1;
    uint32_t *count = count_edit(risk, hour);
    key_of_index(&key, KEY_DUE, hour, (*count)++);
    memcpy(store_edit(risk->store, key.data, key.size, name.size), name.data, name.size);
    return hour;
}

/* When it falls */

static double score_left(const score_t *score, double left) {
    double clean = 1;
    for (int i = 0; i < score->count; i++) {
        const reason_t *reason = &score->reasons[i];
        clean *= 1 - reason->risk * (reason->kind == REASON_DETECTOR ? left : 1);
    }
    return 100 * (1 - clean);
}

/* The part of its present strength that behaviour has when the score has fallen by a point or to another
 * level; 0 where it never does. */
static double part_at_fall(const rules_t *rules, const score_t *score) {
    static const double least_seen = 0.006; /* below a threshold by what shows in hundredths */
    double now = score_value(score), level_from = rules->levels[rules_level(rules, now)],
           target = fmax(now - 1, level_from - least_seen);
    if (score_left(score, 0) > target) return 0;
    double low = 0, high = 1;
    for (int i = 0; i < 40; i++) {
        double middle = (low + high) / 2;
        if (score_left(score, middle) > target)
            high = middle;
        else
            low = middle;
    }
    return low;
}

void fade_schedule(risk_t *risk, const wallet_t *wallet, text_t name) {
    const findings_t *findings = findings_read(risk->store, wallet);
    if (!findings) return;
    int64_t at_ms = risk->score.at_ms;
    if (findings->due_hour && hour_ms(findings->due_hour) - at_ms <= DAY_MS) return;
    double part = part_at_fall(risk->rules, &risk->score);
    if (part == 0) return;
    double days = -log2(part) * risk->rules->half_life_days;
    if (days > FADE_DAYS_MAX) return;
    uint32_t hour = hour_of(at_ms + (int64_t)(days * (double)DAY_MS)) + 1;
    if (findings->due_hour && findings->due_hour <= hour) return;
    findings_head_edit(risk->store, wallet)->due_hour = queue_add(risk, hour, name);
}

/* Judged as of the present hour, and told when this transaction commits; but where a transfer has come since,
 * only queued again. */
static void judge(risk_t *risk, text_t name, uint32_t hour, uint32_t now) {
    wallet_t wallet;
    if (!wallet_read(risk->store, name, &wallet)) return;
    const findings_t *findings = findings_read(risk->store, &wallet);
    if (!findings || findings->due_hour != hour) return;
    findings_t *head = findings_head_edit(risk->store, &wallet);
    head->due_hour = 0;
    if (hour_ms(now) > findings_at_ms(head, &wallet)) {
        head->judged_ms = hour_ms(now);
        risk_mark_changed(risk, risk_wallet(risk, name), name, (text_t){"", 0});
        return;
    }
    exposures_load_of(risk, &wallet, name);
    assess_wallet(risk, &wallet, name);
    fade_schedule(risk, &wallet, name);
}

static void judge_next(risk_t *risk, uint32_t now) {
    fade_t *fade = &risk->fade;
    wallet_key_t key;
    char room[WALLET_SIZE_MAX];
    size_t size = 0;
    uint32_t hour = fade->hour;
    key_of_index(&key, KEY_DUE, hour, fade->index++);
    const char *name = store_get(risk->store, key.data, key.size, &size);
    if (!name) return;
    memcpy(room, name, size);
    store_remove(risk->store, key.data, key.size);
    judge(risk, (text_t){room, size}, hour, now);
}

static void hour_end(risk_t *risk, bool was_empty) {
    fade_t *fade = &risk->fade;
    wallet_key_t key;
    key_of_number(&key, KEY_DUE_COUNT, fade->hour);
    if (!was_empty) store_remove(risk->store, key.data, key.size);
    fade->hour++;
    fade->index = 0;
}

void fade_some(risk_t *risk) {
    fade_t *fade = &risk->fade;
    if (!fade->stream.is_set) return;
    uint32_t now = hour_of(fade->stream.ms);
    if (!fade->has_begun) {
        fade->has_begun = 1;
        if (fade->hour == 0 || now < fade->hour) fade->hour = now;
    }
    for (int judged = 0, hours = 0; fade->hour <= now && judged < FADES_PER_TRANSFER && hours < FADE_HOURS;) {
        uint32_t count = count_read(risk, fade->hour);
        if (fade->index < count) {
            judge_next(risk, now);
            judged++;
        } else {
            hour_end(risk, count == 0);
            hours++;
        }
    }
}
