#include "common/buf.h"
#include "tests/support/suite.h"
#include "tests/tools/support_files.h"
#include "tools/label_file.h"

#include <stdlib.h>
#include <string.h>

/* Takes over `path`. NULL and no error: what was read is in `out`. */
static err_t *read_all(char *path, const char *category, buf_t *out) {
    label_file_t *file;
    label_file_record_t record;
    bool more = true;
    err_t *err = label_file_open(path, &(label_defaults_t){.category = category}, &file);
    free(path);
    if (err) return err;
    while (!err && more) {
        err = label_file_next(file, &record, &more);
        if (err || !more) continue;
        buf_add(out, record.wallet, record.wallet_size);
        buf_add_char(out, ' ');
        buf_add(out, record.json, record.size);
        buf_add_char(out, '\n');
    }
    label_file_close(file);
    return err;
}

static void assert_reads(char *path, const char *category, const char *expected) {
    buf_t out = {0};
    must(read_all(path, category, &out));
    ck_assert_str_eq(buf_cstr(&out), expected);
    buf_clear(&out);
}

static void assert_fails(char *path, const char *category, const char *part) {
    buf_t out = {0};
    err_t *err = read_all(path, category, &out);
    ck_assert_ptr_nonnull(err);
    ck_assert_msg(strstr(err_message(err), part), "\"%s\" is not in: %s", part, err_message(err));
    err_free(err);
    buf_clear(&out);
}

START_TEST(csv_json_and_lists_of_addresses_are_labels) {
    assert_reads(
        file_of_text("wallet,category,source,confidence,note\na,sanctioned,ofac,0.9,\"x, y\"\nb,mixer,,,\n"),
        NULL,
        "a {\"category\":\"sanctioned\",\"source\":\"ofac\",\"confidence\":0.9,\"note\":\"x, y\"}\n"
        "b {\"category\":\"mixer\"}\n");
    assert_reads(file_of_text("{\"wallet\":\"a\",\"category\":\"scam\"}\n{\"address\":\"b\"}\n"), "theft",
                 "a {\"category\":\"scam\"}\nb {\"category\":\"theft\"}\n");
    assert_reads(file_of_text("0x01\r\n\n 0x02 \n"), "sanctioned",
                 "0x01 {\"category\":\"sanctioned\"}\n0x02 {\"category\":\"sanctioned\"}\n");
    assert_reads(file_of_text(""), NULL, "");
}
END_TEST

START_TEST(ethereum_addresses_are_keyed_in_lower_case_and_keep_their_spelling) {
    assert_reads(
        file_of_text("# list of today\n0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed\nTLa2f6VPqDgRE67v\n"),
        "sanctioned",
        "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed {\"category\":\"sanctioned\",\"address\":"
        "\"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed\"}\n"
        "TLa2f6VPqDgRE67v {\"category\":\"sanctioned\"}\n");
}
END_TEST

START_TEST(a_json_list_may_hold_labels_and_addresses) {
    assert_reads(
        file_of_text("[\n {\"wallet\": \"a\", \"category\": \"scam\", \"confidence\": 0.5,\n  \"as_of\": "
                     "\"2022-08-08\"},\n \"b\"\n]\n"),
        "theft",
        "a {\"category\":\"scam\",\"confidence\":0.5,\"date\":\"2022-08-08\"}\n"
        "b {\"category\":\"theft\"}\n");
    assert_reads(file_of_text("[]"), NULL, "");
    assert_fails(file_of_text("[{\"wallet\":\"a\",\"category\":\"scam\"},\n{\"wallet\":7}]"), NULL, "item 2");
    assert_fails(file_of_text("[{]"), NULL, "line 1 is not JSON");
}
END_TEST

START_TEST(what_a_label_does_not_say_is_as_given_for_all) {
    label_file_t *file;
    label_file_record_t record;
    bool more;
    char *path = file_of_text("address,source\na,\nb,own\n");
    must(label_file_open(path, &(label_defaults_t){"scam", "list", "0.5", "2022-08-08"}, &file));
    free(path);
    must(label_file_next(file, &record, &more));
    static const char first[] =
        "{\"category\":\"scam\",\"source\":\"list\",\"confidence\":0.5,\"date\":\"2022-08-08\"}";
    ck_assert_uint_eq(record.size, sizeof first - 1);
    ck_assert_mem_eq(record.json, first, record.size);
    must(label_file_next(file, &record, &more));
    ck_assert_ptr_nonnull(memmem(record.json, record.size, "\"source\":\"own\"", 14));
    label_file_close(file);
}
END_TEST

START_TEST(what_is_no_label_is_said_with_its_line) {
    assert_fails(file_of_text("0x01\n"), NULL, "--category");
    assert_fails(file_of_text("wallet,note\na,x\n"), "", "--category");
    assert_fails(file_of_text("wallet,category\na,mixer\nb,nonsense\n"), NULL, "line 3");
    assert_fails(file_of_text("wallet,category\n,mixer\n"), NULL, "names no wallet");
    assert_fails(file_of_text("{\"wallet\":\"a\",\"category\":\"mixer\"}\n{\n"), NULL, "line 2");
    assert_fails(file_of_text("wallet,category\n\"a,mixer\n"), NULL, "line 2");
    assert_fails(file_of_text("wallet,category,date\na,mixer,soon\n"), NULL, "ISO 8601");
}
END_TEST

int main(void) {
    return suite_run(
        "label_file",
        (const TTest *const[]){csv_json_and_lists_of_addresses_are_labels,
                               ethereum_addresses_are_keyed_in_lower_case_and_keep_their_spelling,
                               a_json_list_may_hold_labels_and_addresses,
                               what_a_label_does_not_say_is_as_given_for_all,
                               what_is_no_label_is_said_with_its_line, NULL},
        60);
}
