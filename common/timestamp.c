#include "common/timestamp.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MS_LEAST INT64_C(-62135596800000) /* 0001-01-01T00:00:00.000Z */
#define MS_MOST  INT64_C(253402300799999) /* 9999-12-31T23:59:59.999Z */

enum { DAY_MS = 86400000, NUMBER_SIZE_MAX = 63, INTEGER_DIGITS_MAX = 15 };

/* The proleptic Gregorian calendar in years that start in March, so that the leap day comes last. */
static int64_t days_from_civil(int year, int month, int day) {
    year -= month <= 2;
    int era = (year >= 0 ? year : year - 399) / 400;
    int year_of_era = year - era * 400;
    int day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return (int64_t)era * 146097 + day_of_era - 719468;
}

static void civil_from_days(int64_t days, int *year, int *month, int *day) {
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int day_of_era = (int)(days - era * 146097);
    int year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int shifted_month = (5 * day_of_year + 2) / 153;
    *day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    *month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
    *year = (int)(era * 400) + year_of_era + (*month <= 2);
}

static int days_in_month(int year, int month) {
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (month == 2 && leap);
}

typedef struct {
    const char *at, *end;
} reader_t;

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static bool read_digits(reader_t *in, int count, int *value) {
    if (in->end - in->at < count) return false;
    *value = 0;
    for (int i = 0; i < count; i++, in->at++) {
        if (!is_digit(*in->at)) return false;
        *value = *value * 10 + (*in->at - '0');
    }
    return true;
}

static bool read_char(reader_t *in, char c) {
    if (in->at == in->end || *in->at != c) return false;
    in->at++;
    return true;
}

/* Digits beyond the millisecond are dropped. */
static bool read_fraction(reader_t *in, int *ms) {
    const char *start = in->at;
    int scale = 100;
    for (; in->at < in->end && is_digit(*in->at); in->at++, scale /= 10) *ms += (*in->at - '0') * scale;
    return in->at > start;
}

static bool read_time(reader_t *in, int64_t *ms) {
    int hour, minute, second = 0, fraction_ms = 0;
    if (!read_digits(in, 2, &hour) || !read_char(in, ':') || !read_digits(in, 2, &minute)) return false;
    if (read_char(in, ':')) {
        if (!read_digits(in, 2, &second)) return false;
        if (read_char(in, '.') && !read_fraction(in, &fraction_ms)) return false;
    }
    if (hour > 23 || minute > 59 || second > 59) return false;
    *ms = ((hour * 60 + minute) * 60 + second) * INT64_C(1000) + fraction_ms;
    return true;
}

static bool read_zone(reader_t *in, int64_t *offset_ms) {
    *offset_ms = 0;
    if (in->at == in->end || read_char(in, 'Z') || read_char(in, 'z')) return true;
    int sign = read_char(in, '+') ? 1 : read_char(in, '-') ? -1 : 0;
    int hour, minute;
    if (!sign || !read_digits(in, 2, &hour)) return false;
    (void)read_char(in, ':');
    if (!read_digits(in, 2, &minute) || hour > 23 || minute > 59) return false;
    *offset_ms = sign * (hour * 60 + minute) * INT64_C(60000);
    return true;
}

static bool parse_iso(reader_t in, int64_t *ms) {
    int year, month, day;
    if (!read_digits(&in, 4, &year) || !read_char(&in, '-') || !read_digits(&in, 2, &month) ||
        !read_char(&in, '-') || !read_digits(&in, 2, &day)) {
        return false;
    }
    if (year < 1 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month)) return false;
    int64_t time_ms = 0, offset_ms = 0;
    if (in.at < in.end) {
        if (!read_char(&in, 'T') && !read_char(&in, 't') && !read_char(&in, ' ')) return false;
        if (!read_time(&in, &time_ms) || !read_zone(&in, &offset_ms)) return false;
    }
    if (in.at != in.end) return false;
    int64_t result = days_from_civil(year, month, day) * DAY_MS + time_ms - offset_ms;
    if (result < MS_LEAST || result > MS_MOST) return false;
    *ms = result;
    return true;
}

static bool parse_number(const char *text, size_t size, int64_t *ms) {
    if (size == 0 || size > NUMBER_SIZE_MAX) return false;
    int64_t integer = 0;
    bool plain = size <= INTEGER_DIGITS_MAX;
    for (size_t i = 0; i < size; i++) {
        if (is_digit(text[i])) {
            if (plain) integer = integer * 10 + (text[i] - '0');
        } else {
            plain = false;
            if (!strchr("+-.eE", text[i]) || !text[i]) return false;
        }
    }
    if (plain) return timestamp_of_number((double)integer, ms);
    char copy[NUMBER_SIZE_MAX + 1], *end;
    memcpy(copy, text, size);
    copy[size] = '\0';
    double value = strtod(copy, &end);
    return end == copy + size && timestamp_of_number(value, ms);
}

bool timestamp_parse(const char *text, size_t size, int64_t *ms) {
    bool dated = size >= 10 && text[4] == '-' && is_digit(text[0]) && is_digit(text[1]);
    return dated ? parse_iso((reader_t){text, text + size}, ms) : parse_number(text, size, ms);
}

bool timestamp_of_number(double value, int64_t *ms) {
    if (!isfinite(value)) return false;
    double result = fabs(value) < 1e11 ? value * 1000 : value;
    if (result < (double)MS_LEAST || result > (double)MS_MOST) return false;
    *ms = llround(result);
    return true;
}

static void put_digits(char *out, int count, int value) {
    while (count--) {
        out[count] = (char)('0' + value % 10);
        value /= 10;
    }
}

void timestamp_format(int64_t ms, char out[TIMESTAMP_SIZE_MAX]) {
    if (ms < MS_LEAST) ms = MS_LEAST;
    if (ms > MS_MOST) ms = MS_MOST;
    int64_t days = ms / DAY_MS - (ms % DAY_MS < 0);
    int in_day = (int)(ms - days * DAY_MS);
    int year, month, day;
    civil_from_days(days, &year, &month, &day);
    memcpy(out, "0000-00-00T00:00:00.000Z", 25);
    put_digits(out, 4, year);
    put_digits(out + 5, 2, month);
    put_digits(out + 8, 2, day);
    put_digits(out + 11, 2, in_day / 3600000);
    put_digits(out + 14, 2, in_day / 60000 % 60);
    put_digits(out + 17, 2, in_day / 1000 % 60);
    put_digits(out + 20, 3, in_day % 1000);
}

void buf_add_timestamp(buf_t *buf, int64_t ms) {
    char text[TIMESTAMP_SIZE_MAX];
    timestamp_format(ms, text);
    buf_add_char(buf, '"');
    buf_add(buf, text, 24);
    buf_add_char(buf, '"');
}

static int64_t clock_us(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t clock_now_ms(void) { return clock_us(CLOCK_REALTIME) / 1000; }

int64_t clock_monotonic_us(void) { return clock_us(CLOCK_MONOTONIC); }
