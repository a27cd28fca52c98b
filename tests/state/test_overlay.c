#include "state/overlay.h"
#include "tests/support/suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEYS = 300, STEPS = 30000 };

/* The oracle: three plain copies of everything. */
typedef struct {
    bool present;
    uint32_t size;
    unsigned char fill;
} model_t;

static model_t pending[KEYS], committed[KEYS], below[KEYS], flushing[KEYS];
static bool flush_is_on;

static size_t key_of(int i, char key[16]) { return (size_t)snprintf(key, 16, "key%d", i); }

/* As a store does it: what the overlay does not know is read from the map below. */
static overlay_entry_t *entry_of(overlay_t *overlay, int i) {
    char key[16], bytes[600];
    size_t size = key_of(i, key);
    overlay_entry_t *entry = overlay_find(overlay, key, size);
    if (entry) return entry;
    memset(bytes, below[i].fill, below[i].size);
    return overlay_remember(overlay, key, size, below[i].present ? bytes : NULL, below[i].size);
}

static bool is_filled(const unsigned char *value, size_t from, size_t to, unsigned char fill) {
    for (; from < to; from++)
        if (value[from] != fill) return false;
    return true;
}

static void check_entry(overlay_t *overlay, int i, uint64_t seed) {
    size_t size = 0;
    const unsigned char *value = overlay_value(entry_of(overlay, i), &size);
    ck_assert_msg((value != NULL) == pending[i].present, "key %d, seed %lu", i, seed);
    if (!value) return;
    ck_assert_uint_eq(size, pending[i].size);
    ck_assert_uint_eq((uintptr_t)value % 16, 0);
    ck_assert(is_filled(value, 0, size, pending[i].fill));
}

static void edit(overlay_t *overlay, int i, uint64_t *random) {
    model_t *model = &pending[i];
    uint32_t size = random_below(random, 500),
             kept = model->present ? (model->size < size ? model->size : size) : 0;
    unsigned char *value = overlay_edit(overlay, entry_of(overlay, i), size);
    ck_assert(is_filled(value, 0, kept, model->fill) && is_filled(value, kept, size, 0));
    *model = (model_t){true, size, (unsigned char)(1 + random_below(random, 255))};
    memset(value, model->fill, size);
}

static void flush_begin(overlay_t *overlay) {
    kv_put_t *puts;
    overlay_flush_take(overlay, 1, &puts);
    memcpy(flushing, committed, sizeof flushing);
    flush_is_on = true;
}

/* What the puts hold must be what was committed when the flush began, whatever was written since. */
static void flush_end(overlay_t *overlay, bool written) {
    if (written) memcpy(below, flushing, sizeof below);
    overlay_flush_done(overlay, written);
    flush_is_on = false;
}

START_TEST(it_equals_plain_copies_through_commits_aborts_flushes_and_evictions) {
    uint64_t seed = random_seed(7), random = seed;
    memset(pending, 0, sizeof pending);
    memset(committed, 0, sizeof committed);
    memset(below, 0, sizeof below);
    overlay_t *overlay = overlay_new();
    for (int step = 0; step < STEPS; step++) {
        int i = (int)random_below(&random, KEYS);
        switch (random_below(&random, 40)) {
        case 0:
            overlay_commit(overlay);
            memcpy(committed, pending, sizeof committed);
            break;
        case 1:
            overlay_abort(overlay);
            memcpy(pending, committed, sizeof pending);
            break;
        case 2:
            if (!flush_is_on && overlay_pending_count(overlay) == 0)
                flush_begin(overlay);
            else if (flush_is_on)
                flush_end(overlay, random_below(&random, 3) > 0);
            break;
        case 3: overlay_evict(overlay, random_below(&random, 200000)); break;
        case 4:
        case 5:
            overlay_remove(overlay, entry_of(overlay, i));
            pending[i] = (model_t){0};
            break;
        default:
            if (random_below(&random, 2))
                edit(overlay, i, &random);
            else
                check_entry(overlay, i, seed);
        }
    }
    for (int i = 0; i < KEYS; i++) check_entry(overlay, i, seed);
    overlay_free(overlay);
}
END_TEST

static err_t *count_put(void *context, const kv_put_t *put) {
    (void)put;
    ++*(int *)context;
    return NULL;
}

START_TEST(many_writes_of_one_key_are_one_put) {
    overlay_t *overlay = overlay_new();
    overlay_entry_t *entry = overlay_remember(overlay, "k", 1, NULL, 0);
    for (uint32_t i = 1; i < 100; i++) overlay_edit(overlay, entry, i);
    int puts = 0;
    must(overlay_each_pending(overlay, count_put, &puts));
    ck_assert_int_eq(puts, 1);
    overlay_commit(overlay);
    kv_put_t *taken;
    ck_assert_uint_eq(overlay_flush_take(overlay, 0, &taken), 1);
    ck_assert_uint_eq(taken[0].value_size, 99);
    overlay_flush_done(overlay, true);
    ck_assert_uint_eq(overlay_flush_take(overlay, 0, &taken), 0);
    overlay_flush_done(overlay, true);
    overlay_free(overlay);
}
END_TEST

START_TEST(a_flush_hands_out_what_was_committed_when_it_began) {
    overlay_t *overlay = overlay_new();
    overlay_entry_t *entry = overlay_remember(overlay, "k", 1, NULL, 0);
    strcpy(overlay_edit(overlay, entry, 8), "first");
    overlay_commit(overlay);
    kv_put_t *puts;
    overlay_flush_take(overlay, 0, &puts);
    strcpy(overlay_edit(overlay, entry, 8), "second");
    overlay_commit(overlay);
    ck_assert_str_eq(puts[0].value, "first");
    overlay_flush_done(overlay, true);
    ck_assert_uint_eq(overlay_flush_take(overlay, 0, &puts), 1);
    ck_assert_str_eq(puts[0].value, "second");
    overlay_flush_done(overlay, true);
    overlay_free(overlay);
}
END_TEST

int main(void) {
    return suite_run(
        "overlay",
        (const TTest *const[]){it_equals_plain_copies_through_commits_aborts_flushes_and_evictions,
                               many_writes_of_one_key_are_one_put,
                               a_flush_hands_out_what_was_committed_when_it_began, NULL},
        60);
}
