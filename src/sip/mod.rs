//! Bytes to dialogs and back.
