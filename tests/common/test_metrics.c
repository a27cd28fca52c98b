#include "common/metrics.h"
#include "tests/support/suite.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { THREADS = 4, ADDS = 50000 };

static char *written(void) {
    static buf_t out;
    buf_reset(&out);
    metrics_write(&out);
    buf_cstr(&out);
    return out.data;
}

static int occurrences(const char *text, const char *what) {
    int count = 0;
    for (const char *at = text; (at = strstr(at, what)) != NULL; at++) count++;
    return count;
}

START_TEST(a_name_has_one_head_and_a_line_for_each_label) {
    metric_add(metric_counter("t_records_total", "Records\nwith \\ in the help", "partition=\"0\""), 3);
    metric_set(metric_gauge("t_lag", "Lag", ""), 0.25);
    metric_add(metric_counter("t_records_total", "Records", "partition=\"1\""), 4e9);
    const char *text = written();
    ck_assert_ptr_nonnull(strstr(text, "# HELP t_records_total Records\\nwith \\\\ in the help\n"
                                       "# TYPE t_records_total counter\n"
                                       "t_records_total{partition=\"0\"} 3\n"
                                       "t_records_total{partition=\"1\"} 4000000000\n"));
    ck_assert_ptr_nonnull(strstr(text, "# TYPE t_lag gauge\nt_lag 0.25\n"));
    ck_assert_int_eq(occurrences(text, "# TYPE t_records_total"), 1);
}
END_TEST

START_TEST(the_same_name_and_labels_are_the_same_metric) {
    metric_t *first = metric_counter("t_same_total", "Same", "a=\"1\"");
    ck_assert_ptr_eq(first, metric_counter("t_same_total", "Same", "a=\"1\""));
    ck_assert_ptr_ne(first, metric_counter("t_same_total", "Same", "a=\"2\""));
}
END_TEST

START_TEST(a_histogram_counts_up_to_each_bound) {
    static const double bounds[] = {0.1, 1, 10};
    metric_t *metric = metric_histogram("t_seconds", "Time", "op=\"x\"", bounds, 3);
    for (int i = 0; i < 3; i++) metric_observe(metric, 0.0625);
    metric_observe(metric, 1);
    metric_observe(metric, 100);
    ck_assert_double_eq(metric_value(metric), 5);
    ck_assert_ptr_nonnull(strstr(written(), "# TYPE t_seconds histogram\n"
                                            "t_seconds_bucket{op=\"x\",le=\"0.1\"} 3\n"
                                            "t_seconds_bucket{op=\"x\",le=\"1\"} 4\n"
                                            "t_seconds_bucket{op=\"x\",le=\"10\"} 4\n"
                                            "t_seconds_bucket{op=\"x\",le=\"+Inf\"} 5\n"
                                            "t_seconds_sum{op=\"x\"} 101.1875\n"
                                            "t_seconds_count{op=\"x\"} 5\n"));
}
END_TEST

START_TEST(what_is_no_number_is_written_as_prometheus_reads_it) {
    metric_set(metric_gauge("t_nan", "", ""), NAN);
    metric_set(metric_gauge("t_infinite", "", ""), -INFINITY);
    ck_assert_ptr_nonnull(strstr(written(), "\nt_nan NaN\n"));
    ck_assert_ptr_nonnull(strstr(written(), "\nt_infinite -Inf\n"));
}
END_TEST

static void *add_many(void *metric) {
    for (int i = 0; i < ADDS; i++) metric_add(metric, 1);
    return NULL;
}

START_TEST(threads_lose_no_update) {
    metric_t *metric = metric_counter("t_threads_total", "", "");
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, add_many, metric), 0);
    for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
    ck_assert_double_eq(metric_value(metric), (double)THREADS * ADDS);
}
END_TEST

static double sample(const char *name) {
    const char *at = strstr(written(), name);
    ck_assert_msg(at != NULL, "no %s", name);
    return strtod(at + strlen(name), NULL);
}

START_TEST(the_process_tells_what_it_takes) {
    ck_assert_double_gt(sample("\nprocess_resident_memory_bytes "), 100e3);
    ck_assert_double_ge(sample("\nprocess_open_fds "), 1);
    ck_assert_double_gt(sample("\nprocess_start_time_seconds "), 1.6e9);
    ck_assert_double_ge(sample("\nprocess_cpu_seconds_total "), 0);
}
END_TEST

int main(void) {
    const TTest *const tests[] = {
        a_name_has_one_head_and_a_line_for_each_label,
        the_same_name_and_labels_are_the_same_metric,
        a_histogram_counts_up_to_each_bound,
        what_is_no_number_is_written_as_prometheus_reads_it,
        threads_lose_no_update,
        the_process_tells_what_it_takes,
        NULL,
    };
    return suite_run("metrics", tests, 60);
}
