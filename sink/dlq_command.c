#include "common/kafka.h"
#include "sink/limits.h"
#include "sink/replay.h"
#include "sink/sink.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const setting_t settings_table[] = {
    SETTING_DATABASE,
    SETTING_KAFKA,
    {"TOPIC", "", "only records refused in this topic, named in full"},
    {"REASON", "", "only records whose reason has this text in it"},
    {"LIMIT", "100", "most records at once"},
    {"EVERY", "false", "replay all that the filter lets through, oldest first, in place of single ones"},
    {"AGAIN", "false", "replay those too that were replayed before"},
    {NULL, NULL, NULL},
};

static err_t *filter_read(const settings_t *settings, letters_filter_t *filter) {
    *filter = (letters_filter_t){.topic = settings_get(settings, "TOPIC"),
                                 .reason = settings_get(settings, "REASON"),
                                 .replayed_too = true};
    return settings_int(settings, "LIMIT", 1, LETTERS_MAX, &filter->limit);
}

/* What a terminal or a log would take for more than text. */
static void text_print(const char *text, size_t size) {
    for (size_t i = 0; i < size; i++) {
        bool is_control = ((unsigned char)text[i] < 0x20 && text[i] != '\t') || text[i] == 0x7f;
        putchar(is_control ? '?' : text[i]);
    }
}

/* list */

static void letter_list(const letter_t *letter) {
    printf("%s:%" PRId32 ":%" PRId64 "  %s  %" PRId64 " bytes%s  ", letter->topic, letter->partition,
           letter->offset, letter->created_at, letter->payload_size, letter->replayed_at ? "  replayed" : "");
    text_print(letter->reason, strlen(letter->reason));
    putchar('\n');
}

static err_t *list(const settings_t *settings, postgres_t *postgres) {
    letters_filter_t filter;
    letters_t letters;
    int64_t count;
    TRY(filter_read(settings, &filter));
    TRY(letters_count(postgres, &filter, &count));
    TRY(letters_select(postgres, &filter, &letters));
    for (int i = 0; i < letters.count; i++) letter_list(&letters.items[i]);
    printf("%d of %" PRId64 " refused records\n", letters.count, count);
    letters_clear(&letters);
    return NULL;
}

/* show */

static void letter_show(const letter_t *letter) {
    printf("record: %s:%" PRId32 ":%" PRId64 "\nreason: ", letter->topic, letter->partition, letter->offset);
    text_print(letter->reason, strlen(letter->reason));
    printf("\nstored: %s\n", letter->created_at);
    if (letter->source_topic)
        printf("came from: %s:%s:%s\n", letter->source_topic,
               letter->source_partition ? letter->source_partition : "?",
               letter->source_offset ? letter->source_offset : "?");
    if (letter->replayed_at) printf("replayed: %s\n", letter->replayed_at);
    if (letter->key) {
        printf("key: ");
        text_print(letter->key, letter->key_size);
        putchar('\n');
    }
    if (!letter->payload) {
        printf("no value\n");
        return;
    }
    printf("value, %zu of %" PRId64 " bytes:\n", letter->payload_kept, letter->payload_size);
    text_print(letter->payload, letter->payload_kept);
    putchar('\n');
}

static err_t *show(const settings_t *settings, postgres_t *postgres) {
    if (settings_argument_count(settings) < 2)
        return err_new_code(EXIT_USAGE, "which record? `amlstream dlq show TOPIC:PARTITION:OFFSET`");
    for (int i = 1; i < settings_argument_count(settings); i++) {
        letters_t letters;
        err_t *err = letters_find(postgres, settings_argument(settings, i), &letters);
        if (!err) letter_show(&letters.items[0]);
        letters_clear(&letters);
        if (err) return err;
    }
    return NULL;
}

/* replay */

static err_t *letters_replay(postgres_t *postgres, replay_t *replay, const letters_t *letters) {
    if (!letters->count) return NULL;
    TRY(replay_send(replay, letters));
    TRY(letters_mark(postgres, letters));
    for (int i = 0; i < letters->count; i++) {
        const letter_t *letter = &letters->items[i];
        printf("%s:%" PRId32 ":%" PRId64 " sent to %s\n", letter->topic, letter->partition, letter->offset,
               replay_topic(letter));
    }
    return NULL;
}

static err_t *replay_every(const settings_t *settings, postgres_t *postgres, replay_t *replay) {
    letters_filter_t filter;
    letters_t letters;
    int64_t count;
    TRY(filter_read(settings, &filter));
    filter.replayed_too = settings_is_on(settings, "AGAIN");
    filter.oldest_first = true;
    TRY(letters_count(postgres, &filter, &count));
    TRY(letters_select(postgres, &filter, &letters));
    err_t *err = letters_replay(postgres, replay, &letters);
    if (!err) printf("%d of %" PRId64 " refused records replayed\n", letters.count, count);
    letters_clear(&letters);
    return err;
}

static err_t *replay_one(const settings_t *settings, postgres_t *postgres, replay_t *replay, const char *id) {
    letters_t letters;
    err_t *err = letters_find(postgres, id, &letters);
    if (!err && letters.items[0].replayed_at && !settings_is_on(settings, "AGAIN"))
        err = err_new("%s was replayed at %s; --again does it once more", id, letters.items[0].replayed_at);
    if (!err) err = letters_replay(postgres, replay, &letters);
    letters_clear(&letters);
    return err;
}

static err_t *replay(const settings_t *settings, postgres_t *postgres) {
    bool every = settings_is_on(settings, "EVERY");
    int count = settings_argument_count(settings);
    if (every == (count > 1))
        return err_new_code(EXIT_USAGE,
                            "either name records, `amlstream dlq replay TOPIC:PARTITION:OFFSET …`, or "
                            "give --every");
    replay_t *sender;
    TRY(replay_new(settings, &sender));
    err_t *err = every ? replay_every(settings, postgres, sender) : NULL;
    for (int i = 1; !err && i < count; i++)
        err = replay_one(settings, postgres, sender, settings_argument(settings, i));
    replay_free(sender);
    return err;
}

static err_t *dlq_run(settings_t *settings) {
    static const struct {
        const char *name;
        err_t *(*run)(const settings_t *settings, postgres_t *postgres);
    } actions[] = {{"list", list}, {"show", show}, {"replay", replay}};
    const char *name = settings_argument_count(settings) > 0 ? settings_argument(settings, 0) : "";
    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++) {
        if (strcmp(name, actions[i].name) != 0) continue;
        postgres_t *postgres;
        TRY(postgres_connect(&(postgres_options_t){.url = settings_get(settings, "DATABASE_URL")},
                             &postgres));
        err_t *err = actions[i].run(settings, postgres);
        err = postgres_refusal(postgres, err);
        postgres_free(postgres);
        return err;
    }
    return err_new_code(EXIT_USAGE, "\"%s\" is nothing to do; list, show or replay", name);
}

const command_t dlq_command = {
    .name = "dlq",
    .summary = "Lists, shows and replays the records that were refused.",
    .arguments = "list | show ID… | replay ID…",
    .details =
        "An ID is TOPIC:PARTITION:OFFSET. A dead letter of the processor goes back to the topic that it came "
        "from, a record that the sink or Postgres refused to its own topic, each with its key.",
    .settings = settings_table,
    .run = dlq_run,
};
