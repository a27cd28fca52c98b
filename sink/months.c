#include "sink/limits.h"
#include "sink/write.h"

#include "common/log.h"

#include <stdlib.h>
#include <time.h>

/* The database decides what of this it will make. */
static const statement_t statement_months = {
    "months", "SELECT month_add('transactions', at) FROM unnest($1::timestamptz[]) AS m(at)"};

/* Counted from January of the year 2000. */
static int month_of(int64_t postgres_time_us) {
    time_t seconds = (time_t)(postgres_time_us / 1000000 + POSTGRES_EPOCH_S);
    struct tm parts;
    gmtime_r(&seconds, &parts);
    return (parts.tm_year - 100) * 12 + parts.tm_mon;
}

static void month_note(int months[MONTHS_MAX], int *count, int month) {
    for (int i = 0; i < *count; i++) {
        if (months[i] == month) return;
    }
    if (*count < MONTHS_MAX) months[(*count)++] = month;
}

static int64_t month_time(int month) {
    struct tm parts = {.tm_year = 100 + month / 12, .tm_mon = month % 12, .tm_mday = 1};
    return postgres_time_of_ms((int64_t)timegm(&parts) * 1000);
}

err_t *months_add(write_t *write) {
    const rows_t *rows = &write->batch->rows[TABLE_TRANSACTIONS];
    int months[MONTHS_MAX], count = 0;
    for (int row = 0; row < rows->count; row++) {
        int month = month_of(rows_at(rows, row)[rows->table->time].integer);
        if (month >= 0) month_note(months, &count, month);
    }
    if (count == 0) return NULL;
    arrays_reset(write->arrays);
    buf_t *array = arrays_begin(write->arrays, OID_TIMESTAMPTZ, count);
    for (int i = 0; i < count; i++) array_add_int8(array, month_time(months[i]));
    err_t *err = postgres_write(write->postgres, &statement_months, write->arrays, NULL);
    if (!err || postgres_is_broken(write->postgres)) return err;
    log_warn("a month has no partition yet; its transfers wait in transactions_default",
             LOG_STR("error", err_message(err)));
    err_free(err);
    return NULL;
}
