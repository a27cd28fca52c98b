/* Sends refused records again to where they came from. */
#pragma once

#include "common/settings.h"
#include "sink/dead_letters.h"

typedef struct replay replay_t;

err_t *replay_new(const settings_t *settings, replay_t **out);
void replay_free(replay_t *replay);

/* The topic that the record goes to. */
const char *replay_topic(const letter_t *letter);
/* Sends them all, each with its key, and waits until Kafka has them. Of a record that is too large for
 * Postgres the whole is read from Kafka; it is an error where it is no longer there. */
err_t *replay_send(replay_t *replay, const letters_t *letters);
