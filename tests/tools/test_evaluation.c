#include "tests/support/suite.h"
#include "tests/tools/support_files.h"
#include "tools/evaluation_files.h"
#include "tools/evaluation_plot.h"
#include "tools/evaluation_report.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const int64_t DAY_MS = 86400000;

static text_t text(const char *of) { return (text_t){of, strlen(of)}; }

/* Transfer `t<number>`, of day `day`. */
static void add_transfer(evaluation_t *evaluation, int number, int day, double score) {
    char id[16];
    snprintf(id, sizeof id, "t%d", number);
    evaluation_add_transfer(evaluation, text(id), day * DAY_MS, score, 0);
}

static void add_truth(evaluation_t *evaluation, const char *tx_id, const char *pattern,
                      const char *typology) {
    must(evaluation_add_truth(evaluation, text(tx_id), text(pattern), text(typology)));
}

static void add_alert(evaluation_t *evaluation, const char *typology, int day, const char *const *tx_ids) {
    text_t ids[32];
    size_t count = 0;
    for (; tx_ids[count]; count++) ids[count] = text(tx_ids[count]);
    must(evaluation_add_alert(evaluation, text(typology), day * DAY_MS, ids, count));
}

static evaluation_measures_t measured; /* large */

static const evaluation_measures_t *measure(evaluation_t *evaluation) {
    evaluation_measure(evaluation, &measured);
    return &measured;
}

/* Ten transfers, one a day; t0 t1 t8 are cycle c, t5 t6 t7 t9 are fan f. */
static evaluation_t *ten(void) {
    static const double scores[] = {10, 20, 5, 5, 5, 60, 70, 0, 80, 70};
    evaluation_t *evaluation = evaluation_new();
    for (int i = 0; i < 10; i++) add_transfer(evaluation, i, i, scores[i]);
    add_truth(evaluation, "t0", "c", "cycle");
    add_truth(evaluation, "t1", "c", "cycle");
    add_truth(evaluation, "t8", "c", "cycle");
    add_truth(evaluation, "t5", "f", "fan");
    add_truth(evaluation, "t6", "f", "fan");
    add_truth(evaluation, "t7", "f", "fan");
    add_truth(evaluation, "t9", "f", "fan");
    must(evaluation_order(evaluation));
    return evaluation;
}

START_TEST(thresholds_come_from_the_fifth_before_the_last) {
    evaluation_t *evaluation = ten();
    const evaluation_measures_t *measures = measure(evaluation);
    /* Validation is t6 (70) and t7 (0), both planted: from 0 on all are found. */
    ck_assert_double_eq(measures->all.threshold, 0);
    ck_assert_uint_eq(measures->all.ranking[PART_ALL].planted, 7);
    ck_assert_double_eq(measures->all.ranking[PART_ALL].at_threshold.precision, 0.7);
    ck_assert_uint_eq(measures->all.ranking[PART_LAST].transfers, 2);
    ck_assert_double_eq(measures->all.ranking[PART_LAST].average_precision, 1);
    /* No cycle lies in the validation part. */
    ck_assert_str_eq(measures->typologies[0].name, "cycle");
    ck_assert(isnan(measures->typologies[0].threshold));
    ck_assert(isnan(measures->typologies[0].ranking[PART_ALL].f1));
    evaluation_free(evaluation);
}
END_TEST

START_TEST(a_typology_is_ranked_against_ordinary_transfers_alone) {
    evaluation_t *evaluation = ten();
    const ranking_measures_t *cycle = &measure(evaluation)->typologies[0].ranking[PART_ALL];
    ck_assert_uint_eq(cycle->transfers, 6); /* 3 and the ordinary t2 t3 t4 */
    ck_assert_uint_eq(cycle->planted, 3);
    ck_assert_double_eq(cycle->average_precision, 1);
    const ranking_measures_t *fan = &measured.typologies[1].ranking[PART_ALL];
    ck_assert_double_eq_tol(fan->average_precision, (1 + 1 + 1 + 4.0 / 7) / 4, 1e-12);
    evaluation_free(evaluation);
}
END_TEST

START_TEST(half_of_a_pattern_is_found_and_half_of_an_alert_is_right) {
    evaluation_t *evaluation = ten();
    add_alert(evaluation, "a", 1, (const char *[]){"t0", "t2", "t3", "t0", NULL});       /* wrong: 1 of 3 */
    add_alert(evaluation, "a", 5, (const char *[]){"t5", "t4", NULL});                   /* right: 1 of 2 */
    add_alert(evaluation, "b", 6, (const char *[]){"t5", "t6", "t2", "t3", "t4", NULL}); /* finds f, wrong */
    add_alert(evaluation, "b", 8, (const char *[]){"t8", "t1", "unknown", NULL});        /* right, finds c */
    add_alert(evaluation, "b", 8, (const char *[]){NULL}); /* wrong: names none */
    const evaluation_measures_t *measures = measure(evaluation);
    ck_assert_uint_eq(measures->alerts[PART_ALL].alerts, 5);
    ck_assert_uint_eq(measures->alerts[PART_ALL].right, 2);
    ck_assert_uint_eq(measures->alerts[PART_LAST].alerts, 2);
    ck_assert_uint_eq(measures->alerts[PART_LAST].right, 1);
    ck_assert_str_eq(measures->alert_typologies[0].name, "a");
    ck_assert_uint_eq(measures->alert_typologies[0].alerts[PART_ALL].right, 1);
    ck_assert_uint_eq(measures->alert_typologies[1].alerts[PART_ALL].alerts, 3);
    const pattern_measures_t *cycle = &measures->typologies[0].patterns[PART_ALL],
                             *fan = &measures->typologies[1].patterns[PART_ALL];
    ck_assert_uint_eq(measures->all.patterns[PART_ALL].planted, 2);
    ck_assert_uint_eq(measures->all.patterns[PART_ALL].found, 2);
    ck_assert_double_eq(cycle->to_found.ms_median, 8 * (double)DAY_MS);
    ck_assert_double_eq(cycle->to_found.transfers_median, 8);
    ck_assert_double_eq(cycle->to_noticed.ms_median, 8 * (double)DAY_MS);
    ck_assert_double_eq(fan->to_found.ms_median, (double)DAY_MS);
    ck_assert_double_eq(fan->to_noticed.ms_median, 0); /* by its first transfer */
    evaluation_free(evaluation);
}
END_TEST

START_TEST(a_delay_in_transfers_counts_to_the_last_one_named_within_the_same_time) {
    evaluation_t *evaluation = evaluation_new();
    for (int i = 0; i < 10; i++) add_transfer(evaluation, i, 0, 0); /* one day for all */
    add_truth(evaluation, "t2", "p", "cycle");
    add_truth(evaluation, "t6", "p", "cycle");
    must(evaluation_order(evaluation));
    add_alert(evaluation, "cycle", 0, (const char *[]){"t6", "t2", NULL});
    const pattern_measures_t *cycle = &measure(evaluation)->all.patterns[PART_ALL];
    ck_assert_double_eq(cycle->to_found.transfers_median, 4);
    ck_assert_double_eq(cycle->to_found.ms_median, 0);
    evaluation_free(evaluation);
}
END_TEST

START_TEST(a_later_revision_of_a_transfer_replaces_its_score) {
    evaluation_t *evaluation = evaluation_new();
    evaluation_add_transfer(evaluation, text("a"), 0, 1, 0);
    evaluation_add_transfer(evaluation, text("b"), 0, 2, 0);
    evaluation_add_transfer(evaluation, text("a"), 0, 5, 2);
    evaluation_add_transfer(evaluation, text("a"), 0, 0, 1);
    add_truth(evaluation, "a", "p", "cycle");
    add_truth(evaluation, "gone", "p", "cycle");
    must(evaluation_order(evaluation));
    const evaluation_measures_t *measures = measure(evaluation);
    ck_assert_uint_eq(measures->all.ranking[PART_ALL].transfers, 2);
    ck_assert_double_eq(measures->all.ranking[PART_ALL].average_precision, 1);
    ck_assert_uint_eq(measures->truths_unknown, 1);
    evaluation_free(evaluation);
}
END_TEST

/* The same from sets of transfers, alert by alert. */
START_TEST(found_and_right_equal_those_counted_from_scratch) {
    enum { TRANSFERS = 40, PATTERNS = 5, ALERTS = 12, ROUNDS = 300 };
    static const char *const names[PATTERNS] = {"p0", "p1", "p2", "p3", "p4"};
    uint64_t state = random_seed(0xa1e7);
    for (int round = 0; round < ROUNDS; round++) {
        evaluation_t *evaluation = evaluation_new();
        bool member[PATTERNS][TRANSFERS] = {{false}}, found[PATTERNS] = {false};
        int sizes[PATTERNS] = {0};
        char ids[TRANSFERS][8];
        for (int i = 0; i < TRANSFERS; i++) {
            snprintf(ids[i], sizeof ids[i], "t%d", i);
            add_transfer(evaluation, i, i / 4, 0);
        }
        for (int i = 0; i < 30; i++) {
            uint32_t pattern = random_below(&state, PATTERNS), transfer = random_below(&state, TRANSFERS);
            add_truth(evaluation, ids[transfer], names[pattern], "any");
            sizes[pattern] += !member[pattern][transfer];
            member[pattern][transfer] = true;
        }
        must(evaluation_order(evaluation));
        uint64_t right = 0, planted = 0, found_count = 0;
        for (int a = 0; a < ALERTS; a++) {
            const char *tx_ids[9] = {NULL};
            bool named[TRANSFERS] = {false};
            int count = 0, illicit = 0;
            for (uint32_t i = 0, wanted = random_below(&state, 9); i < wanted; i++) {
                uint32_t transfer = random_below(&state, TRANSFERS);
                tx_ids[i] = ids[transfer];
                named[transfer] = true;
            }
            for (int i = 0; i < TRANSFERS; i++) {
                bool any = false;
                for (int p = 0; p < PATTERNS; p++) any |= member[p][i];
                count += named[i];
                illicit += named[i] && any;
            }
            right += count > 0 && illicit > 0 && illicit * 2 >= count;
            for (int p = 0; p < PATTERNS; p++) {
                int hits = 0;
                for (int i = 0; i < TRANSFERS; i++) hits += named[i] && member[p][i];
                found[p] |= hits > 0 && hits * 2 >= sizes[p];
            }
            add_alert(evaluation, "any", 0, tx_ids);
        }
        for (int p = 0; p < PATTERNS; p++) planted += sizes[p] > 0, found_count += found[p];
        const evaluation_measures_t *measures = measure(evaluation);
        ck_assert_uint_eq(measures->alerts[PART_ALL].right, right);
        ck_assert_uint_eq(measures->all.patterns[PART_ALL].planted, planted);
        ck_assert_uint_eq(measures->all.patterns[PART_ALL].found, found_count);
        evaluation_free(evaluation);
    }
}
END_TEST

/* Files */

static char directory[32];

static void make_directory(void) {
    strcpy(directory, "/tmp/evaluation.XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(directory));
}

static void put(const char *name, char *from) {
    char path[64];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *in = fopen(from, "r"), *out = fopen(path, "w");
    ck_assert(in && out);
    for (int c; (c = fgetc(in)) != EOF;) fputc(c, out);
    fclose(in);
    fclose(out);
    free(from);
}

static void drop(const char *name) {
    char path[64];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    unlink(path);
}

static const char risks[] =
    "{\"tx_id\":\"\\u0061\",\"src\":\"x\",\"timestamp\":\"2026-01-01T00:00:00.000Z\",\"score\":1.5,"
    "\"reasons\":[]}\n"
    "{\"tx_id\":\"b\",\"timestamp\":\"2026-01-02T00:00:00.000Z\",\"score\":0}\n"
    "{\"tx_id\":\"b\",\"timestamp\":\"2026-01-02T00:00:00.000Z\",\"score\":9,\"revision\":1}\n";
static const char alerts[] =
    "{\"typology\":\"cycle\",\"created_at\":\"2026-01-02T00:00:00.000Z\",\"tx_ids\":[\"b\"]}\n";

static void assert_read_fails(char *truth, const char *part) {
    evaluation_t *evaluation = evaluation_new();
    err_t *err = evaluation_read(evaluation, directory, truth);
    ck_assert_ptr_nonnull(err);
    ck_assert_msg(strstr(err_message(err), part), "\"%s\" is not in: %s", part, err_message(err));
    err_free(err);
    free(truth);
    evaluation_free(evaluation);
}

START_TEST(a_backtest_and_its_truth_are_read_also_from_gzip) {
    make_directory();
    put("transaction-risk.jsonl.gz", file_packed(risks, sizeof risks - 1));
    put("alerts.jsonl", file_of_text(alerts));
    static const char truth[] = "typology;x;tx_id;pattern_id\ncycle;;b;7\n";
    char *path = file_packed(truth, sizeof truth - 1);
    evaluation_t *evaluation = evaluation_new();
    must(evaluation_read(evaluation, directory, path));
    free(path);
    const evaluation_measures_t *measures = measure(evaluation);
    ck_assert_uint_eq(measures->all.ranking[PART_ALL].transfers, 2);
    ck_assert_double_eq(measures->all.ranking[PART_ALL].average_precision, 1);
    ck_assert_uint_eq(measures->alerts[PART_ALL].right, 1);

    json_t *json = evaluation_json(measures);
    ck_assert_int_eq(
        json_integer_value(json_object_get(json_object_get(json_object_get(json, "alerts"), "all"), "right")),
        1);
    json_decref(json);
    buf_t out = {0};
    evaluation_tables(measures, &out);
    ck_assert_ptr_nonnull(strstr(buf_cstr(&out), "2 transfers, 1 of them planted, in 1 patterns; 1 alerts"));
    buf_reset(&out);
    evaluation_plot(evaluation, measures, &out);
    ck_assert_ptr_nonnull(strstr(buf_cstr(&out), ">cycle</text>"));
    buf_clear(&out);
    evaluation_free(evaluation);
    drop("transaction-risk.jsonl.gz");
    drop("alerts.jsonl");
    rmdir(directory);
}
END_TEST

START_TEST(what_cannot_be_read_is_said_with_its_line) {
    make_directory();
    assert_read_fails(file_of_text("x"), "--out");
    put("transaction-risk.jsonl", file_of_text(risks));
    put("alerts.jsonl", file_of_text("\n{\"typology\":\"x\"}\n"));
    assert_read_fails(file_of_text(""), "tx_id");
    assert_read_fails(file_of_text("tx_id,pattern_id\n"), "no column typology");
    assert_read_fails(file_of_text("tx_id,pattern_id,typology\nz,1,x\n"), "is it the truth");
    assert_read_fails(file_of_text("tx_id,pattern_id,typology\na,1\n"), "line 2");
    assert_read_fails(file_of_text("tx_id,pattern_id,typology\na,,x\n"), "pattern_id is empty");
    assert_read_fails(file_of_text("tx_id,pattern_id,typology\na,1,x\nb,1,y\n"), "of two typologies");
    assert_read_fails(file_of_text("tx_id,pattern_id,typology\na,1,x\n"), "line 2 of");
    put("transaction-risk.jsonl", file_of_text("{\"tx_id\":\"a\",\"score\":1}"));
    assert_read_fails(file_of_text("tx_id,pattern_id,typology\na,1,x\n"), "timestamp");
    drop("transaction-risk.jsonl");
    drop("alerts.jsonl");
    rmdir(directory);
}
END_TEST

int main(void) {
    const TTest *tests[] = {
        thresholds_come_from_the_fifth_before_the_last,
        a_typology_is_ranked_against_ordinary_transfers_alone,
        half_of_a_pattern_is_found_and_half_of_an_alert_is_right,
        a_delay_in_transfers_counts_to_the_last_one_named_within_the_same_time,
        a_later_revision_of_a_transfer_replaces_its_score,
        found_and_right_equal_those_counted_from_scratch,
        a_backtest_and_its_truth_are_read_also_from_gzip,
        what_cannot_be_read_is_said_with_its_line,
        NULL,
    };
    return suite_run("evaluation", tests, 60);
}
