/* Commands for the processors, by the topic risk-control. */
#pragma once

#include "common/buf.h"
#include "common/settings.h"

enum { CONTROL_RUN_ID_SIZE = 64 };

/* The command as JSON, with rules: a file's text as it stands, so that lines in errors are the file's; a
 * preset
 * ("preset:strict"); or NULL: none. */
err_t *control_add_command(buf_t *out, const char *name, const char *rules);
/* Sends it under a new run id, `<prefix>-20261124T230512-1a2b3c4d`, and waits until Kafka has it. */
err_t *control_send(const settings_t *settings, const char *prefix, const buf_t *command,
                    char run_id[CONTROL_RUN_ID_SIZE]);
