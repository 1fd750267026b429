//! Real peers on loopback: SIP and RTP by programs that nobody here wrote.

// A peer that cannot be set up is a failed test.
#![allow(clippy::unwrap_used)]

mod a_live_demo_decides_the_same_when_it_is_replayed;
mod a_person_is_bridged_to_a_phone_that_nobody_here_wrote;
mod a_trunk_is_found_by_its_name_and_its_dead_address_is_passed_over;
mod a_vacant_number_is_known_before_the_network_refuses_it;
mod audio_is_encrypted_with_a_phone_that_nobody_here_wrote;
mod floor;
mod killed_and_started_again_it_loses_nothing;
mod listen_whisper_and_barge_are_heard_by_the_right_parties_only;
mod no_invite_leaves_after_a_number_was_forbidden;
mod nobody_is_called_while_the_books_are_locked;
mod peers;
mod people_who_call_in_are_served_beside_those_who_are_called;
mod the_attempt_is_on_disk_before_its_invite_leaves;
mod the_pages_work_in_a_browser;
mod the_verdicts_over_rtp_are_those_of_the_files;
