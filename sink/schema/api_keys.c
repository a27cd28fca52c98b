#include "sink/schema/steps.h"

/* SQL in pieces keeps its own lines. */
/* clang-format off */
const char schema_api_keys[] =
    "CREATE TABLE api_keys ("
    " key_id text COLLATE \"C\" PRIMARY KEY,"
    " name text NOT NULL,"
    " key_hash bytea NOT NULL UNIQUE,"
    " role text NOT NULL CHECK (role IN ('reader', 'analyst', 'admin')),"
    " requests_per_minute int CHECK (requests_per_minute > 0),"
    " created_at timestamptz NOT NULL DEFAULT now(),"
    " expires_at timestamptz,"
    " revoked_at timestamptz,"
    " last_used_at timestamptz);"
    "COMMENT ON COLUMN api_keys.key_hash IS 'SHA-256 of the key, which is nowhere stored';";
/* clang-format on */
