//! The strict pass: a message taken apart in place, or the reason why it is none.

use super::address::Address;
use super::grammar::{is_token, number, trim};
use super::name::Name;
use super::start::{Fault, Start, bad, has_control, request_line, status_line};
use super::via::{self, Via};

/// More headers than any peer sends; the rest of such a message is not even looked at.
const HEADERS_MAX: usize = 256;

/// A message that follows the grammar as far as the endpoint relies on it.
#[derive(Clone, Debug)]
pub struct Message<'a> {
    /// The first line.
    pub start: Start<'a>,
    fields: Vec<(Name<'a>, &'a str)>,
    /// The body, cut to its Content-Length.
    pub body: &'a [u8],
    /// The topmost Via.
    pub via: Via<'a>,
    /// How many Via values there are.
    pub vias: usize,
    /// The Call-ID.
    pub call_id: &'a str,
    /// From.
    pub from: Address<'a>,
    /// Its tag.
    pub from_tag: Option<&'a str>,
    /// To.
    pub to: Address<'a>,
    /// Its tag.
    pub to_tag: Option<&'a str>,
    /// The sequence number and method.
    pub cseq: CSeq<'a>,
}

/// CSeq (§20.16).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct CSeq<'a> {
    /// Below 2^31.
    pub number: u32,
    /// The method.
    pub method: &'a str,
}

/// A message that must not be acted on.
#[derive(Clone, Debug)]
pub struct Refused<'a> {
    /// The status that says so: 400, or 505 for another version.
    pub status: u16,
    /// What is wrong, for the reason phrase and the log.
    pub why: &'static str,
    /// The request's method; `None` for a response, which is dropped.
    pub method: Option<&'a str>,
    fields: Vec<(Name<'a>, &'a str)>,
}

impl<'a> Message<'a> {
    /// Takes a head apart; `rest` is what followed it in the datagram.
    ///
    /// # Errors
    /// [`Refused`] with the status to answer, when it was a request.
    pub fn parse(head: &'a str, rest: &'a [u8]) -> Result<Self, Refused<'a>> {
        let mut lines = head.lines();
        let first = lines.next().unwrap_or_default();
        let is_response = first.get(..4).is_some_and(|name| name.eq_ignore_ascii_case("SIP/"));
        let method = (!is_response).then(|| first.split(' ').next().unwrap_or_default());
        let mut fields = Vec::with_capacity(20);
        let outcome = read_fields(lines, &mut fields)
            .and_then(|()| if is_response { status_line(first) } else { request_line(first) })
            .and_then(|start| Draft::check(start, &fields, rest));
        match outcome {
            Err((status, why)) => Err(Refused { status, why, method, fields }),
            Ok(draft) => Ok(draft.into_message(fields)),
        }
    }

    /// Every header, in order.
    pub fn fields(&self) -> &[(Name<'a>, &'a str)] {
        &self.fields
    }

    /// The values of every header of that name, in order.
    pub fn all(&self, name: Name<'_>) -> impl Iterator<Item = &'a str> {
        self.fields.iter().filter(move |(known, _)| *known == name).map(|(_, value)| *value)
    }

    /// The value of the first header of that name.
    pub fn get(&self, name: Name<'_>) -> Option<&'a str> {
        self.all(name).next()
    }

    /// Whether a comma-separated list of tokens has this one: Supported, Require, Allow.
    pub fn lists(&self, name: Name<'_>, token: &str) -> bool {
        self.all(name)
            .flat_map(|value| value.split(','))
            .any(|known| trim(known).eq_ignore_ascii_case(token))
    }

    /// The method of a request, empty for a response.
    pub fn method(&self) -> &'a str {
        match self.start {
            Start::Request { method, .. } => method,
            Start::Response { .. } => "",
        }
    }
}

impl<'a> Refused<'a> {
    /// Every header that could be read, in order.
    pub fn fields(&self) -> &[(Name<'a>, &'a str)] {
        &self.fields
    }

    /// The topmost Via, without which there is no way back.
    pub fn via(&self) -> Option<Via<'a>> {
        let (_, value) = self.fields.iter().find(|(name, _)| *name == Name::Via)?;
        Via::parse(value.split(',').next()?)
    }
}

fn read_fields<'a>(
    lines: impl Iterator<Item = &'a str>,
    fields: &mut Vec<(Name<'a>, &'a str)>,
) -> Result<(), Fault> {
    for line in lines {
        if has_control(line) {
            return Err(bad("Control Character In Header"));
        }
        let (name, value) = line.split_once(':').ok_or(bad("Header Without Colon"))?;
        // Blanks before the colon are allowed (§7.3.1), nothing else.
        let name = name.trim_end_matches([' ', '\t']);
        if !is_token(name) {
            return Err(bad("Malformed Header Name"));
        }
        if fields.len() == HEADERS_MAX {
            return Err(bad("Too Many Headers"));
        }
        let name = Name::new(name);
        if name.is_single() && fields.iter().any(|(known, _)| *known == name) {
            return Err(bad("Repeated Header"));
        }
        fields.push((name, trim(value)));
    }
    Ok(())
}

/// A message whose headers are still with its maker.
struct Draft<'a> {
    start: Start<'a>,
    body: &'a [u8],
    via: Via<'a>,
    vias: usize,
    call_id: &'a str,
    from: Address<'a>,
    from_tag: Option<&'a str>,
    to: Address<'a>,
    to_tag: Option<&'a str>,
    cseq: CSeq<'a>,
}

impl<'a> Draft<'a> {
    fn check(
        start: Start<'a>,
        fields: &[(Name<'a>, &'a str)],
        rest: &'a [u8],
    ) -> Result<Self, Fault> {
        let get = |name| fields.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
        let (via, vias) = vias(fields)?;
        let call_id = get(Name::CallId).ok_or(bad("Missing Call-ID"))?;
        if call_id.is_empty() || call_id.contains([' ', '\t']) {
            return Err(bad("Malformed Call-ID"));
        }
        let from = get(Name::From).ok_or(bad("Missing From"))?;
        let (from, from_tag) = address(from).ok_or(bad("Malformed From"))?;
        let to = get(Name::To).ok_or(bad("Missing To"))?;
        let (to, to_tag) = address(to).ok_or(bad("Malformed To"))?;
        let cseq = get(Name::CSeq).ok_or(bad("Missing CSeq"))?;
        let cseq = cseq_of(cseq).ok_or(bad("Malformed CSeq"))?;
        let body = body(get(Name::ContentLength), rest)?;
        if let Start::Request { method, .. } = start {
            check_request(method, cseq, fields)?;
        }
        Ok(Self { start, body, via, vias, call_id, from, from_tag, to, to_tag, cseq })
    }

    fn into_message(self, fields: Vec<(Name<'a>, &'a str)>) -> Message<'a> {
        let Self { start, body, via, vias, call_id, from, from_tag, to, to_tag, cseq } = self;
        Message { start, fields, body, via, vias, call_id, from, from_tag, to, to_tag, cseq }
    }
}

fn vias<'a>(fields: &[(Name<'a>, &'a str)]) -> Result<(Via<'a>, usize), Fault> {
    let mut top = None;
    let mut count = 0;
    for (_, value) in fields.iter().filter(|(name, _)| *name == Name::Via) {
        let (first, values) = via::first_of(value).ok_or(bad("Malformed Via"))?;
        top.get_or_insert(first);
        count += values;
    }
    top.map(|via| (via, count)).ok_or(bad("Missing Via"))
}

fn address(value: &str) -> Option<(Address<'_>, Option<&str>)> {
    let address = Address::parse(value)?;
    let tag = address.tag()?;
    Some((address, tag))
}

fn cseq_of(value: &str) -> Option<CSeq<'_>> {
    let (digits, method) = value.split_once([' ', '\t'])?;
    let method = trim(method);
    let number = number::<u32>(digits).filter(|number| *number < 1 << 31)?;
    is_token(method).then_some(CSeq { number, method })
}

/// On a transport of datagrams a body longer than the datagram is an error and octets behind it are
/// ignored (§18.3).
fn body<'a>(content_length: Option<&str>, rest: &'a [u8]) -> Result<&'a [u8], Fault> {
    let Some(length) = content_length else { return Ok(rest) };
    let length = number::<usize>(length).ok_or(bad("Malformed Content-Length"))?;
    rest.get(..length).ok_or(bad("Body Shorter Than Content-Length"))
}

/// What only requests are held to. A response with such a fault still says how the request ended.
fn check_request(method: &str, cseq: CSeq<'_>, fields: &[(Name<'_>, &str)]) -> Result<(), Fault> {
    if cseq.method != method {
        return Err(bad("CSeq Method Differs"));
    }
    for (name, value) in fields {
        match name {
            Name::MaxForwards if number::<u32>(value).is_none_or(|hops| hops > 255) => {
                return Err(bad("Malformed Max-Forwards"));
            }
            Name::Contact if *value != "*" => {
                let valid = super::grammar::elements(value)
                    .all(|element| element.is_ok_and(|text| Address::parse(text).is_some()));
                if !valid {
                    return Err(bad("Malformed Contact"));
                }
            }
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPTIONS: &str = "OPTIONS sip:b@h SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\n\
                           From: <sip:a@h>;tag=1\r\nTo: <sip:b@h>\r\nCall-ID: c\r\n\
                           CSeq: 1 OPTIONS\r\n";

    #[test]
    fn a_request_is_taken_apart() {
        let message = Message::parse(OPTIONS, b"rest").unwrap();
        assert_eq!(message.start, Start::Request { method: "OPTIONS", uri: "sip:b@h" });
        assert_eq!(message.via.branch(), Some("z9hG4bK1"));
        assert_eq!((message.from_tag, message.to_tag), (Some("1"), None));
        assert_eq!(message.cseq, CSeq { number: 1, method: "OPTIONS" });
        assert_eq!(message.body, b"rest");
    }

    #[test]
    fn a_response_of_another_version_is_no_request() {
        let head = OPTIONS.replace("OPTIONS sip:b@h SIP/2.0", "SIP/3.0 200 OK");
        assert_eq!(Message::parse(&head, b"").unwrap_err().method, None);
    }

    fn fault_with(extra: &str) -> &'static str {
        let head = format!("{OPTIONS}{extra}\r\n");
        Message::parse(&head, b"abc").err().map_or("", |refused| refused.why)
    }

    #[test]
    fn what_is_ambiguous_is_refused() {
        assert_eq!(fault_with("l: 0"), "");
        assert_eq!(fault_with("l: -1"), "Malformed Content-Length");
        assert_eq!(fault_with("l: 4"), "Body Shorter Than Content-Length");
        assert_eq!(fault_with("l: 1\r\nl: 1"), "Repeated Header");
        assert_eq!(fault_with("i: other"), "Repeated Header");
        assert_eq!(fault_with("Max-Forwards: 300"), "Malformed Max-Forwards");
        assert_eq!(fault_with("no colon"), "Header Without Colon");
        assert_eq!(fault_with("a b: c"), "Malformed Header Name");
        assert_eq!(fault_with("a: b\u{1b}[2J"), "Control Character In Header");
    }

    #[test]
    fn another_version_is_refused_as_that() {
        let head = OPTIONS.replace("SIP/2.0\r\nVia", "SIP/7.0\r\nVia");
        assert_eq!(Message::parse(&head, b"").unwrap_err().status, 505);
    }
}
