//! An answer to our offer, and an offer.

use outdial::domain::Codec;
use outdial::sip::sdp::{self, LocalMedia};

pub fn run(text: &str) {
    let address = ([192, 0, 2, 1], 40_000).into();
    let local = LocalMedia { address, codecs: Codec::LAWS.to_vec(), srtp: None };
    let _ = sdp::read_answer(text, &local);
    if let Ok((answer, _)) = sdp::answer(text, &local, 2) {
        assert!(answer.starts_with("v=0\r\n"));
    }
}
