#include "common/buf.h"
#include "risk/features.h"
#include "tests/support/suite.h"
#include "tests/tools/support_files.h"
#include "tools/features.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { TRANSFERS = 2000, WALLETS = 60 };

/* What `amlstream features` writes of these transfers. */
static void features_of(const buf_t *transfers, const char *name, buf_t *out) {
    char *input = file_of(transfers->data, transfers->size), directory[] = "/tmp/features.XXXXXX", path[64];
    ck_assert_ptr_nonnull(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/%s", directory, name);
    char *argv[] = {"--input", input, "--out", path};
    settings_t *settings;
    must(settings_new(&features_command, 4, argv, &settings));
    must(features_command.run(settings));
    settings_free(settings);
    free(input);
    gzFile file = gzopen(path, "rb");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(gzdirect(file), strstr(name, ".gz") == NULL);
    for (int size;;) {
        size = gzread(file, buf_reserve(out, 65536), 65536);
        ck_assert_int_ge(size, 0);
        if (!size) break;
        out->size += (size_t)size;
    }
    gzclose(file);
    remove(path);
    remove(directory);
}

/* The same transfers with other names and dates where `prefix` and `first_s` are others. */
static void add_transfers(buf_t *out, int count, const char *prefix, long first_s) {
    uint64_t state = random_seed(0xfea7);
    buf_reset(out);
    buf_add_str(out, "tx_id,src,dst,amount,timestamp\n");
    for (int i = 0; i < count; i++) {
        uint32_t from = random_below(&state, WALLETS), to = random_below(&state, WALLETS);
        buf_printf(out, "t%d,%s%u,%s%u,%u,%ld\n", i, prefix, from, prefix, to, 1 + random_below(&state, 5000),
                   first_s + i * 7200L + random_below(&state, 3600));
    }
}

static void assert_same(const buf_t *a, const buf_t *b) {
    ck_assert_uint_eq(a->size, b->size);
    ck_assert_mem_eq(a->data, b->data, a->size);
}

START_TEST(each_transfer_has_a_row_in_the_order_of_the_stream) {
    static const char text[] = "tx_id,src,dst,amount,timestamp\n"
                               "\"b\"\"1\",x,y,1,2026-01-01\na,y,z,0,2026-01-03\na,y,z,0,2026-01-03\n";
    buf_t transfers = {.data = (char *)(uintptr_t)text, .size = sizeof text - 1}, out = {0};
    features_of(&transfers, "features.csv", &out);
    char *line = strtok((char *)(uintptr_t)buf_cstr(&out), "\n");
    int columns = 1;
    for (const char *at = line; *at; at++) columns += *at == ',';
    ck_assert_int_eq(columns, 1 + FEATURE_COUNT);
    ck_assert_msg(strncmp(line, "tx_id,edge_is_new,", 18) == 0, "%s", line);
    line = strtok(NULL, "\n");
    ck_assert_msg(strncmp(line, "\"b\"\"1\",1,-1,", 12) == 0, "%s", line);
    line = strtok(NULL, "\n");
    ck_assert_msg(strncmp(line, "a,1,-1,0,", 9) == 0, "%s", line);
    ck_assert_ptr_null(strtok(NULL, "\n")); /* the second "a" is a duplicate */
    buf_clear(&out);
}
END_TEST

START_TEST(a_vector_does_not_depend_on_what_comes_later) {
    buf_t transfers = {0}, part = {0}, whole = {0};
    add_transfers(&transfers, TRANSFERS / 2, "w", 1700000000);
    features_of(&transfers, "features.csv", &part);
    add_transfers(&transfers, TRANSFERS, "w", 1700000000);
    features_of(&transfers, "features.csv", &whole);
    ck_assert_uint_gt(whole.size, part.size);
    ck_assert_mem_eq(whole.data, part.data, part.size);
    buf_clear(&transfers);
    buf_clear(&part);
    buf_clear(&whole);
}
END_TEST

START_TEST(names_and_dates_do_not_show_in_a_vector) {
    buf_t transfers = {0}, here = {0}, there = {0};
    add_transfers(&transfers, TRANSFERS, "w", 1700000000);
    features_of(&transfers, "features.csv.gz", &here);
    add_transfers(&transfers, TRANSFERS, "other", 1500000000);
    features_of(&transfers, "features.csv", &there);
    assert_same(&here, &there);
    buf_clear(&transfers);
    buf_clear(&here);
    buf_clear(&there);
}
END_TEST

int main(void) {
    const TTest *tests[] = {
        each_transfer_has_a_row_in_the_order_of_the_stream,
        a_vector_does_not_depend_on_what_comes_later,
        names_and_dates_do_not_show_in_a_vector,
        NULL,
    };
    return suite_run("features", tests, 120);
}
