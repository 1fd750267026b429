//! The Identity header of a call that comes in, with certificates made for the test.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};

use super::super::directory::{Route, check_of};
use super::super::passport::{Key, Signers, SignersFault};
use super::super::stir::{Attestation, Stir};
use crate::domain::{CallerCheck, CampaignId, Country, PhoneNumber, TrunkId};
use crate::sip::IncomingInvite;

/// An authority; a signer's certificate, one that has run out, and one of another authority.
const MAKE: &str = r#"set -e; cd "$0"; mkdir -p kept/cert.example
key() { openssl ecparam -name prime256v1 -genkey -noout | openssl pkcs8 -topk8 -nocrypt -out $1.key; }
ca() {
  key $1
  openssl req -x509 -new -key $1.key -out $1.pem -days 30 -subj /CN=$1
}
signer() {
  key $1
  openssl req -new -key $1.key -out $1.csr -subj "/CN=SHAKEN 1234"
  printf "1.3.6.1.5.5.7.1.26=DER:3008A006160431323334\n" > $1.ext
  openssl x509 -req -in $1.csr -CA $2.pem -CAkey $2.key -CAcreateserial \
    -out kept/cert.example/$1.pem -days $3 -extfile $1.ext
}
ca ca; ca other
signer good ca 30; signer expired ca -1; signer foreign other 30
"#;

struct Scene {
    folder: tempfile::TempDir,
    now: Timestamp,
}

/// `None` where there is no openssl, or one that makes nothing that has expired.
fn scene() -> Option<Scene> {
    let folder = tempfile::tempdir().unwrap();
    let made = Command::new("bash").args(["-c", MAKE]).arg(folder.path()).output().ok()?;
    if !made.status.success() {
        println!("skipped: no openssl that makes certificates, expired ones among them");
        return None;
    }
    Some(Scene { folder, now: crate::clock::now() })
}

fn number(text: &str) -> PhoneNumber {
    PhoneNumber::from_e164(text).unwrap()
}

fn caller() -> PhoneNumber {
    number("+12155550112")
}

fn ours() -> PhoneNumber {
    number("+12125550113")
}

impl Scene {
    fn signers(&self) -> Signers {
        let root = self.folder.path();
        Signers::read(&root.join("kept"), &root.join("ca.pem")).unwrap()
    }

    fn signer(&self, key: &str, url: &str, attestation: Attestation) -> Stir {
        let pem = std::fs::read(self.folder.path().join(key).with_extension("key")).unwrap();
        Stir::new(&pem, url, attestation, "123e4567-e89b-12d3-a456-426655440000").unwrap()
    }

    /// The header that this signer sends of a call.
    fn identity(&self, who: &str, from: PhoneNumber, to: PhoneNumber, at: Timestamp) -> String {
        let url = format!("https://cert.example/{who}.pem");
        let signer = self.signer(who, &url, Attestation::A);
        let [(_, identity), _] = signer.headers(from, to, at).unwrap();
        identity
    }

    fn check(&self, identity: &str) -> Option<CallerCheck> {
        self.signers().check(identity, Some(caller()), ours(), self.now)
    }
}

#[test]
fn the_signature_of_the_rfcs_example_holds() {
    // RFC 7515, appendix A.3: PASSporTs are signed so (RFC 8225 §6).
    let signed = "eyJhbGciOiJFUzI1NiJ9.\
                  eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9p\
                  c19yb290Ijp0cnVlfQ";
    let signature = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqP\
                     P3-Kg6NU1Q";
    let public = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEf83OJ3D2xF1Bg8vub9tLe1gHMzV7\
                  6e8Tus9uPHvRVEXH8UTNG72bfocs3+257rn0s2ldbqkLJK2KRiMohYjlrQ==";
    let key = Key::of(&STANDARD.decode(public).unwrap()).unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    assert!(key.holds(signed, &signature));
    assert!(!key.holds(&signed.replacen('e', "f", 1), &signature));
}

#[test]
fn what_a_known_signer_says_of_this_call_passes_with_its_attestation() {
    let Some(scene) = scene() else { return };
    let url = "https://cert.example/good.pem";
    for (attestation, expected) in [
        (Attestation::A, CallerCheck::PassedA),
        (Attestation::B, CallerCheck::PassedB),
        (Attestation::C, CallerCheck::PassedC),
    ] {
        let signer = scene.signer("good", url, attestation);
        let [(_, identity), _] = signer.headers(caller(), ours(), scene.now).unwrap();
        assert_eq!(scene.check(&identity), Some(expected));
    }
    let late = scene.now - SignedDuration::from_secs(59);
    let identity = scene.identity("good", caller(), ours(), late);
    assert_eq!(scene.check(&identity), Some(CallerCheck::PassedA));
}

#[test]
fn what_is_said_of_another_call_or_by_nobody_trusted_fails() {
    let Some(scene) = scene() else { return };
    let other = number("+12015550123");
    let minute = SignedDuration::from_secs(61);
    for (why, identity) in [
        ("another caller", scene.identity("good", other, ours(), scene.now)),
        ("another callee", scene.identity("good", caller(), other, scene.now)),
        ("old", scene.identity("good", caller(), ours(), scene.now - minute)),
        ("of the future", scene.identity("good", caller(), ours(), scene.now + minute)),
        ("run out", scene.identity("expired", caller(), ours(), scene.now)),
        ("of no authority", scene.identity("foreign", caller(), ours(), scene.now)),
    ] {
        assert_eq!(scene.check(&identity), Some(CallerCheck::Failed), "{why}");
    }
    // The right certificate, another key.
    let url = "https://cert.example/good.pem";
    let thief = scene.signer("foreign", url, Attestation::A);
    let [(_, identity), _] = thief.headers(caller(), ours(), scene.now).unwrap();
    assert_eq!(scene.check(&identity), Some(CallerCheck::Failed), "stolen URL");
    // One claim changed after it was signed.
    let whole = scene.identity("good", caller(), ours(), scene.now);
    let mut parts: Vec<String> = whole.splitn(3, '.').map(str::to_owned).collect();
    let claims = String::from_utf8(URL_SAFE_NO_PAD.decode(&parts[1]).unwrap()).unwrap();
    parts[1] = URL_SAFE_NO_PAD.encode(claims.replace("\"A\"", "\"B\""));
    assert_eq!(scene.check(&parts.join(".")), Some(CallerCheck::Failed), "changed");
}

#[test]
fn what_cannot_be_judged_is_unchecked_and_a_diversion_says_nothing_of_the_caller() {
    let Some(scene) = scene() else { return };
    let unknown = scene.signer("good", "https://elsewhere.example/good.pem", Attestation::A);
    let [(_, identity), _] = unknown.headers(caller(), ours(), scene.now).unwrap();
    assert_eq!(scene.check(&identity), Some(CallerCheck::Unchecked));
    let up = scene.signer("good", "https://cert.example/../cert.example/good.pem", Attestation::A);
    let [(_, identity), _] = up.headers(caller(), ours(), scene.now).unwrap();
    assert_eq!(scene.check(&identity), Some(CallerCheck::Unchecked), "no path is followed");
    // The compact form has nothing to read (RFC 8225 §7); neither has junk.
    for junk in
        ["", "..AAAA;info=<https://cert.example/good.pem>", "a.b.c", "é.é.é", &"A".repeat(9_000)]
    {
        assert_eq!(scene.check(junk), Some(CallerCheck::Unchecked), "{junk:.20}");
    }
    let div = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let header =
        r#"{"alg":"ES256","ppt":"div","typ":"passport","x5u":"https://cert.example/good.pem"}"#;
    let claims = r#"{"attest":"A","dest":{"tn":["1"]},"iat":1,"orig":{"tn":"1"}}"#;
    assert_eq!(scene.check(&format!("{}.{}.AAAA", div(header), div(claims))), None);
}

#[test]
fn a_header_with_one_byte_changed_never_passes() {
    let Some(scene) = scene() else { return };
    let signers = scene.signers();
    let whole = scene.identity("good", caller(), ours(), scene.now);
    let token = whole.find(';').unwrap();
    for at in 0..whole.len() {
        let mut bytes = whole.clone().into_bytes();
        bytes[at] = if bytes[at] == b'x' { b'y' } else { b'x' };
        let changed = String::from_utf8(bytes).unwrap();
        let check = signers.check(&changed, Some(caller()), ours(), scene.now);
        // What follows the token repeats what the signed header says, and is not looked at.
        let passes = check == Some(CallerCheck::PassedA);
        assert!(!passes || at > token, "{at}: {changed}");
    }
}

#[test]
fn a_call_is_known_by_its_signature_before_the_carriers_word() {
    let Some(scene) = scene() else { return };
    let signers = Arc::new(scene.signers());
    let route = Route {
        number: ours(),
        campaign: CampaignId(1),
        country: Country::US,
        trunks: vec![TrunkId(0)],
    };
    let identity = scene.identity("good", caller(), ours(), scene.now);
    let check = |headers: &[(&str, &str)], signers: Option<&Signers>| {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let invite = IncomingInvite {
            request_uri: "sip:+12125550113@192.0.2.1".to_owned(),
            from: "<sip:+12155550112@carrier.example>;tag=1".to_owned(),
            to: "<sip:+12125550113@192.0.2.1>".to_owned(),
            call_id: "a".to_owned(),
            sdp: None,
            headers: headers.iter().map(owned).collect(),
        };
        check_of(&invite, &route, signers, scene.now)
    };
    let known = Some(&*signers);
    let said = |verstat: &str| format!("<sip:+12155550112;verstat={verstat}@h;user=phone>");
    let (passed, failed) = (said("TN-Validation-Passed-B"), said("TN-Validation-Failed"));
    let unknown = said("No-TN-Validation");
    let (passed, failed, unknown) = (passed.as_str(), failed.as_str(), unknown.as_str());
    let by = |value| ("P-Asserted-Identity", value);
    let signed = ("Identity", identity.as_str());
    assert_eq!(check(&[], known), None);
    assert_eq!(check(&[signed], known), Some(CallerCheck::PassedA));
    assert_eq!(check(&[signed], None), Some(CallerCheck::Unchecked));
    assert_eq!(check(&[signed, by(failed)], known), Some(CallerCheck::PassedA));
    assert_eq!(check(&[signed, by(failed)], None), Some(CallerCheck::CarrierFailed));
    assert_eq!(check(&[by(passed)], known), Some(CallerCheck::CarrierPassed));
    assert_eq!(check(&[by(unknown)], known), None);
    // Of who is not to be shown the signature is looked at all the same.
    assert_eq!(check(&[signed, ("Privacy", "id")], known), Some(CallerCheck::PassedA));
}

#[test]
fn a_folder_without_certificates_and_a_file_that_is_none_are_faults() {
    let Some(scene) = scene() else { return };
    let root = scene.folder.path();
    let read = |folder: &str, authorities: &str| {
        Signers::read(&root.join(folder), &root.join(authorities)).err()
    };
    let nothing = Path::new("nothing");
    std::fs::create_dir(root.join(nothing)).unwrap();
    assert!(matches!(read("nothing", "ca.pem"), Some(SignersFault::Count(_))));
    assert!(matches!(read("kept", "ca.key"), Some(SignersFault::Certificate { .. })));
    assert!(matches!(read("kept", "missing.pem"), Some(SignersFault::Read { .. })));
    assert!(matches!(read("missing", "ca.pem"), Some(SignersFault::Read { .. })));
    std::fs::write(root.join("kept/notes.txt"), "junk").unwrap();
    assert!(matches!(read("kept", "ca.pem"), Some(SignersFault::Certificate { .. })));
}
