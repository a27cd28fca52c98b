#include "common/buf.h"
#include "tests/support/suite.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static uint64_t random_state;

static void check_reads_back(double value) {
    buf_t buf = {0};
    buf_add_double(&buf, value);
    double back = strtod(buf_cstr(&buf), NULL);
    ck_assert_msg(memcmp(&back, &value, sizeof value) == 0, "%a became %s", value, buf.data);
    char shorter[32];
    for (int precision = 1; precision < 17; precision++) {
        snprintf(shorter, sizeof shorter, "%.*e", precision - 1, value);
        if (strtod(shorter, NULL) != value) continue;
        int digits = 0;
        const char *c = buf.data;
        while (*c == '-' || *c == '0' || *c == '.') c++;
        const char *last = c;
        for (; *c && *c != 'e'; c++) {
            if (*c >= '1' && *c <= '9') last = c;
        }
        for (c = buf.data; *c && c <= last; c++) digits += *c >= '0' && *c <= '9' && (digits || *c != '0');
        ck_assert_msg(digits <= (precision < 15 ? 15 : precision), "%a became %s, %d digits suffice", value,
                      buf.data, precision);
        break;
    }
    buf_clear(&buf);
}

START_TEST(a_double_reads_back_as_itself) {
    random_state = 20260101;
    for (int i = 0; i < 200000; i++) {
        uint64_t bits = random_next(&random_state);
        double any;
        memcpy(&any, &bits, sizeof any);
        if (any == any && any - any == 0) check_reads_back(any);
        double unit = (double)(random_next(&random_state) >> 11) * 0x1p-53;
        check_reads_back(unit);
        check_reads_back(-unit * 1e6);
        check_reads_back(unit * 0x1p53);
        check_reads_back((double)(random_next(&random_state) % 1000000000) / 100);
        check_reads_back((double)(random_next(&random_state) % 1000000000) / 1e8);
    }
}
END_TEST

START_TEST(a_double_at_an_edge_reads_back_as_itself) {
    for (int e = -1074; e < 1024; e++) {
        double power = strtod("1", NULL);
        for (int i = 0; i < abs(e); i++) power = e < 0 ? power / 2 : power * 2;
        uint64_t bits;
        memcpy(&bits, &power, sizeof bits);
        for (uint64_t near = bits ? bits - 1 : 0; near <= bits + 1; near++) {
            double value;
            memcpy(&value, &near, sizeof value);
            if (value - value == 0) check_reads_back(value);
        }
    }
}
END_TEST

START_TEST(a_double_is_written_as_a_person_would) {
    static const struct {
        double value;
        const char *text;
    } cases[] = {
        {0, "0"},
        {-0.0, "-0"},
        {1, "1"},
        {-1.5, "-1.5"},
        {0.1, "0.1"},
        {0.1 + 0.2, "0.30000000000000004"},
        {9999.99, "9999.99"},
        {123456789.123, "123456789.123"},
        {0.001, "0.001"},
        {0.00025, "0.00025"},
        {1e21, "1e+21"},
        {0.9999999999999999, "0.9999999999999999"},
        {100, "100"},
        {1e15, "1000000000000000"},
        {2.5e-3, "0.0025"},
    };
    buf_t buf = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        buf_reset(&buf);
        buf_add_double(&buf, cases[i].value);
        ck_assert_str_eq(buf_cstr(&buf), cases[i].text);
    }
    buf_clear(&buf);
}
END_TEST

START_TEST(an_integer_is_written_as_printf_writes_it) {
    buf_t buf = {0};
    random_state = 7;
    for (int i = 0; i < 100000; i++) {
        int64_t value = (int64_t)(random_next(&random_state) >> (random_next(&random_state) % 64));
        if (i == 0) value = INT64_MIN;
        if (i == 1) value = INT64_MAX;
        if (i == 2) value = 0;
        if (i % 2) value = -(value / 2);
        char expected[32];
        snprintf(expected, sizeof expected, "%lld", (long long)value);
        buf_reset(&buf);
        buf_add_int(&buf, value);
        ck_assert_str_eq(buf_cstr(&buf), expected);
    }
    buf_clear(&buf);
}
END_TEST

START_TEST(any_text_comes_back_from_json) {
    static const char alphabet[] = "ab\"\\\n\t\r\b\f\x01\x1f /\x7f{}:,";
    random_state = 3;
    buf_t buf = {0}, text = {0};
    for (int i = 0; i < 20000; i++) {
        buf_reset(&buf);
        buf_reset(&text);
        for (uint64_t n = random_next(&random_state) % 40; n > 0; n--) {
            if (random_next(&random_state) % 8 == 0)
                buf_add_str(&text, "\xe2\x82\xac\xf0\x9f\x98\x80");
            else if (random_next(&random_state) % 3 == 0)
                buf_add_char(&text, alphabet[random_next(&random_state) % (sizeof alphabet - 1)]);
            else
                buf_add_char(&text, 'x');
        }
        buf_add_json_str(&buf, buf_cstr(&text), text.size);
        json_t *back = json_loadb(buf.data, buf.size, JSON_DECODE_ANY, NULL);
        ck_assert_msg(back, "not JSON: %s", buf_cstr(&buf));
        ck_assert_uint_eq(json_string_length(back), text.size);
        ck_assert_mem_eq(json_string_value(back), text.data, text.size);
        json_decref(back);
    }
    buf_clear(&buf);
    buf_clear(&text);
}
END_TEST

START_TEST(printf_grows_the_buffer) {
    buf_t buf = {0};
    buf_printf(&buf, "%s", "");
    ck_assert_uint_eq(buf.size, 0);
    for (int i = 0; i < 1000; i++) buf_printf(&buf, "%d,", i);
    ck_assert_uint_eq(buf.size, 3890);
    ck_assert_mem_eq(buf.data + buf.size - 4, "999,", 4);
    buf_clear(&buf);
    ck_assert_ptr_null(buf.data);
}
END_TEST

int main(void) {
    const TTest *const tests[] = {
        a_double_reads_back_as_itself,
        a_double_at_an_edge_reads_back_as_itself,
        a_double_is_written_as_a_person_would,
        an_integer_is_written_as_printf_writes_it,
        any_text_comes_back_from_json,
        printf_grows_the_buffer,
        NULL,
    };
    return suite_run("buf", tests, 120);
}
