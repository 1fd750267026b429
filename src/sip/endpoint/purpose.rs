//! What a request of ours is for, and how it can end.

use crate::sip::event::{DialogId, RequestId};
use crate::sip::message::Message;

/// What a request is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Purpose {
    /// To end a dialog.
    Bye(DialogId),
    /// To open one.
    Invite(DialogId),
    /// Nothing depends on the answer: a CANCEL, the BYE of a fork.
    Nothing,
    /// [`Endpoint::options`](super::Endpoint::options).
    Options(RequestId),
    /// To acknowledge a reliable 1xx.
    Prack(DialogId),
    /// A session refresh by UPDATE.
    Refresh(DialogId),
    /// [`Endpoint::register`](super::Endpoint::register).
    Register(RequestId),
    /// New media, or a session refresh, by re-INVITE.
    Reinvite {
        /// In which dialog.
        dialog: DialogId,
        /// The owner has not asked for it.
        refresh: bool,
    },
}

/// How a request of ours ended, for an INVITE if not by a 2xx.
#[derive(Clone, Copy)]
pub enum Conclusion<'a> {
    /// By this final response.
    Response(&'a Message<'a>, u16),
    /// Nothing came.
    Timeout,
    /// It could not be sent.
    Unsent,
}

impl Conclusion<'_> {
    /// The final response's status.
    pub fn status(self) -> Option<u16> {
        match self {
            Self::Response(_, status) => Some(status),
            Self::Timeout | Self::Unsent => None,
        }
    }
}
