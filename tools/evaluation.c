#include "tools/evaluation_data.h"

#include <stdlib.h>
#include <string.h>

evaluation_t *evaluation_new(void) {
    evaluation_t *evaluation = calloc(1, sizeof *evaluation);
    if (!evaluation) abort();
    return evaluation;
}

static void names_free(name_list_t *names) {
    for (int i = 0; i < names->count; i++) free(names->names[i]);
}

void evaluation_free(evaluation_t *evaluation) {
    if (!evaluation) return;
    scored_transfer_t *transfer, *next;
    HASH_ITER(hh, evaluation->by_id, transfer, next) {
        HASH_DEL(evaluation->by_id, transfer);
        free(transfer);
    }
    HASH_CLEAR(hh, evaluation->by_name);
    for (size_t i = 0; i < evaluation->pattern_count; i++) {
        free(evaluation->patterns[i]->id);
        free(evaluation->patterns[i]);
    }
    free(evaluation->patterns);
    free(evaluation->ordered);
    free(evaluation->memberships);
    free(evaluation->alerts);
    names_free(&evaluation->typologies);
    names_free(&evaluation->alert_typologies);
    free(evaluation);
}

/* Room for one more; the capacity doubles. */
static void *room_for_one(void *items, size_t count, size_t *capacity, size_t size) {
    if (count < *capacity) return items;
    *capacity = *capacity ? 2 * *capacity : 64;
    void *more = realloc(items, *capacity * size);
    if (!more) abort();
    return more;
}

static err_t *name_find(name_list_t *names, text_t name, int *index) {
    for (*index = 0; *index < names->count; (*index)++) {
        const char *known = names->names[*index];
        if (strlen(known) == name.size && memcmp(known, name.data, name.size) == 0) return NULL;
    }
    if (names->count == EVALUATION_TYPOLOGIES_MAX)
        return err_new("more than %d typologies; is \"%.*s\" one?", EVALUATION_TYPOLOGIES_MAX,
                       (int)(name.size < 80 ? name.size : 80), name.data);
    if (!(names->names[names->count++] = strndup(name.data, name.size))) abort();
    return NULL;
}

static scored_transfer_t *transfer_find(const evaluation_t *evaluation, text_t tx_id) {
    hash128_t id = hash128(tx_id.data, tx_id.size);
    scored_transfer_t *transfer;
    HASH_FIND(hh, evaluation->by_id, &id, sizeof id, transfer);
    return transfer;
}

void evaluation_add_transfer(evaluation_t *evaluation, text_t tx_id, int64_t ms, double score,
                             int64_t revision) {
    scored_transfer_t *transfer = transfer_find(evaluation, tx_id);
    if (transfer && revision < transfer->revision) return;
    if (!transfer) {
        transfer = calloc(1, sizeof *transfer);
        if (!transfer) abort();
        transfer->id = hash128(tx_id.data, tx_id.size);
        transfer->position = evaluation->transfer_count++;
        transfer->first_membership = NO_MEMBERSHIP;
        HASH_ADD(hh, evaluation->by_id, id, sizeof transfer->id, transfer);
    }
    transfer->ms = ms;
    transfer->score = score;
    transfer->revision = revision;
}

static err_t *pattern_find(evaluation_t *evaluation, text_t id, text_t typology, uint32_t *index) {
    planted_pattern_t *pattern;
    int type;
    TRY(name_find(&evaluation->typologies, typology, &type));
    HASH_FIND(hh, evaluation->by_name, id.data, id.size, pattern);
    if (!pattern) {
        pattern = calloc(1, sizeof *pattern);
        if (!pattern || !(pattern->id = strndup(id.data, id.size))) abort();
        pattern->typology = type;
        evaluation->patterns = room_for_one(evaluation->patterns, evaluation->pattern_count,
                                            &evaluation->pattern_capacity, sizeof(planted_pattern_t *));
        evaluation->patterns[evaluation->pattern_count] = pattern;
        pattern->index = (uint32_t)evaluation->pattern_count++;
        pattern->begin = UINT32_MAX;
        HASH_ADD_KEYPTR(hh, evaluation->by_name, pattern->id, id.size, pattern);
    }
    if (pattern->typology != type)
        return err_new("pattern \"%s\" is of two typologies, %s and %s", pattern->id,
                       evaluation->typologies.names[pattern->typology], evaluation->typologies.names[type]);
    *index = pattern->index;
    return NULL;
}

err_t *evaluation_add_truth(evaluation_t *evaluation, text_t tx_id, text_t pattern, text_t typology) {
    uint32_t index = 0;
    scored_transfer_t *transfer = transfer_find(evaluation, tx_id);
    if (!transfer) {
        evaluation->truths_unknown++;
        return NULL;
    }
    TRY(pattern_find(evaluation, pattern, typology, &index));
    for (uint32_t i = transfer->first_membership; i != NO_MEMBERSHIP; i = evaluation->memberships[i].next)
        if (evaluation->memberships[i].pattern == index) return NULL;
    evaluation->memberships = room_for_one(evaluation->memberships, evaluation->membership_count,
                                           &evaluation->membership_capacity, sizeof(membership_t));
    evaluation->memberships[evaluation->membership_count] =
        (membership_t){.pattern = index, .next = transfer->first_membership};
    transfer->first_membership = (uint32_t)evaluation->membership_count++;
    transfer->typologies |= UINT64_C(1) << evaluation->patterns[index]->typology;
    evaluation->patterns[index]->transfers++;
    return NULL;
}

static int by_time(const void *a, const void *b) {
    const scored_transfer_t *x = *(scored_transfer_t *const *)a, *y = *(scored_transfer_t *const *)b;
    if (x->ms != y->ms) return x->ms < y->ms ? -1 : 1;
    return (x->position > y->position) - (x->position < y->position);
}

err_t *evaluation_order(evaluation_t *evaluation) {
    if (!evaluation->transfer_count) return err_new("there are no transfers to evaluate");
    if (!evaluation->membership_count)
        return err_new("none of the truth's transfers is there; is it the truth of this stream?");
    evaluation->ordered = calloc(evaluation->transfer_count, sizeof(scored_transfer_t *));
    if (!evaluation->ordered) abort();
    uint32_t count = 0;
    for (scored_transfer_t *transfer = evaluation->by_id; transfer; transfer = transfer->hh.next)
        evaluation->ordered[count++] = transfer;
    qsort(evaluation->ordered, count, sizeof *evaluation->ordered, by_time);
    for (uint32_t at = 0; at < count; at++) {
        scored_transfer_t *transfer = evaluation->ordered[at];
        transfer->position = at;
        for (uint32_t i = transfer->first_membership; i != NO_MEMBERSHIP;
             i = evaluation->memberships[i].next) {
            planted_pattern_t *pattern = evaluation->patterns[evaluation->memberships[i].pattern];
            pattern->end = at;
            if (pattern->begin != UINT32_MAX) continue;
            pattern->begin = at;
            pattern->begin_ms = transfer->ms;
        }
    }
    return NULL;
}

static uint32_t position_at(const evaluation_t *evaluation, int64_t ms) {
    uint32_t low = 0, high = evaluation->transfer_count - 1;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (evaluation->ordered[middle]->ms < ms)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void delay_shorten(delay_t *delay, const planted_pattern_t *pattern, int64_t ms, uint32_t position) {
    uint32_t transfers = position - pattern->begin;
    if (delay->is_known && delay->transfers <= transfers) return;
    *delay = (delay_t){
        .ms = ms > pattern->begin_ms ? ms - pattern->begin_ms : 0, .transfers = transfers, .is_known = true};
}

/* Its transfers that this alert has not named yet. */
static void tell_patterns(evaluation_t *evaluation, const judged_alert_t *alert, int64_t ms,
                          scored_transfer_t *const *named, size_t count) {
    for (size_t n = 0; n < count; n++) {
        const membership_t *membership;
        for (uint32_t i = named[n]->first_membership; i != NO_MEMBERSHIP; i = membership->next) {
            membership = &evaluation->memberships[i];
            planted_pattern_t *pattern = evaluation->patterns[membership->pattern];
            if (2 * ++pattern->named >= pattern->transfers)
                delay_shorten(&pattern->to_found, pattern, ms, alert->position);
            if (alert->is_right) delay_shorten(&pattern->to_noticed, pattern, ms, alert->position);
        }
    }
    for (size_t n = 0; n < count; n++)
        for (uint32_t i = named[n]->first_membership; i != NO_MEMBERSHIP; i = evaluation->memberships[i].next)
            evaluation->patterns[evaluation->memberships[i].pattern]->named = 0;
}

err_t *evaluation_add_alert(evaluation_t *evaluation, text_t typology, int64_t created_ms,
                            const text_t *tx_ids, size_t count) {
    judged_alert_t alert = {.position = position_at(evaluation, created_ms)};
    TRY(name_find(&evaluation->alert_typologies, typology, &alert.typology));
    evaluation->alerts =
        room_for_one(evaluation->alerts, evaluation->alert_count, &evaluation->alert_capacity, sizeof alert);
    scored_transfer_t **named = calloc(count + 1, sizeof *named);
    if (!named) abort();
    size_t known = 0, names = 0, planted = 0;
    for (size_t i = 0; i < count; i++) {
        scored_transfer_t *transfer = transfer_find(evaluation, tx_ids[i]);
        names += !transfer;
        if (!transfer || transfer->alert == evaluation->alert_count + 1) continue;
        transfer->alert = evaluation->alert_count + 1;
        names++;
        planted += transfer->first_membership != NO_MEMBERSHIP;
        if (transfer->position > alert.position) alert.position = transfer->position;
        named[known++] = transfer;
    }
    alert.is_right = planted > 0 && 2 * planted >= names;
    tell_patterns(evaluation, &alert, created_ms, named, known);
    evaluation->alerts[evaluation->alert_count++] = alert;
    free(named);
    return NULL;
}
