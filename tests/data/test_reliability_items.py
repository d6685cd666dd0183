"""Faults of data, downloads and archives, each with the tests that show what becomes of it.

The numbers are those of the project's list of faults, of which these are the ones that data bring.
"""

import ast
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
LISTING, PICTURES, ARRAYS = (
    "data/images/test_listing.py",
    "data/images/test_images.py",
    "data/sources/test_arrays.py",
)
NPZ, TABLE, TABLES = "data/sources/test_formats.py", "data/tables/test_table.py", "data/tables/test_tables.py"
SEQUENCES, IDX, CIFAR = "data/sources/test_sequences.py", "data/sources/test_formats.py", "data/sources/test_formats.py"
CHECKS, FILES, SPLIT = "data/check/test_checks.py", "data/check/test_files.py", "data/test_split.py"
DECODE, MODES, POOL = "data/images/test_decode.py", "data/images/test_modes.py", "data/images/test_decode_pool.py"
DOWNLOAD, FETCH, UNTAR = "data/test_download.py", "data/sources/test_named.py", "data/test_download.py"
NETWORK, LOOP, COMMANDS = "recipe/test_network.py", "training/test_loop.py", "cli/test_commands.py"
LEARN, STANDARDISE = "data/tables/test_schema.py", "models/modules/test_standardise.py"

ITEMS: dict[int, dict[str, tuple[str, ...]]] = {
    11: {
        "any script, spaces, newline, leading dash, 255 bytes": (
            f"{LISTING}::test_strange_names_are_read",
            f"{COMMANDS}::test_names_of_files_steer_no_terminal",
        ),
        "no encoding": (f"{LISTING}::test_names_in_no_encoding",),
        "twins in composition or case": (
            f"{LISTING}::test_names_that_differ_in_spelling_only",
            f"{LISTING}::test_files_whose_names_differ_in_spelling_only_are_two_files",
            f"{PICTURES}::test_classes_that_differ_in_spelling_only_are_not_left_out",
            f"{CHECKS}::test_class_names_that_differ_in_spelling_only",
            f"{CHECKS}::test_a_training_is_told_of_names_that_differ_in_spelling_only",
        ),
    },
    17: {
        "negative": (
            f"{NPZ}::test_a_label_that_is_none_is_told_with_file_and_row",
            f"{ARRAYS}::test_problems_of_both_parts_are_told_at_once",
        ),
        "not whole": (
            f"{NPZ}::test_a_label_that_is_none_is_told_with_file_and_row",
            f"{ARRAYS}::test_a_label_that_is_not_whole_among_many_makes_no_values",
            f"{TABLE}::test_a_label_that_is_none_is_told_with_file_and_row",
            "data/tables/test_roles.py::test_a_number_that_is_not_whole_among_many_could_be_a_slip",
        ),
        "missing or infinite": (
            f"{ARRAYS}::test_missing_labels",
            f"{ARRAYS}::test_empty_texts_are_missing_labels",
            f"{ARRAYS}::test_labels_without_end",
            f"{TABLE}::test_a_label_that_is_none_is_told_with_file_and_row",
        ),
        "outside the classes": (
            f"{ARRAYS}::test_numbers_must_be_below_the_number_of_classes",
            f"{ARRAYS}::test_rows_of_the_test_part_are_its_own",
            f"{CHECKS}::test_labels_outside_the_classes",
        ),
        "against the network": (f"{NETWORK}::test_an_own_module_must_fit_the_data",),
    },
    18: {
        "all are listed": (
            f"{PICTURES}::test_all_that_is_wrong_is_said_at_once",
            f"{FILES}::test_everything_planted_is_found_at_once",
            f"{FILES}::test_what_check_stops_at_training_stops_at",
        ),
        "cut, empty, another format": (
            f"{DECODE}::test_what_is_no_picture",
            f"{DECODE}::test_other_formats_are_refused_whatever_pillow_could",
            "run/test_predict.py::test_the_content_decides_and_not_the_name",
            "run/test_predict.py::test_a_picture_that_was_cut_off_is_refused",
        ),
        "skipped: at most 1%": (
            f"{PICTURES}::test_a_few_bad_pictures_may_be_left_out",
            f"{PICTURES}::test_more_than_a_few_are_not_left_out",
        ),
        "skipped: no class": (
            f"{PICTURES}::test_no_class_is_left_out_whole",
            f"{PICTURES}::test_no_class_folder_is_left_out_whole",
        ),
        "one that stops its process": (f"{POOL}::test_a_bad_end_names_the_picture_and_leaves_nobody_behind",),
    },
    19: {
        "every mode": (
            f"{MODES}::test_golden_pixels",
            f"{MODES}::test_every_mode_of_the_table_is_brought_to_grey_or_colour",
        ),
        "refused": (
            f"{MODES}::test_floats_that_do_not_say_what_white_is",
            f"{MODES}::test_32_bit_whole_numbers_do_not_say_what_white_is",
            f"{MODES}::test_a_mode_outside_the_table_is_refused",
        ),
        "turned by a note": (f"{DECODE}::test_a_photograph_is_turned_as_its_note_says",),
        "frames and pages": (
            f"{DECODE}::test_of_several_frames_the_first_is_taken",
            f"{PICTURES}::test_of_several_frames_it_is_said_that_one_is_taken",
        ),
        "in prediction": ("run/test_predict.py::test_sixteen_bits_are_scaled_and_not_clipped",),
    },
    20: {
        "pictures": ("data/images/test_bombs.py::test_bombs_are_refused_and_take_no_memory",),
        "the limit may be raised": ("data/images/test_limit.py::test_pictures_are_measured_by_it",),
        "zip": (
            f"{LISTING}::test_a_member_packed_beyond_reason_is_refused",
            "data/sources/test_npy.py::test_a_bomb_is_refused_by_its_header",
        ),
        "gzip": (f"{IDX}::test_an_archive_that_unpacks_to_more_than_it_says_is_not_unpacked_to_its_end",),
        "claimed memory": (f"{IDX}::test_a_header_that_claims_more_than_there_is_memory",),
    },
    21: {
        "loops": (f"{LISTING}::test_links_that_lead_in_a_circle_end",),
        "links out of the folder": (f"{LISTING}::test_links_are_not_followed",),
        "pipes, sockets, devices": (
            f"{LISTING}::test_nothing_that_could_block_is_opened",
            f"{LISTING}::test_devices_are_not_opened",
            "run/test_predict.py::test_a_device_is_no_file",
        ),
        "unreadable": (
            f"{LISTING}::test_a_folder_that_cannot_be_read_is_told",
            f"{LISTING}::test_a_data_folder_that_cannot_be_read_is_told",
        ),
        "once": (f"{LISTING}::test_each_file_is_taken_once",),
    },
    22: {
        "exact": (
            f"{CHECKS}::test_leaks_are_counted_by_the_later_part",
            f"{CHECKS}::test_leaks_are_found_by_keys_where_the_inputs_are_not_what_was_read",
            f"{POOL}::test_equal_pixels_have_equal_keys_in_any_format",
            f"{TABLE}::test_texts_of_unknown_words_are_not_the_same_text",
        ),
        "near": (
            f"{CHECKS}::test_near_duplicates_are_told_by_parts",
            "data/check/test_near_duplicates.py::test_the_same_photograph_is_known_again_and_no_other",
        ),
        "kept together": (
            f"{SPLIT}::test_duplicates_stay_together",
            f"{PICTURES}::test_equal_pictures_belong_together_at_any_size",
        ),
    },
    23: {"listed": (f"{CHECKS}::test_the_same_example_under_two_classes",)},
    24: {
        "no data, one class, one example": (
            f"{PICTURES}::test_what_cannot_be_learnt_from",
            f"{ARRAYS}::test_no_examples_at_all",
            f"{ARRAYS}::test_one_class_is_no_task",
            f"{ARRAYS}::test_a_class_needs_two_training_examples",
            f"{SPLIT}::test_a_class_of_one_example_is_trained_on",
        ),
        "empty folders": (
            f"{PICTURES}::test_an_empty_class_folder_is_told",
            f"{LISTING}::test_a_folder_of_a_part_without_pictures_is_told",
        ),
        "in the test part alone": (
            f"{SPLIT}::test_a_class_in_the_test_part_alone_is_named",
            f"{ARRAYS}::test_examples_of_the_test_part_do_not_count_for_training",
        ),
        "no test examples": (f"{CHECKS}::test_classes_that_cannot_be_learnt_or_tested",),
        "folds": ("data/test_splitters.py::test_folds_beyond_a_class_are_refused_with_all_such_classes",),
        "undefined and not 0": ("stats/metrics/test_classification.py::test_what_nothing_defines_is_none",),
    },
    25: {
        "constant": (
            f"{STANDARDISE}::test_a_constant_column_becomes_zero",
            f"{LEARN}::test_what_teaches_nothing_is_left_out",
        ),
        "missing": (f"{STANDARDISE}::test_missing_values_do_not_count_and_become_the_mean",),
        "infinite or huge": (
            f"{TABLE}::test_infinities_are_refused",
            f"{ARRAYS}::test_inputs_that_are_not_finite_in_float32",
            "run/test_result.py::test_answers_that_are_not_finite_are_warned_of",
            "run/test_predict.py::test_an_answer_that_is_not_finite_is_none",
        ),
        "texts among numbers": (f"{TABLE}::test_everything_that_is_wrong_is_said_at_once",),
        "a line in the result": (
            f"{TABLE}::test_what_was_left_out_or_filled_in_is_noted",
            "run/test_result.py::test_the_result_says_what_was_left_out_of_the_data",
        ),
    },
    26: {
        "no step": (f"{SEQUENCES}::test_lengths_of_0_and_beyond_are_refused_all_at_once",),
        "one step, more than ever": (f"{TABLES}::test_one_step_and_more_steps_than_ever_are_fine",),
        "unknown words and categories": (
            f"{TABLES}::test_raw_sentences_are_answered",
            f"{TABLES}::test_an_unknown_category_is_told_and_counts_as_none",
        ),
        "no token": ("models/modules/test_embedding.py::test_what_is_no_token_is_refused",),
    },
    27: {
        "fewer than a batch": (f"{LOOP}::test_epochs_of_one_step",),
        "one left over": (
            f"{LOOP}::test_batch_norm_never_meets_a_batch_of_one",
            "training/test_step.py::test_no_batch_is_tiny",
        ),
        "batches of one": ("recipe/compatibility/test_rules.py::test_batch_norm_and_a_batch_of_one_example",),
    },
    28: {
        "on resume": (
            "run/test_resume.py::test_other_data_are_refused",
            "cli/test_resume.py::test_data_that_changed_are_refused",
            f"{TABLES}::test_changed_data_are_not_gone_on_with",
        ),
        "seen": (
            "data/test_dataset.py::test_any_pixel_changes_the_fingerprint",
            f"{PICTURES}::test_a_source_that_changed_is_read_anew",
        ),
    },
    29: {
        "interrupted, short": (
            f"{DOWNLOAD}::test_a_connection_that_ends_is_taken_up_where_it_ended",
            f"{DOWNLOAD}::test_a_connection_that_is_reset",
            f"{DOWNLOAD}::test_a_killed_process_leaves_a_part_that_the_next_one_goes_on_with",
        ),
        "another length, 503, a page": (f"{DOWNLOAD}::test_what_may_pass_is_tried_four_times",),
        "ranges": (
            f"{DOWNLOAD}::test_a_server_that_ignores_ranges_sends_the_whole_anew",
            f"{DOWNLOAD}::test_a_server_that_refuses_ranges_is_asked_for_the_whole",
            f"{DOWNLOAD}::test_a_server_that_sends_another_range_is_asked_for_the_whole",
        ),
        "never without https": (
            f"{DOWNLOAD}::test_a_redirect_to_anything_else_is_not",
            f"{DOWNLOAD}::test_an_address_that_is_not_https",
            f"{DOWNLOAD}::test_a_server_that_does_not_prove_who_it_is",
        ),
        "no digest": (f"{DOWNLOAD}::test_no_digest_no_download",),
        "offline": (f"{FETCH}::test_offline_says_what_to_put_where",),
    },
    30: {
        "deleted and told": (
            f"{DOWNLOAD}::test_another_file_of_the_same_length",
            f"{DOWNLOAD}::test_a_file_that_changed_between_two_attempts",
            f"{FETCH}::test_the_exit_status_of_a_download_that_failed_is_1",
        ),
    },
    31: {
        "tar: names": (
            f"{UNTAR}::test_hostile_members_are_refused",
            f"{UNTAR}::test_names_that_mean_something_elsewhere_are_passed_over",
        ),
        "tar: links, devices, written through": (
            f"{UNTAR}::test_hostile_members_are_refused",
            f"{UNTAR}::test_a_file_that_was_there_is_replaced_and_a_link_is_not_followed",
        ),
        "tar: twice": (f"{UNTAR}::test_other_files_than_the_wanted",),
        "tar: entries, ratio, total": (
            f"{UNTAR}::test_bombs_are_not_unpacked",
            f"{UNTAR}::test_what_is_read_of_a_bomb_is_limited",
        ),
        "zip: names": (f"{LISTING}::test_names_that_lead_out_of_an_archive_are_refused",),
        "zip: links, devices": (f"{LISTING}::test_links_and_devices_in_an_archive_are_refused",),
        "zip: twice": (f"{LISTING}::test_a_member_that_is_there_twice_is_refused",),
        "zip: entries, ratio, total": (
            f"{LISTING}::test_an_archive_has_limits",
            f"{LISTING}::test_a_member_packed_beyond_reason_is_refused",
        ),
        "cut": (f"{UNTAR}::test_a_cut_archive_at_every_kind_of_place", f"{CIFAR}::test_a_torn_gzip_is_refused"),
    },
}


@cache
def named_in(file: str) -> frozenset[str]:
    """Names of the tests of a file, also of those in classes."""
    nodes = ast.walk(ast.parse((TESTS / file).read_text()))
    return frozenset(node.name for node in nodes if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"))


@pytest.mark.parametrize("item", ITEMS)
def test_every_fault_has_its_tests(item):
    for clause, names in ITEMS[item].items():
        missing = [name for name in names if name.partition("::")[2] not in named_in(name.partition("::")[0])]
        assert names and not missing, (clause, missing)


def test_no_item_is_left_out():
    assert list(ITEMS) == [11, *range(17, 32)]
