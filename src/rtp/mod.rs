//! Bytes to audio and back.
