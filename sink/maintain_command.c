#include "sink/maintain.h"
#include "sink/sink.h"

#include <inttypes.h>
#include <stdio.h>

static const setting_t settings_table[] = {
    SETTING_DATABASE,
    SETTINGS_MAINTAIN,
    {NULL, NULL, NULL},
};

static void report_print(const maintain_report_t *report) {
    if (report->elsewhere) {
        printf("nothing done: another process maintains the tables now\n");
        return;
    }
    printf("months: %" PRId64 " added, %" PRId64 " dropped; refused records: %" PRId64
           " deleted; rollups: %" PRId64 " hours of transfers, %" PRId64 " days of alerts\n",
           report->months_added, report->months_dropped, report->errors_deleted, report->hours_rolled,
           report->days_rolled);
}

static err_t *maintain_run(settings_t *settings) {
    maintain_options_t options;
    maintain_report_t report;
    postgres_t *postgres;
    TRY(maintain_options_read(settings, &options));
    TRY(postgres_connect(&(postgres_options_t){.url = settings_get(settings, "DATABASE_URL")}, &postgres));
    err_t *err = maintain(postgres, &options, &report);
    postgres_free(postgres);
    if (!err) report_print(&report);
    return err;
}

const command_t maintain_command = {
    .name = "maintain",
    .summary = "Adds and drops months, deletes old errors, updates rollups; the sink does so by itself.",
    .settings = settings_table,
    .run = maintain_run,
};
