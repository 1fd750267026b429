//! Why the endpoint wants to be woken.

/// Why the endpoint wants to be woken: RFC 3261's timers under their letters (§17, table 4), RFC
/// 6026's L and M, and the dialogs' own.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Reason {
    /// INVITE client, UDP: send the INVITE again.
    A,
    /// INVITE client: nobody answered.
    B,
    /// INVITE client: a final response other than 2xx is no longer expected again.
    D,
    /// Client: send the request again.
    E,
    /// Client: nobody answered.
    F,
    /// INVITE server: send the final response again.
    G,
    /// INVITE server: no ACK came.
    H,
    /// INVITE server: the ACK is no longer expected again.
    I,
    /// Server: the request is no longer expected again.
    J,
    /// Client: the response is no longer expected again.
    K,
    /// INVITE server: a 2xx went out; the INVITE is no longer expected again (RFC 6026).
    L,
    /// INVITE client: a 2xx came; further ones, of other forks too, are no longer expected
    /// (RFC 6026).
    M,
    /// Dialog: a CANCEL went out and no final response came within 64*T1 (RFC 3261 §9.1).
    CancelIgnored,
    /// Dialog: it is our turn to refresh the session (RFC 4028 §10).
    SessionRefresh,
    /// Dialog: the session ran out, nobody refreshed it (RFC 4028 §10).
    SessionExpired,
    /// INVITE server: 200 ms without a word from the owner, so a 100 goes out (RFC 3261 §17.2.1).
    Trying,
    /// Dialog: our 2xx has no ACK yet and goes out again (RFC 3261 §13.3.1.4).
    Unacknowledged,
}
