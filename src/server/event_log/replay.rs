//! A log told to a dialer again.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::Serialize;

use super::line::{Gap, Header, Line, Told};
use super::read::{EventLogFault, EventLogReader};
use crate::compliance::{Gate, Rulebook, Rulebooks};
use crate::dialer::{Command, Decided, Dialer, DialerConfig, Input, Output};

/// A run that is told to a dialer again, fact by fact.
#[derive(Debug)]
pub struct Replay {
    reader: EventLogReader,
    dialer: Dialer,
    gap: Option<Gap>,
    ended: bool,
}

/// A fact, what was decided then, and what is decided now.
#[derive(Debug)]
pub struct Replayed {
    /// As it was.
    pub told: Told,
    /// As it is now.
    pub decided: Decided,
    /// Each decision as it is now.
    pub outputs: Vec<Output>,
}

impl Replayed {
    /// Whether the decisions are the same, bit for bit.
    pub fn is_same(&self) -> bool {
        (self.told.decisions, self.told.digest) == (self.decided.count(), self.decided.digest())
    }
}

/// What a replay has found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Verified {
    /// The version that wrote the log.
    pub version: String,
    /// When the run began.
    pub from: Timestamp,
    /// When the last fact happened.
    pub until: Timestamp,
    /// Facts.
    pub facts: u64,
    /// Decisions.
    pub decisions: u64,
    /// Calls placed.
    pub calls: u64,
    /// Bytes of log.
    pub bytes: u64,
    /// Facts missing at the place where the replay ended.
    pub missing: Option<u64>,
    /// Whether the run was stopped in order.
    pub ended: bool,
    /// The first fact after which other decisions were taken.
    pub departure: Option<Departure>,
}

/// Where a replay leaves the log.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Departure {
    /// The file.
    pub file: PathBuf,
    /// The line, from 1.
    pub line: u64,
    /// When the fact happened.
    pub at: Timestamp,
    /// The decisions in the log, in a few words.
    pub logged: String,
    /// The decisions now.
    pub replayed: String,
    /// The decisions now, whole; telephone numbers masked.
    pub outputs: Vec<String>,
}

impl Replay {
    /// Opens a run, as [`EventLogReader::open`].
    ///
    /// # Errors
    /// [`EventLogFault`].
    pub fn open(path: &Path) -> Result<Self, EventLogFault> {
        let reader = EventLogReader::open(path)?;
        let header = &reader.header;
        let mut gate = Gate::new(rulebooks(header)?, []);
        for list in &header.lists {
            gate.put_list(list.clone());
        }
        let (first_call, seed) = (header.first_call, header.seed);
        let dialer = Dialer::new(DialerConfig { first_call, seed, gate });
        Ok(Self { reader, dialer, gap: None, ended: false })
    }

    /// What the dialer started with.
    pub fn header(&self) -> &Header {
        &self.reader.header
    }

    /// The dialer after the last fact.
    pub fn dialer(&self) -> &Dialer {
        &self.dialer
    }

    /// The facts missing at the place where the log ended early.
    pub fn gap(&self) -> Option<Gap> {
        self.gap
    }

    /// The next fact; `None` at the end of the run, or where facts are missing.
    ///
    /// # Errors
    /// [`EventLogFault`].
    pub fn step(&mut self) -> Result<Option<Replayed>, EventLogFault> {
        if self.gap.is_some() {
            return Ok(None);
        }
        loop {
            match self.reader.next()? {
                None => return Ok(None),
                Some(Line::Begin(_) | Line::Continued { .. }) => {}
                Some(Line::End { .. }) => self.ended = true,
                Some(Line::Fact(told)) => return Ok(Some(self.tell(*told))),
                Some(Line::Gap(gap)) => {
                    self.gap = Some(gap);
                    return Ok(None);
                }
            }
        }
    }

    fn tell(&mut self, told: Told) -> Replayed {
        if let Input::Command(Command::DoNotCallList(list)) = &told.input {
            self.dialer.assume_renewed(&list.header().id);
        }
        self.dialer.assume_listed(&told.listed);
        self.dialer.handle_input(told.input.clone(), told.at);
        let (mut decided, mut outputs) = (Decided::default(), Vec::new());
        while let Some(output) = self.dialer.poll_output() {
            decided.add(&output);
            outputs.push(output);
        }
        Replayed { told, decided, outputs }
    }

    fn departure(&self, step: Replayed) -> Departure {
        let (file, line) = self.reader.place();
        Departure {
            file: file.to_owned(),
            line,
            at: step.told.at,
            logged: step.told.decided,
            replayed: step.decided.words().to_owned(),
            outputs: step.outputs.iter().map(|output| format!("{output:?}")).collect(),
        }
    }
}

/// Replays a run up to its end, its first gap, `until`, its first departure at or after `from`, or
/// until `each` has seen enough: it is shown every fact from `from` on, with the dialer after it.
///
/// # Errors
/// [`EventLogFault`], or what `each` says.
pub fn verify<E: From<EventLogFault>>(
    path: &Path,
    from: Timestamp,
    until: Timestamp,
    mut each: impl FnMut(&Replayed, &Dialer) -> Result<ControlFlow<()>, E>,
) -> Result<Verified, E> {
    let mut replay = Replay::open(path)?;
    let header = replay.header();
    let mut verified = Verified {
        version: header.version.clone(),
        from: header.at,
        until: header.at,
        facts: 0,
        decisions: 0,
        calls: 0,
        bytes: 0,
        missing: None,
        ended: false,
        departure: None,
    };
    while let Some(step) = replay.step()? {
        if step.told.at > until {
            break;
        }
        verified.facts += 1;
        verified.decisions += u64::from(step.decided.count());
        verified.until = step.told.at;
        let dialed = step.outputs.iter().filter(|output| matches!(output, Output::Originate(..)));
        verified.calls += dialed.count() as u64;
        if step.told.at < from {
            continue;
        }
        let enough = each(&step, replay.dialer())?.is_break();
        if !step.is_same() {
            verified.departure = Some(replay.departure(step));
            break;
        }
        if enough {
            break;
        }
    }
    verified.bytes = replay.reader.bytes();
    verified.missing = replay.gap.map(|gap| gap.facts);
    verified.ended = replay.ended;
    Ok(verified)
}

fn rulebooks(header: &Header) -> Result<Rulebooks, EventLogFault> {
    let mut books = Rulebooks::default();
    for written in &header.rulebooks {
        let fault = |why: String| EventLogFault::Rulebook { id: written.id.clone(), why };
        let book = Rulebook::parse(&written.text).map_err(|faults| {
            fault(faults.into_iter().map(|found| found.message).collect::<Vec<_>>().join("; "))
        })?;
        books.add(book).map_err(|taken| fault(taken.to_string()))?;
    }
    Ok(books)
}
