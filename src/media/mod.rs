//! RTP sockets.
