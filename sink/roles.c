#include "sink/roles.h"

#include <string.h>

#define ROLES "'amlstream_sink', 'amlstream_api'"

/* SQL in pieces keeps its own lines. */
/* clang-format off */
static const char state_sql[] =
    "SELECT CASE WHEN (SELECT count(*) FROM pg_roles WHERE rolname IN (" ROLES ")) = 2 THEN 'there'"
    " WHEN rolcreaterole OR rolsuper THEN 'missing' ELSE 'denied' END, current_user"
    " FROM pg_roles WHERE rolname = current_user";

/* Roles belong to the whole server: another database's migration may make them at the same time. */
static const char create_sql[] =
    "DO $$ DECLARE role text; BEGIN\n"
    "  FOREACH role IN ARRAY ARRAY[" ROLES "] LOOP\n"
    "    BEGIN EXECUTE format('CREATE ROLE %I NOLOGIN', role);\n"
    "    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END;\n"
    "  END LOOP;\n"
    "END $$";

static const char grant_sql[] =
    "DO $$ DECLARE wanted record; wanted_right text; BEGIN\n"
    "  FOR wanted IN SELECT * FROM (VALUES\n"
    "    ('amlstream_sink', 'risk_score_history alert_events', 'SELECT INSERT'),\n"
    "    ('amlstream_sink', 'transactions', 'SELECT INSERT UPDATE'),\n"
    "    ('amlstream_sink', 'transaction_ids', 'SELECT INSERT DELETE'),\n"
    "    ('amlstream_sink', 'transactions_default risk_score_history_default', 'SELECT DELETE'),\n"
    "    ('amlstream_sink', 'risk_scores alerts scoring_runs scoring_run_scores', 'SELECT INSERT UPDATE'),\n"
    "    ('amlstream_sink', 'sink_offsets ingestion_state transfers_hourly alerts_daily rollup_state',\n"
    "      'SELECT INSERT UPDATE'),\n"
    "    ('amlstream_sink', 'labels ingestion_errors', 'SELECT INSERT UPDATE DELETE'),\n"
    "    ('amlstream_sink', 'schema_migrations months', 'SELECT'),\n"
    "    ('amlstream_api', 'api_keys', 'SELECT INSERT UPDATE DELETE'),\n"
    "    ('amlstream_api', 'alert_events', 'SELECT INSERT'),\n"
    "    ('amlstream_api', (SELECT string_agg(relname, ' ') FROM pg_class WHERE relkind IN ('r', 'p', 'v')\n"
    "      AND relnamespace = current_schema()::regnamespace AND NOT relispartition), 'SELECT')\n"
    "  ) AS w(role, names, rights), string_to_table(names, ' ') AS name LOOP\n"
    "    FOREACH wanted_right IN ARRAY string_to_array(wanted.rights, ' ') LOOP\n"
    "      IF NOT has_table_privilege(wanted.role, quote_ident(wanted.name), wanted_right) THEN\n"
    "        EXECUTE format('GRANT %s ON %I TO %I', wanted_right, wanted.name, wanted.role);\n"
    "      END IF;\n"
    "    END LOOP;\n"
    "  END LOOP;\n"
    "  FOR wanted IN SELECT role, f FROM (VALUES ('amlstream_sink')) AS r(role), unnest(ARRAY[\n"
    "    'month_add(text, timestamptz)', 'month_drop(text, timestamptz)']) AS f LOOP\n"
    "    IF NOT has_function_privilege(wanted.role, wanted.f, 'EXECUTE') THEN\n"
    "      EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO %I', wanted.f, wanted.role);\n"
    "    END IF;\n"
    "  END LOOP;\n"
    "  FOR wanted IN SELECT unnest(ARRAY[" ROLES "]) AS role LOOP\n"
    "    IF NOT has_schema_privilege(wanted.role, current_schema(), 'USAGE') THEN\n"
    "      EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', current_schema(), wanted.role);\n"
    "    END IF;\n"
    "  END LOOP;\n"
    "END $$";
/* clang-format on */

static err_t *in_transaction(postgres_t *postgres, bool missing) {
    TRY(postgres_exec(postgres, "BEGIN; SELECT pg_advisory_xact_lock(hashtext('amlstream roles'))"));
    if (missing) TRY(postgres_exec(postgres, create_sql));
    TRY(postgres_exec(postgres, grant_sql));
    return postgres_exec(postgres, "COMMIT");
}

static void denial_say(buf_t *why_not, const char *reason) {
    buf_printf(why_not,
               "the roles amlstream_sink and amlstream_api are not there with all their rights: %s; run "
               "`amlstream migrate` once as a user that may, or do without them",
               reason);
}

err_t *roles_grant(postgres_t *postgres, buf_t *why_not) {
    PGresult *result;
    buf_reset(why_not);
    TRY(postgres_query(postgres, state_sql, &result));
    const char *state = PQgetvalue(result, 0, 0);
    bool missing = strcmp(state, "missing") == 0, denied = strcmp(state, "denied") == 0;
    if (denied) {
        buf_t reason = {0};
        buf_printf(&reason, "\"%s\" may not create roles", PQgetvalue(result, 0, 1));
        denial_say(why_not, buf_cstr(&reason));
        buf_clear(&reason);
    }
    PQclear(result);
    if (denied) return NULL;
    err_t *err = in_transaction(postgres, missing);
    if (!err || postgres_is_broken(postgres)) return err;
    bool refused = postgres_was_refused(postgres);
    err_free(postgres_exec(postgres, "ROLLBACK"));
    if (!refused) return err;
    denial_say(why_not, err_message(err));
    err_free(err);
    return NULL;
}
