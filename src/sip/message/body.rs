//! The SDP in a message: its body, or the part of a multipart body that is SDP (RFC 5621 §3.1).

use super::fields::media_type;
use super::grammar::{trim, unquote};
use super::name::Name;
use super::parse::Message;

const SDP: &str = "application/sdp";

impl Message<'_> {
    /// The SDP. A body without a Content-Type is taken for SDP, an encoded one for none.
    pub fn sdp(&self) -> Option<String> {
        if self.body.is_empty() || self.get(Name::ContentEncoding).is_some() {
            return None;
        }
        let Some(content_type) = self.get(Name::ContentType) else { return Some(text(self.body)) };
        let (media, params) = media_type(content_type)?;
        if media.eq_ignore_ascii_case(SDP) {
            return Some(text(self.body));
        }
        let is_multipart =
            media.get(..10).is_some_and(|kind| kind.eq_ignore_ascii_case("multipart/"));
        is_multipart.then(|| part(self.body, &unquote(params.get("boundary")?))).flatten()
    }

    /// Whether a request's body is something that [`Message::sdp`] can look into (RFC 3261
    /// §8.2.3).
    pub fn has_known_body(&self) -> bool {
        let known = |media: &str| {
            media.eq_ignore_ascii_case(SDP) || media.eq_ignore_ascii_case("multipart/mixed")
        };
        let kind = self.get(Name::ContentType).and_then(media_type).map(|(media, _)| media);
        let encoded = self.get(Name::ContentEncoding).is_some_and(|how| how != "identity");
        self.body.is_empty() || !encoded && kind.is_none_or(known)
    }
}

fn text(body: &[u8]) -> String {
    String::from_utf8_lossy(body).into_owned()
}

/// The first part that is SDP. Parts inside parts are not opened.
fn part(body: &[u8], boundary: &str) -> Option<String> {
    let body = text(body);
    let mut rest = after_boundary(&body, boundary)?;
    loop {
        let next = after_boundary(rest, boundary);
        let length = next.map_or(rest.len(), |next| rest.len() - next.len());
        let (head, content) = split_head(&rest[..length]);
        let is_sdp = head.lines().filter_map(|line| line.split_once(':')).any(|(name, value)| {
            Name::new(trim(name)) == Name::ContentType
                && media_type(trim(value)).is_some_and(|(media, _)| media.eq_ignore_ascii_case(SDP))
        });
        if is_sdp {
            let end =
                content.rfind("\n--").filter(|_| next.is_some()).map_or(content.len(), |at| at + 1);
            return Some(content[..end].to_owned());
        }
        rest = next?;
    }
}

/// What follows the next line that is `--boundary`.
fn after_boundary<'a>(text: &'a str, boundary: &str) -> Option<&'a str> {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        at += line.len();
        if line
            .strip_prefix("--")
            .is_some_and(|rest| rest.trim_end().trim_end_matches('-') == boundary)
        {
            return Some(&text[at..]);
        }
    }
    None
}

fn split_head(part: &str) -> (&str, &str) {
    part.split_once("\r\n\r\n").or_else(|| part.split_once("\n\n")).unwrap_or((part, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sdp_of_a_multipart_body_is_found() {
        let body = b"--b\r\nContent-Type: application/isup\r\n\r\n\x01\x02\r\n--b\r\n\
                     c: application/sdp\r\n\r\nv=0\r\ns=-\r\n--b--\r\n";
        assert_eq!(part(body, "b").as_deref(), Some("v=0\r\ns=-\r\n"));
        assert_eq!(part(body, "x"), None);
    }

    #[test]
    fn a_part_that_is_never_closed_runs_to_the_end() {
        let body = b"--b\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n";
        assert_eq!(part(body, "b").as_deref(), Some("v=0\r\n"));
    }
}
