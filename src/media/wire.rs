//! What carries a leg's packets: two sockets of its own, or a pipe to a browser's connection.

use std::io;
use std::net::SocketAddr;

use super::batch::{Batch, Datagram};
use super::ports::Pair;
use crate::transport::pipe::{FAR_END, NEAR_END, PipeEnd};

/// Packets of a pipe that are taken in one tick.
const PIPED_MAX: usize = 64;

/// A leg's way to its far end and back.
#[derive(Debug)]
pub(super) enum Wire {
    /// RTP only: the browser's connection makes its own reports.
    Pipe(PipeEnd),
    Sockets(Pair),
}

impl Wire {
    /// Where the leg is.
    pub(super) fn local(&self) -> SocketAddr {
        match self {
            Self::Pipe(_) => NEAR_END,
            Self::Sockets(pair) => pair.local,
        }
    }

    /// Reads what RTP has come.
    pub(super) fn read(&mut self, batch: &mut Batch, mut take: impl FnMut(Datagram<'_>)) {
        match self {
            Self::Pipe(pipe) => {
                for _ in 0..PIPED_MAX {
                    let Some((arrived, bytes)) = pipe.take() else { return };
                    take(Datagram { bytes: &bytes, from: FAR_END, arrived: Some(arrived) });
                }
            }
            Self::Sockets(pair) => batch.read(&pair.rtp, take),
        }
    }

    /// Reads what RTCP has come.
    pub(super) fn read_reports(&self, batch: &mut Batch, take: impl FnMut(Datagram<'_>)) {
        match self {
            Self::Pipe(_) => {}
            Self::Sockets(pair) => batch.read(&pair.rtcp, take),
        }
    }

    /// Sends RTP.
    pub(super) fn send(&self, bytes: &[u8], to: SocketAddr) -> io::Result<()> {
        match self {
            Self::Pipe(pipe) => {
                pipe.send(bytes).then_some(()).ok_or(io::ErrorKind::WouldBlock.into())
            }
            Self::Sockets(pair) => pair.rtp.send_to(bytes, to).map(drop),
        }
    }

    /// Sends RTCP, where there is any.
    pub(super) fn send_report(&self, bytes: &[u8], to: SocketAddr) -> io::Result<()> {
        match self {
            Self::Pipe(_) => Ok(()),
            Self::Sockets(pair) => pair.rtcp.send_to(bytes, to).map(drop),
        }
    }
}
