//! The API's token: made on first start, kept in a file that only its owner can read, compared by
//! digest.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rand::TryRng;
use rand::rngs::SysRng;
use sha2::{Digest, Sha256};

/// Random bytes in a token.
const BYTES: usize = 32;

/// What a client must present: kept as its SHA-256 only.
#[derive(Clone)]
pub struct Token {
    digest: [u8; 32],
}

/// A token that has just been made: the only moment at which it can be shown.
pub struct NewToken {
    /// The text a client sends after `Bearer `.
    pub text: String,
    /// What the server keeps of it.
    pub token: Token,
}

/// 256 bits from the operating system, in hexadecimal.
///
/// # Errors
/// When it has no randomness to give.
pub(super) fn secret() -> io::Result<String> {
    let mut bytes = [0; BYTES];
    SysRng.try_fill_bytes(&mut bytes).map_err(io::Error::other)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

impl Token {
    /// The name of the token's file in the data folder.
    pub const FILE: &'static str = "api.token";

    /// A new token of 256 bits from the operating system.
    ///
    /// # Errors
    /// When the operating system has no randomness to give.
    pub fn generate() -> io::Result<NewToken> {
        let text = format!("outdial_{}", secret()?);
        Ok(NewToken { token: Token::of(&text), text })
    }

    /// The token of this text.
    pub fn of(text: &str) -> Self {
        Self { digest: Sha256::digest(text.as_bytes()).into() }
    }

    /// The token of the data folder. On first start it is made, written to [`Token::FILE`] with
    /// mode 0600, and its text returned beside it, to be printed once.
    ///
    /// # Errors
    /// When the file cannot be read or written, or is empty.
    pub fn load_or_create(data: &Path) -> io::Result<(Token, Option<String>)> {
        let path = data.join(Self::FILE);
        match fs::read_to_string(&path) {
            Ok(text) if text.trim().is_empty() => {
                let why =
                    format!("{} is empty; delete it to have a new token made", path.display());
                Err(io::Error::new(io::ErrorKind::InvalidData, why))
            }
            Ok(text) => Ok((Token::of(text.trim()), None)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let new = Self::generate()?;
                // `create_new`: never follows a link that someone has put there.
                let mut file =
                    fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
                writeln!(file, "{}", new.text)?;
                Ok((new.token, Some(new.text)))
            }
            Err(error) => Err(error),
        }
    }

    /// Whether a client that presents `text` has this token. Takes the same time wherever the
    /// digests differ.
    pub fn admits(&self, text: &str) -> bool {
        let presented = Token::of(text).digest;
        let difference = self
            .digest
            .iter()
            .zip(presented)
            .fold(0, |difference, (ours, theirs)| difference | (ours ^ theirs));
        std::hint::black_box(difference) == 0
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(..)")
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_token_admits_itself_only() {
        let new = Token::generate().unwrap();
        assert!(new.token.admits(&new.text));
        assert!(!new.token.admits(&new.text[1..]));
        assert!(!new.token.admits(""));
        assert_ne!(new.text, Token::generate().unwrap().text);
    }

    #[test]
    fn the_first_start_makes_the_token_and_the_second_finds_it() {
        let data = tempfile::tempdir().unwrap();
        let (_, text) = Token::load_or_create(data.path()).unwrap();
        let text = text.unwrap();
        let mode = fs::metadata(data.path().join(Token::FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let (token, printed) = Token::load_or_create(data.path()).unwrap();
        assert!(token.admits(&text));
        assert_eq!(printed, None);
    }

    #[test]
    fn an_empty_token_file_is_refused() {
        let data = tempfile::tempdir().unwrap();
        fs::write(data.path().join(Token::FILE), " \n").unwrap();
        assert!(Token::load_or_create(data.path()).is_err());
    }

    #[test]
    fn a_token_in_a_log_shows_nothing() {
        let new = Token::generate().unwrap();
        assert_eq!(format!("{:?}", new.token), "Token(..)");
    }
}
