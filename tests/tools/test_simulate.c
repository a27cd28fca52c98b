#include "common/buf.h"
#include "common/settings.h"
#include "tests/support/suite.h"
#include "tests/tools/support_files.h"
#include "tools/label_file.h"
#include "tools/price_file.h"
#include "tools/sim.h"
#include "tools/simulate.h"
#include "tools/transfer_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void simulate(char *const *arguments, int count) {
    settings_t *settings;
    must(settings_new(&simulate_command, count, (char **)(uintptr_t)arguments, &settings));
    must(simulate_command.run(settings));
    settings_free(settings);
}

/* Owned by the caller. */
static char *text_of(const char *path) {
    buf_t text = {0};
    FILE *file = fopen(path, "r");
    ck_assert_ptr_nonnull(file);
    for (size_t size = 1; size;) {
        size = fread(buf_reserve(&text, 65536), 1, 65536, file);
        text.size += size;
    }
    fclose(file);
    buf_cstr(&text);
    return text.data;
}

static uint64_t transfers_in(const char *path) {
    transfer_file_t *file;
    transfer_file_record_t record;
    uint64_t count = 0;
    bool more;
    must(transfer_file_open(path, &file));
    for (;; count++) {
        must(transfer_file_next(file, &record, &more));
        if (!more) break;
        ck_assert_msg(record.key_size, "%.*s", (int)record.size, record.json);
    }
    transfer_file_close(file);
    return count;
}

static uint64_t labels_in(const char *path) {
    label_file_t *file;
    label_file_record_t record;
    uint64_t count = 0;
    bool more;
    must(label_file_open(path, NULL, &file));
    for (;; count++) {
        must(label_file_next(file, &record, &more));
        if (!more) break;
    }
    label_file_close(file);
    return count;
}

static uint64_t prices_in(const char *path) {
    price_file_t *file;
    price_file_record_t record;
    uint64_t count = 0;
    bool more;
    must(price_file_open(path, &file));
    for (;; count++) {
        must(price_file_next(file, &record, &more));
        if (!more) break;
    }
    price_file_close(file);
    return count;
}

enum { FILES = 4 };

static void run_to(const char *format, char *const paths[FILES]) {
    char *arguments[] = {"--output",        (char *)(uintptr_t)format,
                         "--rate",          "0",
                         "--count",         "20000",
                         "--seed",          "5",
                         "--pattern-share", "0.02",
                         "--out",           paths[0],
                         "--truth",         paths[1],
                         "--labels-out",    paths[2],
                         "--prices-out",    paths[3]};
    simulate(arguments, sizeof arguments / sizeof *arguments);
}

START_TEST(seed_and_count_decide_every_byte) {
    static const char *const formats[] = {"csv", "jsonl"};
    for (int i = 0; i < 2; i++) {
        char *texts[2][FILES];
        for (int run = 0; run < 2; run++) {
            char *paths[FILES];
            for (int j = 0; j < FILES; j++) paths[j] = file_of_text("");
            run_to(formats[i], paths);
            ck_assert_uint_eq(transfers_in(paths[0]), 20000);
            ck_assert_uint_gt(labels_in(paths[2]), 20);
            ck_assert_uint_eq(prices_in(paths[3]), ASSET_COUNT);
            for (int j = 0; j < FILES; j++) {
                texts[run][j] = text_of(paths[j]);
                free(paths[j]);
            }
        }
        for (int j = 0; j < FILES; j++) {
            ck_assert_str_eq(texts[0][j], texts[1][j]);
            free(texts[0][j]);
            free(texts[1][j]);
        }
    }
}
END_TEST

/* The first transfer's id. Owned by the caller. */
static char *first_id(char *seed) {
    char *path = file_of_text("");
    char *arguments[] = {"--output", "csv", "--rate", "1000", "--count", "3", "--out", path, "--seed", seed};
    simulate(arguments, *seed ? 10 : 8);
    char *text = text_of(path), *line = strchr(text, '\n') + 1;
    char *id = strndup(line, strcspn(line, ","));
    free(text);
    free(path);
    return id;
}

START_TEST(a_run_without_a_seed_repeats_no_id) {
    char *first = first_id(""), *second = first_id(""), *third = first_id("9"), *fourth = first_id("9");
    ck_assert_str_ne(first, second);
    ck_assert_str_eq(third, fourth);
    free(first), free(second), free(third), free(fourth);
}
END_TEST

int main(void) {
    return suite_run(
        "simulate",
        (const TTest *const[]){seed_and_count_decide_every_byte, a_run_without_a_seed_repeats_no_id, NULL},
        120);
}
