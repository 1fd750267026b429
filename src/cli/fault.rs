//! What went wrong, for the person at the terminal.

use std::error::Error;
use std::fmt;
use std::process::ExitCode;

/// Why a subcommand did not do its work. Made of any error by `?`; shown with its causes.
#[derive(Debug)]
pub enum Fault {
    /// The work was begun and failed, or the world does not allow it. Exit status 1.
    Failed(Box<dyn Error + Send + Sync>),
    /// The command line asks for something that cannot be. Exit status 2, as clap's own.
    Usage(String),
}

impl Fault {
    /// A failure that is only a sentence.
    pub fn failed(sentence: impl Into<String>) -> Self {
        Fault::Failed(sentence.into().into())
    }

    /// Whether nobody reads standard output any more (`outdial calls | head`): no fault to tell.
    pub fn is_broken_pipe(&self) -> bool {
        let Fault::Failed(error) = self else { return false };
        error
            .downcast_ref::<std::io::Error>()
            .is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
    }

    /// The exit status of the process.
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Fault::Failed(_) => ExitCode::FAILURE,
            Fault::Usage(_) => ExitCode::from(2),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let error = match self {
            Fault::Usage(sentence) => return f.write_str(sentence),
            Fault::Failed(error) => error,
        };
        let mut said = error.to_string();
        f.write_str(&said)?;
        let mut cause = error.source();
        while let Some(error) = cause {
            let sentence = error.to_string();
            // Many errors repeat their cause in their own sentence.
            if !said.contains(&sentence) {
                write!(f, ": {sentence}")?;
            }
            said = sentence;
            cause = error.source();
        }
        Ok(())
    }
}

// `Fault` is no `Error` itself, so that every error becomes one.
impl<E: Error + Send + Sync + 'static> From<E> for Fault {
    fn from(error: E) -> Self {
        Fault::Failed(Box::new(error))
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("the books cannot be opened")]
    struct Outer(#[source] io::Error);

    #[derive(Debug, thiserror::Error)]
    #[error("the books cannot be opened: {0}")]
    struct Repeating(#[source] io::Error);

    #[test]
    fn causes_are_shown_once() {
        let full = || io::Error::other("disk full");
        let shown = "the books cannot be opened: disk full";
        assert_eq!(Fault::from(Outer(full())).to_string(), shown);
        assert_eq!(Fault::from(Repeating(full())).to_string(), shown);
    }
}
