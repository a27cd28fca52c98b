#include "sink/schema/steps.h"

/* Partitions by month, of the tables whose old rows go by dropping their month. A table T has its partitions
 * T_yYYYYmMM, and T_default for rows of months that have none: those before 2009, when there was nothing to
 * transfer yet, and those far ahead. So what a client claims about time makes no more than some two hundred
 * partitions, and a row always has a place.
 *
 * month_add attaches what it made in place of creating a partition: that takes no lock which would stop the
 * readers and writers of other months, only those who would do the same. Rows of the month that wait in
 * T_default move over.
 *
 * Both run with the rights of whoever migrated: the sink's role may write rows and no more. They lead to
 * nothing but these tables, and find them where the migration found them. */

/* SQL in pieces keeps its own lines. */
/* clang-format off */
const char schema_months[] =
    "CREATE FUNCTION month_first(at timestamptz) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS"
    " $$ SELECT date_trunc('month', at, 'UTC') $$;"

    "CREATE FUNCTION month_next(at timestamptz) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS"
    " $$ SELECT (date_trunc('month', at AT TIME ZONE 'UTC') + interval '1 month') AT TIME ZONE 'UTC' $$;"

    "CREATE FUNCTION month_partition(parent text, at timestamptz) RETURNS text LANGUAGE sql IMMUTABLE AS"
    " $$ SELECT parent || to_char(at AT TIME ZONE 'UTC', '\"_y\"YYYY\"m\"MM') $$;"

    "CREATE FUNCTION month_key(parent text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$\n"
    "BEGIN\n"
    "  CASE parent\n"
    "    WHEN 'transactions' THEN RETURN 'timestamp';\n"
    "    WHEN 'risk_score_history' THEN RETURN 'changed_at';\n"
    "  END CASE;\n"
    "END $$;"

    "CREATE FUNCTION month_add(parent text, at timestamptz) RETURNS boolean"
    " LANGUAGE plpgsql SECURITY DEFINER SET lock_timeout = '500ms' AS $$\n"
    "DECLARE\n"
    "  key text := month_key(parent);\n"
    "  part text := month_partition(parent, at);\n"
    "BEGIN\n"
    "  IF at < '2009-01-01+00' OR at >= month_next(month_next(month_next(now()))) THEN RETURN false; END IF;\n"
    "  IF to_regclass(part) IS NOT NULL THEN RETURN false; END IF;\n"
    "  EXECUTE format('LOCK TABLE %I IN SHARE UPDATE EXCLUSIVE MODE', parent);\n"
    "  IF to_regclass(part) IS NOT NULL THEN RETURN false; END IF;\n"
    "  EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL)', part, parent);\n"
    "  EXECUTE format('LOCK TABLE %I IN ACCESS EXCLUSIVE MODE', parent || '_default');\n"
    "  EXECUTE format('WITH moved AS (DELETE FROM %I WHERE %I >= $1 AND %I < $2 RETURNING *)'\n"
    "    ' INSERT INTO %I SELECT * FROM moved', parent || '_default', key, key, part)\n"
    "    USING month_first(at), month_next(at);\n"
    "  EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',\n"
    "    parent, part, month_first(at), month_next(at));\n"
    "  RETURN true;\n"
    "END $$;"
    "COMMENT ON FUNCTION month_add IS"
    " 'makes the partition of this time''s month; false where it was there or is out of bounds';"

    "CREATE FUNCTION month_drop(parent text, at timestamptz) RETURNS boolean"
    " LANGUAGE plpgsql SECURITY DEFINER SET lock_timeout = '5s' AS $$\n"
    "DECLARE\n"
    "  part text := month_partition(parent, at);\n"
    "BEGIN\n"
    "  PERFORM month_key(parent);\n"
    "  IF to_regclass(part) IS NULL THEN RETURN false; END IF;\n"
    "  EXECUTE format('DROP TABLE %I', part);\n"
    "  RETURN true;\n"
    "END $$;"
    "COMMENT ON FUNCTION month_drop IS 'drops the partition of this time''s month, with its rows';"

    "DO $$ DECLARE signature text; BEGIN\n"
    "  FOREACH signature IN ARRAY ARRAY['month_add(text, timestamptz)', 'month_drop(text, timestamptz)'] LOOP\n"
    "    EXECUTE format('ALTER FUNCTION %s SET search_path = %I, pg_temp', signature, current_schema());\n"
    "    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', signature);\n"
    "  END LOOP;\n"
    "END $$;"

    "CREATE VIEW months AS"
    " SELECT p.relname AS parent, c.relname AS name,"
    "  to_timestamp(right(c.relname, 7), 'YYYY\"m\"MM') AT TIME ZONE current_setting('TimeZone') AT TIME ZONE 'UTC' AS month"
    " FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhparent JOIN pg_class c ON c.oid = i.inhrelid"
    " WHERE p.relname IN ('transactions', 'risk_score_history') AND p.relnamespace = current_schema()::regnamespace"
    "  AND c.relname ~ '_y[0-9]{4}m[0-9]{2}$';"
    "COMMENT ON VIEW months IS 'the partitions that there are';";
/* clang-format on */
