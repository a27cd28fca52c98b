#include "sink/migrate.h"
#include "sink/roles.h"
#include "sink/sink.h"

#include <stdio.h>

static const setting_t settings_table[] = {
    SETTING_DATABASE,
    {"DRY_RUN", "false", "print the statements that would be run, and change nothing"},
    {"STATUS", "false", "print which migrations were applied, and change nothing"},
    {NULL, NULL, NULL},
};

static err_t *each_show(postgres_t *postgres, bool with_sql) {
    for (const migration_t *step = migrations; step->version; step++) {
        bool applied;
        TRY(migration_is_applied(postgres, step, &applied));
        if (!with_sql)
            printf("%d %s: %s\n", step->version, step->name, applied ? "applied" : "missing");
        else if (!applied)
            printf("-- %d %s\n%s\n", step->version, step->name, step->sql);
    }
    return NULL;
}

static int applied_count;

static void applied_tell(const migration_t *step) {
    applied_count++;
    printf("applied %d %s\n", step->version, step->name);
}

static err_t *each_apply(postgres_t *postgres) {
    TRY(migrate(postgres, migrations, applied_tell));
    if (applied_count == 0) printf("nothing to do: the database is up to date\n");
    buf_t why_not = {0};
    err_t *err = roles_grant(postgres, &why_not);
    if (why_not.size) printf("%s\n", buf_cstr(&why_not));
    buf_clear(&why_not);
    return err;
}

static err_t *migrate_run(settings_t *settings) {
    bool with_sql = settings_is_on(settings, "DRY_RUN"), status = settings_is_on(settings, "STATUS");
    postgres_t *postgres;
    TRY(postgres_connect(&(postgres_options_t){.url = settings_get(settings, "DATABASE_URL")}, &postgres));
    err_t *err = with_sql || status ? each_show(postgres, with_sql) : each_apply(postgres);
    err = postgres_refusal(postgres, err);
    postgres_free(postgres);
    return err;
}

const command_t migrate_command = {
    .name = "migrate",
    .summary = "Creates or updates the tables in Postgres; may run any number of times.",
    .settings = settings_table,
    .run = migrate_run,
};
