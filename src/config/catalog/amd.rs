//! `[amd]`: the settings of machine detection, and of what follows its word.

use super::entries::{NOTHING, number, other, words, yes_or_no};
use super::{Default, Table};

const WAV: &str = "a WAV file of 16 bits, mono, 8,000 Hz, relative to the campaign's";

pub(super) const AMD: Table = Table {
    name: "[amd]",
    sentence: "What is done with an answer before it is a person's. Without this table every \
               answer is one.",
    settings: &[
        words(
            "mode",
            &["before_connect", "alongside", "fax_only", "off"],
            Default::Value("\"before_connect\""),
            "A detector listens first; or beside the agent, who is connected at the answer; or for \
             faxes alone; or none does.",
        ),
        number(
            "listen_s_max",
            ("seconds", 0.5, 10.0),
            "3",
            "It listens at most this long; who is undecided then is a person. Most machines \
             are found with 6.",
        ),
        words(
            "deadline",
            &["legal", "none"],
            Default::Value("\"legal\""),
            "Its word comes while `wait_s_max` still leaves time to connect an agent, or when \
             it comes. Nobody waits for it with `alongside` and `fax_only`.",
        ),
        number(
            "listen_on_s",
            ("seconds", 0.0, 60.0),
            "10",
            "After its word it listens on until this long after the answer, and what it takes back \
             is taken from the agent.",
        ),
        yes_or_no(
            "connect_likely",
            "true",
            "Who is likely a person is connected to an agent who is idle before the detector is \
             sure; with none idle the call is held until it is.",
        ),
        number(
            "machine_costs_s",
            ("an agent's seconds", 0.1, 600.0),
            "6",
            "What it costs to connect a machine. Likely is a person whose probability is at least \
             `machine_costs_s / (machine_costs_s + silence_costs_s)`.",
        ),
        number(
            "silence_costs_s",
            ("an agent's seconds", 0.1, 600.0),
            "4",
            "What it costs to let a person hear nobody until the detector is sure.",
        ),
        words(
            "take_back",
            &["ready", "wrap_up", "keep"],
            Default::Value("\"ready\""),
            "An agent who is connected to what proves to be no person loses the call and is ready, \
             or wraps up; or is told, and keeps it. Faxes are always taken.",
        ),
        words(
            "machine",
            &["hang_up", "leave_message"],
            Default::Value("\"hang_up\""),
            "A machine is hung up on, or left `machine_message` after its greeting.",
        ),
        other("machine_message", WAV, NOTHING, "What a machine is left, from its first word."),
        number(
            "greeting_s_max",
            ("seconds", 1.0, 180.0),
            "60",
            "A greeting that is longer is left without a message.",
        ),
        words(
            "screener",
            &["no_answer", "identify", "reserve_agent"],
            Default::Value("\"no_answer\""),
            "A phone that asks who calls is hung up on; or told `identification`, and its owner \
             waited for; or an agent is kept ready for the owner besides.",
        ),
        other("identification", WAV, NOTHING, "Who calls and why, in a few seconds."),
        number(
            "screener_s_max",
            ("seconds", 1.0, 120.0),
            "20",
            "The owner of a phone with a screener is waited for this long.",
        ),
        number(
            "sample_machines_percent",
            ("percent", 0.0, 100.0),
            "0",
            "Of those who are called machines, so many are sent to agents all the same, so that the \
             detector's mistakes are seen.",
        ),
        yes_or_no(
            "count_misjudged",
            "true",
            "Of those who are called machines and kept from agents, so many count as abandoned in the \
             windows as were people among the samples (20 at least).",
        ),
        number(
            "person_bias",
            ("log-odds", -5.0, 5.0),
            "0",
            "Added to the log-odds of a person: above 0 fewer people are called machines, and fewer \
             machines found. `outdial amd calibrate` fits it.",
        ),
        number(
            "keep_audio_days",
            ("days", 0.0, 3650.0),
            "0",
            "What the detector heard, the first ten seconds at most, is kept as WAV for so long; 0: \
             not.",
        ),
    ],
};
