#include "common/buf.h"
#include "processor/model.h"
#include "tests/support/suite.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* One tree: more than 481.4 received and a new edge, leaf 2.72, else −2.46. */
static const char tree[] = "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nlabel_index=0\n"
                           "max_feature_idx=1\nobjective=%s\nfeature_names=%s\n"
                           "feature_infos=[0:1] [2:992]\ntree_sizes=%d\n\n%send of trees\n";
static const char leaves[] =
    "Tree=0\nnum_leaves=3\nnum_cat=0\nsplit_feature=1 0\nsplit_gain=129.34 244.775\n"
    "threshold=481.4 1.0000000180025095e-35\ndecision_type=2 2\nleft_child=-1 -2\nright_child=1 -3\n"
    "leaf_value=-2.46 -2.46 2.72\nleaf_weight=37 18 19\nleaf_count=200 100 100\n"
    "internal_value=-1.14 0.19\ninternal_weight=73 36\ninternal_count=400 200\nis_linear=0\nshrinkage=1\n\n\n";

static char path[64];

static void write_file(const char *text) {
    strcpy(path, "/tmp/model.XXXXXX");
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

static void write_model(const char *objective, const char *names) {
    char text[4096];
    snprintf(text, sizeof text, tree, objective, names, (int)strlen(leaves), leaves);
    write_file(text);
}

/* Of the environment: ./test names the library of its Python environment. */
static const char *library(void) {
    const char *named = getenv("AMLSTREAM_LIGHTGBM");
    return named ? named : "";
}

/* The library where there is one; else says that the test is left out. */
static bool has_library(void) {
    model_t *model;
    write_model("binary sigmoid:1", "edge_is_new receiver_received_count");
    err_t *err = model_load(path, library(), &model);
    bool found = !err || !strstr(err_message(err), "cannot load LightGBM");
    if (!found) fprintf(stderr, "left out: %s\n", err_message(err));
    if (!err) model_free(model);
    err_free(err);
    unlink(path);
    return found;
}

static void assert_refused(const char *with, const char *part) {
    model_t *model;
    err_t *err = model_load(path, with, &model);
    unlink(path);
    ck_assert_ptr_nonnull(err);
    ck_assert_int_eq(err_exit_code(err), EXIT_USAGE);
    ck_assert_msg(strstr(err_message(err), part), "\"%s\" is not in: %s", part, err_message(err));
    err_free(err);
}

START_TEST(a_missing_file_or_library_is_said) {
    strcpy(path, "/nowhere/model.txt");
    assert_refused("", "AMLSTREAM_MODEL");
    write_model("binary sigmoid:1", "edge_is_new receiver_received_count");
    assert_refused("/nowhere/lib_lightgbm.so", "AMLSTREAM_LIGHTGBM");
    write_model("binary sigmoid:1", "edge_is_new receiver_received_count");
    assert_refused("libm.so.6", "LGBM_GetLastError");
}
END_TEST

START_TEST(a_file_that_is_not_whole_is_refused_before_the_library_sees_it) {
    char text[4096];
    write_file("nonsense");
    assert_refused(library(), "no model of LightGBM");
    int size = snprintf(text, sizeof text, tree, "binary sigmoid:1", "edge_is_new sender_bits",
                        (int)strlen(leaves), leaves);
    for (int cut = 1; cut < size; cut += 7) {
        text[size - cut] = '\0';
        write_file(text);
        assert_refused(library(), "cannot be used");
    }
    snprintf(text, sizeof text, tree, "binary sigmoid:1", "edge_is_new sender_bits", (int)strlen(leaves) - 1,
             leaves);
    write_file(text);
    assert_refused(library(), "sizes");
    write_model("regression", "edge_is_new receiver_received_count");
    assert_refused(library(), "objective must be binary");
}
END_TEST

START_TEST(a_feature_that_this_build_does_not_have_is_named) {
    if (!has_library()) return;
    write_model("binary sigmoid:1", "edge_is_new moon_phase");
    assert_refused(library(), "\"moon_phase\"");
}
END_TEST

static double sigmoid(double x) { return 1 / (1 + exp(-x)); }

START_TEST(features_are_matched_by_name_whatever_their_order) {
    if (!has_library()) return;
    static const char *const names[] = {"edge_is_new receiver_received_count", "sender_bits receiver_bits"};
    static const feature_t ids[][2] = {{FEATURE_EDGE_IS_NEW, FEATURE_RECEIVER_RECEIVED_COUNT},
                                       {FEATURE_SENDER_BITS, FEATURE_RECEIVER_BITS}};
    char versions[2][16];
    for (int i = 0; i < 2; i++) {
        model_t *model;
        model_scorer_t *scorers[2];
        write_model("binary sigmoid:1", names[i]);
        must(model_load(path, library(), &model));
        unlink(path);
        for (int s = 0; s < 2; s++) must(model_scorer_new(model, &scorers[s]));
        const risk_scorer_t *scorer = model_scorer_interface(scorers[1]);
        ck_assert_str_eq(scorer->version, model_version(model));
        strcpy(versions[i], scorer->version);
        model_scorer_free(scorers[0]);
        features_t features = {0};
        features.values[ids[i][1]] = 900;
        ck_assert_double_eq_tol(scorer->score(scorer->context, &features), sigmoid(-2.46), 1e-9);
        features.values[ids[i][0]] = 1;
        ck_assert_double_eq_tol(scorer->score(scorer->context, &features), sigmoid(2.72), 1e-9);
        double contributions[FEATURE_COUNT] = {0};
        scorer->explain(scorer->context, &features, contributions);
        for (int id = 0; id < FEATURE_COUNT; id++)
            ck_assert_int_eq(contributions[id] > 0, id == (int)ids[i][0] || id == (int)ids[i][1]);
        model_scorer_free(scorers[1]);
        model_free(model);
    }
    ck_assert_str_ne(versions[0], versions[1]);
}
END_TEST

int main(void) {
    const TTest *tests[] = {
        a_missing_file_or_library_is_said,
        a_file_that_is_not_whole_is_refused_before_the_library_sees_it,
        a_feature_that_this_build_does_not_have_is_named,
        features_are_matched_by_name_whatever_their_order,
        NULL,
    };
    return suite_run("model", tests, 60);
}
