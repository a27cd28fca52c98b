#include "common/buf.h"
#include "common/signals.h"
#include "tests/support/suite.h"
#include "tests/tools/support_files.h"
#include "tools/transfer_file.h"

#include <jansson.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Every record as "line key json", one a line. Takes over `path`. */
static char *read_all(char *path) {
    transfer_file_t *file;
    transfer_file_record_t record;
    buf_t out = {0};
    bool more;
    must(transfer_file_open(path, &file));
    for (;;) {
        must(transfer_file_next(file, &record, &more));
        if (!more) break;
        buf_printf(&out, "%lld %.*s ", (long long)record.line, (int)record.key_size, record.key);
        buf_add(&out, record.json, record.size);
        buf_add_char(&out, '\n');
    }
    ck_assert_double_eq(transfer_file_progress(file), 1);
    transfer_file_close(file);
    free(path);
    buf_cstr(&out);
    return out.data;
}

/* Takes over `path`. */
static void assert_reads(char *path, const char *expected) {
    char *found = read_all(path);
    ck_assert_str_eq(found, expected);
    free(found);
}

/* The message of the error that opening or reading ends with. Takes over `path`. */
static char *failure_of(char *path) {
    transfer_file_t *file = NULL;
    transfer_file_record_t record;
    bool more = true;
    err_t *err = transfer_file_open(path, &file);
    while (!err && more) err = transfer_file_next(file, &record, &more);
    ck_assert_ptr_nonnull(err);
    char *message = strdup(err_message(err));
    err_free(err);
    transfer_file_close(file);
    free(path);
    return message;
}

static void assert_fails(char *path, const char *part) {
    char *message = failure_of(path);
    ck_assert_msg(strstr(message, part), "\"%s\" is not in: %s", part, message);
    free(message);
}

START_TEST(csv_of_either_schema_becomes_the_same_records) {
    assert_reads(file_of_text("tx_id,src,dst,amount,asset,timestamp\nt1,a,b,1.50,BTC,2026-01-02T03:04:05Z\n"),
                 "2 a {\"tx_id\":\"t1\",\"src\":\"a\",\"dst\":\"b\",\"amount\":1.50,\"asset\":\"BTC\","
                 "\"timestamp\":\"2026-01-02T03:04:05Z\"}\n");
    assert_reads(file_of_text("Amount,Receiver,Sender,TX_ID,block\n1,b,a,t1,77\n"),
                 "2 a {\"amount\":1,\"receiver\":\"b\",\"sender\":\"a\",\"tx_id\":\"t1\"}\n");
    assert_reads(file_of_text("tx_id;from;to;amount;timestamp\nt1;a;b;1;1767323045\nt2;a;b;1;"),
                 "2 a {\"tx_id\":\"t1\",\"from\":\"a\",\"to\":\"b\",\"amount\":1,\"timestamp\":1767323045}\n"
                 "3 a {\"tx_id\":\"t2\",\"from\":\"a\",\"to\":\"b\",\"amount\":1}\n");
}
END_TEST

START_TEST(byte_order_marks_carriage_returns_and_blank_lines_leave_no_trace) {
    assert_reads(file_of_text("\xef\xbb\xbf\r\ntx_id,src,dst,amount\r\n\r\nt1,a,b,1\r\n  \r\n"),
                 "4 a {\"tx_id\":\"t1\",\"src\":\"a\",\"dst\":\"b\",\"amount\":1}\n");
    assert_reads(
        file_of_text("\xef\xbb\xbf{\"tx_id\":\"t1\",\"src\":\"a\",\"dst\":\"b\",\"amount\":1}\r\n\n"),
        "1 a {\"tx_id\":\"t1\",\"src\":\"a\",\"dst\":\"b\",\"amount\":1}\n");
}
END_TEST

START_TEST(quoted_fields_may_hold_delimiters_quotes_and_line_ends) {
    assert_reads(file_of_text("tx_id,\"src\",dst,amount\n\"t,1\",\"a \"\"x\"\"\",\"b\nc\",\"2\"\nt2,d,e,3\n"),
                 "2  {\"tx_id\":\"t,1\",\"src\":\"a \\\"x\\\"\",\"dst\":\"b\\nc\",\"amount\":2}\n"
                 "4 d {\"tx_id\":\"t2\",\"src\":\"d\",\"dst\":\"e\",\"amount\":3}\n");
}
END_TEST

START_TEST(lines_that_are_no_transfer_go_on_as_they_are) {
    assert_reads(
        file_of_text(
            "tx_id,src,dst,amount\nt1,a,b\nt2,\"a,b,1\nt3,a,b,1,000\nt4,a,b,x\nt5,,b,1\nt6,a,b,007\n"),
        "2  t1,a,b\n"
        "3  t2,\"a,b,1\n"
        "4  t3,a,b,1,000\n"
        "5  {\"tx_id\":\"t4\",\"src\":\"a\",\"dst\":\"b\",\"amount\":\"x\"}\n"
        "6  {\"tx_id\":\"t5\",\"src\":\"\",\"dst\":\"b\",\"amount\":1}\n"
        "7 a {\"tx_id\":\"t6\",\"src\":\"a\",\"dst\":\"b\",\"amount\":\"007\"}\n");
    assert_reads(
        file_of_text("nothing\n{\"tx_id\":\"t1\",\"sender\":7,\"to\":\"b\",\"amount\":\"1\"}\n{\"tx_id\":\n"),
        "1  nothing\n2 7 {\"tx_id\":\"t1\",\"sender\":7,\"to\":\"b\",\"amount\":\"1\"}\n3  {\"tx_id\":\n");
}
END_TEST

START_TEST(gzip_is_unpacked_also_in_several_members) {
    static const char text[] = "tx_id,src,dst,amount\nt1,a,b,1\n";
    char *path = file_packed(text, sizeof text - 1);
    int fd = atoi(strrchr(path, '/') + 1);
    char packed[256];
    ssize_t size = pread(fd, packed, sizeof packed, 0);
    ck_assert_int_gt(size, 0);
    ck_assert_int_eq(pwrite(fd, packed, (size_t)size, size), size);
    assert_reads(path, "2 a {\"tx_id\":\"t1\",\"src\":\"a\",\"dst\":\"b\",\"amount\":1}\n"
                       "3  {\"tx_id\":\"tx_id\",\"src\":\"src\",\"dst\":\"dst\",\"amount\":\"amount\"}\n"
                       "4 a {\"tx_id\":\"t1\",\"src\":\"a\",\"dst\":\"b\",\"amount\":1}\n");
    assert_fails(file_of(packed, (size_t)size - 9), "cut off");
    packed[12] ^= 0x55;
    packed[13] ^= 0x55;
    char *message = failure_of(file_of(packed, (size_t)size));
    ck_assert_ptr_nonnull(strstr(message, "gzip"));
    free(message);
}
END_TEST

START_TEST(what_is_no_file_of_transfers_is_said) {
    assert_fails(file_of_text("tx_id,src,amount\n"), "no column dst");
    assert_fails(file_of_text("hello\nworld\n"), "neither CSV with a header");
    assert_fails(file_of_text("[{\"tx_id\":\"t1\"}]"), "jq");
    assert_fails(file_of("\xff\xfet\0x\0", 6), "UTF-16");
    assert_fails(strdup("/no/such/file"), "No such file");
    assert_fails(strdup("/tmp"), "directory");
    assert_reads(file_of_text(""), "");
    assert_reads(file_of_text("\n\n"), "");
}
END_TEST

START_TEST(a_line_longer_than_any_buffer_is_one_record) {
    enum { SIZE = 3 << 20 };
    buf_t text = {0};
    buf_add_str(&text, "{\"tx_id\":\"t1\",\"src\":\"");
    memset(buf_reserve(&text, SIZE), 'x', SIZE);
    text.size += SIZE;
    buf_add_str(&text, "\"}\n{\"tx_id\":\"t2\",\"src\":\"a\",\"dst\":\"b\",\"amount\":1}");
    transfer_file_t *file;
    transfer_file_record_t record;
    bool more;
    char *path = file_of(text.data, text.size);
    must(transfer_file_open(path, &file));
    must(transfer_file_next(file, &record, &more));
    ck_assert(more && record.size > SIZE && !record.key_size);
    must(transfer_file_next(file, &record, &more));
    ck_assert(more && record.line == 2 && record.key_size == 1);
    must(transfer_file_next(file, &record, &more));
    ck_assert(!more);
    transfer_file_close(file);
    free(path);
    buf_clear(&text);
}
END_TEST

static void add_csv(buf_t *csv, const char *value) {
    buf_add_char(csv, '"');
    for (; *value; value++) {
        if (*value == '"') buf_add_char(csv, '"');
        buf_add_char(csv, *value);
    }
    buf_add_char(csv, '"');
}

static void random_text(uint64_t *random, char out[16]) {
    static const char alphabet[] = "ab\"\"\n\r,;\\ \t1";
    uint32_t size = 1 + random_below(random, 14);
    for (uint32_t i = 0; i < size; i++) out[i] = alphabet[random_below(random, sizeof alphabet - 1)];
    out[size] = '\0';
}

START_TEST(whatever_is_written_as_csv_is_read_as_it_was) {
    enum { ROWS = 20000 };
    uint64_t seed = random_seed(3), random = seed;
    buf_t csv = {0};
    buf_add_str(&csv, "tx_id,src,dst,amount\n");
    char(*texts)[3][16] = calloc(ROWS, sizeof *texts);
    for (int row = 0; row < ROWS; row++) {
        for (int i = 0; i < 3; i++) {
            random_text(&random, texts[row][i]);
            add_csv(&csv, texts[row][i]);
            buf_add_char(&csv, ',');
        }
        buf_printf(&csv, "%d%s", row, random_below(&random, 2) ? "\n" : "\r\n");
    }
    char *path = file_of(csv.data, csv.size);
    transfer_file_t *file;
    transfer_file_record_t record;
    static const char *const names[] = {"tx_id", "src", "dst"};
    bool more;
    must(transfer_file_open(path, &file));
    for (int row = 0; row < ROWS; row++) {
        must(transfer_file_next(file, &record, &more));
        json_t *json = more ? json_loadb(record.json, record.size, 0, NULL) : NULL;
        ck_assert_msg(json, "seed %llu, row %d", (unsigned long long)seed, row);
        for (int i = 0; i < 3; i++)
            ck_assert_str_eq(json_string_value(json_object_get(json, names[i])), texts[row][i]);
        ck_assert_int_eq(json_integer_value(json_object_get(json, "amount")), row);
        json_decref(json);
    }
    must(transfer_file_next(file, &record, &more));
    ck_assert(!more);
    transfer_file_close(file);
    free(path);
    free(texts);
    buf_clear(&csv);
}
END_TEST

START_TEST(a_pipe_is_read_as_its_lines_come) {
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    char path[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", ends[0]);
    static const char line[] = "{\"tx_id\":\"t1\",\"src\":\"a\",\"dst\":\"b\",\"amount\":1}\n";
    ck_assert_int_eq(write(ends[1], line, sizeof line - 1), sizeof line - 1);
    transfer_file_t *file;
    transfer_file_record_t record;
    bool more;
    must(transfer_file_open(path, &file));
    must(transfer_file_next(file, &record, &more));
    ck_assert(more && record.size == sizeof line - 2);
    ck_assert_double_eq(transfer_file_progress(file), -1);
    close(ends[1]);
    must(transfer_file_next(file, &record, &more));
    ck_assert(!more);
    transfer_file_close(file);
}
END_TEST

static void *stop_soon(void *context) {
    (void)context;
    usleep(300000);
    kill(getpid(), SIGTERM);
    return NULL;
}

START_TEST(a_signal_ends_the_wait_for_a_silent_pipe) {
    int ends[2];
    pthread_t stopper;
    char path[32];
    ck_assert_int_eq(pipe(ends), 0);
    snprintf(path, sizeof path, "/proc/self/fd/%d", ends[0]);
    signals_init();
    pthread_create(&stopper, NULL, stop_soon, NULL);
    transfer_file_t *file;
    transfer_file_record_t record;
    bool more;
    must(transfer_file_open(path, &file));
    must(transfer_file_next(file, &record, &more));
    ck_assert(!more);
    transfer_file_close(file);
    pthread_join(stopper, NULL);
}
END_TEST

int main(void) {
    return suite_run(
        "transfer_file",
        (const TTest *const[]){csv_of_either_schema_becomes_the_same_records,
                               byte_order_marks_carriage_returns_and_blank_lines_leave_no_trace,
                               quoted_fields_may_hold_delimiters_quotes_and_line_ends,
                               lines_that_are_no_transfer_go_on_as_they_are,
                               gzip_is_unpacked_also_in_several_members, what_is_no_file_of_transfers_is_said,
                               a_line_longer_than_any_buffer_is_one_record,
                               whatever_is_written_as_csv_is_read_as_it_was, a_pipe_is_read_as_its_lines_come,
                               a_signal_ends_the_wait_for_a_silent_pipe, NULL},
        120);
}
