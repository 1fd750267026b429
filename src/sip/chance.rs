//! Tokens that a far end cannot guess: a keyed hash of a counter. The same seed gives the same
//! tokens, and one who sees some of them learns nothing of the others.

use sha2::{Digest, Sha256};

/// A source of tokens.
#[derive(Debug)]
pub struct Tokens {
    seed: u64,
    blocks: u64,
    left: [u64; 4],
    remaining: usize,
}

impl Tokens {
    /// The tokens of `seed`.
    pub fn new(seed: u64) -> Self {
        Self { seed, blocks: 0, left: [0; 4], remaining: 0 }
    }

    /// The next one.
    pub fn next(&mut self) -> u64 {
        if self.remaining == 0 {
            self.refill();
        }
        self.remaining -= 1;
        self.left[self.remaining]
    }

    fn refill(&mut self) {
        let mut hash = Sha256::new();
        hash.update(b"sip tokens");
        hash.update(self.seed.to_be_bytes());
        hash.update(self.blocks.to_be_bytes());
        self.blocks += 1;
        for (token, bytes) in self.left.iter_mut().zip(hash.finalize().chunks_exact(8)) {
            *token = bytes.iter().fold(0, |token, byte| token << 8 | u64::from(*byte));
        }
        self.remaining = self.left.len();
    }
}

/// A token as it is written in a tag or a branch: 16 hexadecimal digits. Only what
/// `format!("{token:016x}")` makes is one.
pub fn token(text: &str) -> Option<u64> {
    let ours = text.len() == 16
        && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    ours.then(|| u64::from_str_radix(text, 16).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_its_own_tokens_again() {
        let take = |seed| {
            let mut tokens = Tokens::new(seed);
            std::array::from_fn::<u64, 9, _>(|_| tokens.next())
        };
        assert_eq!(take(1), take(1));
        assert_ne!(take(1), take(2));
        let mut distinct = take(1).to_vec();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(distinct.len(), 9);
    }

    #[test]
    fn only_our_own_writing_is_a_token() {
        assert_eq!(token(&format!("{:016x}", 7)), Some(7));
        for text in ["", "7", "+000000000000007", "00000000000000AB", "0000000000000000a"] {
            assert_eq!(token(text), None, "{text}");
        }
    }
}
