//! Calls toward carriers.
