//! Passwords: Argon2id (RFC 9106), and how many are looked at in one moment.

use std::time::Duration;

use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use axum::http::StatusCode;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::Problem;

/// Characters of a password: NIST SP 800-63B asks for length, not for kinds of characters.
const CHARACTERS: std::ops::RangeInclusive<usize> = 12..=128;
/// Hashes at a time: each takes 19 MiB and a core for some ten milliseconds.
const SEATS: usize = 2;
/// Nobody waits longer for a seat.
const WAIT_MAX: Duration = Duration::from_secs(5);

static DESK: Semaphore = Semaphore::const_new(SEATS);

/// A seat at the desk where passwords are looked at. Who reads how often a user was wrong, looks, and
/// writes down that it was wrong again holds it all the while: no crowd of tries gets past a lock.
pub(super) struct Seat(#[expect(dead_code, reason = "held")] SemaphorePermit<'static>);

impl Seat {
    /// Takes a seat.
    ///
    /// # Errors
    /// 503 when none is free in time.
    pub async fn take() -> Result<Self, Problem> {
        match tokio::time::timeout(WAIT_MAX, DESK.acquire()).await {
            Ok(Ok(permit)) => Ok(Self(permit)),
            _ => Err(Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "too many are signing in; try again in a moment",
            )),
        }
    }

    /// The hash that the books keep, in PHC form.
    pub async fn hash(&self, password: String) -> Result<String, Problem> {
        let hashed = tokio::task::spawn_blocking(move || {
            Argon2::default().hash_password(password.as_bytes()).map(|hash| hash.to_string())
        });
        hashed.await.ok().and_then(Result::ok).ok_or_else(|| {
            Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "the password could not be hashed")
        })
    }

    /// Whether it is the password of this hash. Where there is none it takes as long to say no.
    pub async fn verify(&self, password: String, hash: Option<String>) -> bool {
        let verified = tokio::task::spawn_blocking(move || match hash {
            Some(hash) => Argon2::default().verify_password(password.as_bytes(), &*hash).is_ok(),
            None => {
                std::hint::black_box(Argon2::default().hash_password(password.as_bytes()).is_ok());
                false
            }
        });
        verified.await.unwrap_or(false)
    }
}

/// Refuses a password that is too short, too long, or mostly the user's name.
pub(super) fn check(password: &str, name: &str) -> Result<(), Problem> {
    if !CHARACTERS.contains(&password.chars().count()) {
        return Err(Problem::unprocessable("a password is 12 to 128 characters"));
    }
    let rest = password.to_lowercase().replace(&name.to_lowercase(), "");
    let mut kinds: Vec<char> = rest.chars().collect();
    kinds.sort_unstable();
    kinds.dedup();
    if kinds.len() < 5 {
        return Err(Problem::unprocessable("that password is too easy to guess"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_fits_its_own_hash_only_and_the_hash_is_argon2id() {
        let seat = Seat::take().await.unwrap();
        let hash = seat.hash("correct horse battery".to_owned()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(seat.verify("correct horse battery".to_owned(), Some(hash.clone())).await);
        assert!(!seat.verify("correct horse batterz".to_owned(), Some(hash)).await);
        assert!(!seat.verify("anything".to_owned(), None).await);
    }

    #[test]
    fn what_is_short_or_all_name_is_refused() {
        assert!(check("short", "ana").is_err());
        assert!(check("anaanaanaana", "ana").is_err());
        assert!(check("111111111111", "ana").is_err());
        assert!(check("correct horse battery", "ana").is_ok());
    }
}
